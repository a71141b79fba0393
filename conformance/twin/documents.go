package main

import (
	"fmt"
	"strings"
)

// documentResults compares the documents in which a server describes itself: discovery and OpenAPI,
// a result for each type, path and resource in them.
func documentResults(upstream, ours *Target, world *World, sink func(Result)) {
	for _, name := range world.Documents {
		both(upstream, ours, "openapi-v3 "+name, "/openapi/v3/"+name, nil, sink, map[string]string{
			"components.schemas": "type", "paths": "path"})
	}
	both(upstream, ours, "openapi-v3", "/openapi/v3", nil, hashless(sink), map[string]string{"paths": "document"})
	both(upstream, ours, "openapi-v2", "/openapi/v2", nil, sink, map[string]string{"definitions": "type", "paths": "path", "parameters": "parameter"})
	for _, root := range world.Versions {
		both(upstream, ours, "discovery", root, nil, sink, map[string]string{"resources": "resource " + root})
	}
	both(upstream, ours, "discovery", "/apis", nil, sink, map[string]string{"groups": "group"})
	both(upstream, ours, "discovery", "/api", nil, sink, nil)
	aggregated := map[string]string{"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
	both(upstream, ours, "discovery aggregated", "/apis", aggregated, sink, map[string]string{"items": "group"})
	both(upstream, ours, "discovery aggregated", "/api", aggregated, sink, map[string]string{"items": "group"})
}

// hashless keeps the documents' hashes, which follow from their bytes, out of a comparison.
func hashless(sink func(Result)) func(Result) {
	return func(r Result) {
		var kept []Diff
		for _, diff := range r.Diffs {
			if strings.HasSuffix(diff.Where, "serverRelativeURL") && diff.Ours != "(absent)" {
				if strings.Split(diff.Upstream, "?")[0] == strings.Split(diff.Ours, "?")[0] {
					continue
				}
			}
			kept = append(kept, diff)
		}
		r.Diffs = kept
		sink(r)
	}
}

// both fetches a document from both servers and compares it: the entries at the given places each
// by itself, the rest as one.
func both(upstream, ours *Target, kind, path string, header map[string]string, sink func(Result), places map[string]string) {
	if header == nil {
		header = map[string]string{"Accept": "application/json"}
	}
	var trees [2]any
	for i, target := range []*Target{upstream, ours} {
		response, err := target.do("GET", path, header, nil)
		if err == nil && response.Status == 200 {
			trees[i], err = decode(response.Body)
		}
		if err != nil || trees[i] == nil {
			diff := Diff{"document", "", ""}
			said := fmt.Sprint(err)
			if response != nil {
				said = fmt.Sprint(response.Status)
			}
			if i == 0 {
				diff.Upstream = said
			} else {
				diff.Ours = said
			}
			sink(Result{Resource: "documents", Kind: kind, Name: path, Request: "GET " + path, Diffs: []Diff{diff}})
			return
		}
		trees[i] = normalise(trees[i], nil)
	}
	emit := func(name string, up, our any) {
		result := Result{Resource: "documents", Kind: kind, Name: name, Request: "GET " + path}
		result.Diffs, result.Words = compareTrees(up, our)
		sink(result)
	}
	for _, place := range sortedKeys(places) {
		up, our := entries(trees[0], place), entries(trees[1], place)
		for _, name := range union(up, our) {
			emit(places[place]+" "+name, present(up, name), present(our, name))
		}
		remove(trees[0], parsePath(place))
		remove(trees[1], parsePath(place))
	}
	emit("rest of "+path, trees[0], trees[1])
}

func present(m map[string]any, name string) any {
	if value, ok := m[name]; ok {
		return value
	}
	return "(absent)"
}

// entries makes a map of what stands at a place, by key or by name.
func entries(tree any, place string) map[string]any {
	value, _ := at(tree, place)
	switch v := value.(type) {
	case map[string]any:
		return v
	case []any:
		out := map[string]any{}
		for i, element := range v {
			name := fmt.Sprint(i)
			for _, where := range []string{"name", "metadata.name"} {
				if found, ok := at(element, where); ok {
					name = fmt.Sprint(found)
				}
			}
			out[name] = element
		}
		return out
	}
	return map[string]any{}
}
