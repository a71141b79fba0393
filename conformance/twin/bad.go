package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// mutant is an object with one thing wrong.
type mutant struct {
	path Path
	what string
	body []byte
}

// badCases sends every mutant of an object as a create, and as an update of the object, both as dry
// runs: upstream validates all the same, and nothing needs to be taken away.
func badCases(schemas Schemas, r *Resource, ns string, filled map[string]any) []Case {
	var cases []Case
	s := &sequence{resource: r, ns: ns}
	create := r.collection(ns) + "?dryRun=All"
	object := s.named(filled, "bad")
	all := mutants(schemas, schemas[r.TypeName], object)
	for _, m := range all {
		query := ""
		if m.what == "unknown" || m.what == "twice" {
			query = "&fieldValidation=Strict"
		}
		cases = append(cases, Case{r.name(), []Step{{Kind: "bad create", Name: m.path.String() + " " + m.what, Method: "POST", Path: create + query, Body: m.body}}})
	}
	if !r.can("update") {
		return cases
	}
	// A stretch of updates has an object of its own, so that several can run at once.
	count := len(changes(schemas, schemas[r.TypeName], with(clone(object).(map[string]any), "metadata.resourceVersion", "{{rv}}")))
	for from := 0; from < count; from += stretch {
		name := fmt.Sprintf("bad-%d", from/stretch)
		ground := s.named(filled, name)
		part := &sequence{resource: r, ns: ns}
		part.add("", "", "POST", r.collection(ns), ground, bind("rv", "metadata.resourceVersion"))
		// Some kinds can only be updated by who knows the version.
		versioned := with(clone(ground).(map[string]any), "metadata.resourceVersion", "{{rv}}")
		for _, m := range changes(schemas, schemas[r.TypeName], versioned)[from:min(count, from+stretch)] {
			part.steps = append(part.steps, Step{Kind: "bad update", Name: m.path.String() + " " + m.what, Method: "PUT", Path: part.path(s.id(name), "?dryRun=All"), Body: m.body})
		}
		part.remove(s.id(name))
		cases = append(cases, part.done())
	}
	return cases
}

const stretch = 60

// visit calls f with each value of an object and its schema.
func visit(schemas Schemas, schema *Schema, value any, path Path, f func(path Path, owner *Schema, schema *Schema, value any)) {
	_, target := schemas.resolve(schema)
	f(path, target, schema, value)
	switch v := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			child := target.Properties[name]
			if child == nil {
				child = target.AdditionalProperties
			}
			if child == nil {
				child = &Schema{}
			}
			visit(schemas, child, v[name], path.with(key(name)), f)
		}
	case []any:
		child := target.Items
		if child == nil {
			child = &Schema{}
		}
		for i, element := range v {
			visit(schemas, child, element, path.with(Place{"", i}), f)
		}
	}
}

const numberTooLarge = "3000000000" // for 32 bits

func mutants(schemas Schemas, schema *Schema, object map[string]any) []mutant {
	var all []mutant
	visit(schemas, schema, object, nil, func(path Path, target, _ *Schema, value any) {
		add := func(what string, other any) {
			all = append(all, mutant{path, what, encode(put(clone(object), path, other))})
		}
		if len(path) > 0 {
			all = append(all, mutant{path, "missing", encode(remove(clone(object), path))})
		}
		switch v := value.(type) {
		case map[string]any:
			if len(path) > 0 {
				add("a list", []any{})
				add("empty", map[string]any{})
			}
			if len(target.Properties) > 0 {
				add("unknown", extended(v, "twinUnknown", "x"))
				all = append(all, mutant{path, "twice", twice(object, path)})
			} else if target.AdditionalProperties != nil {
				for _, element := range v {
					add("odd key", extended(v, "odd key!", element))
					add("empty key", extended(v, "", element))
					add("long key", extended(v, strings.Repeat("k", 300), element))
					break
				}
			}
		case []any:
			add("an object", map[string]any{"x": "y"})
			add("empty", []any{})
			if len(v) > 0 {
				add("repeated", append(clone(v).([]any), clone(v[0])))
			}
		case string:
			add("a number", json.Number("5"))
			add("an object", map[string]any{"x": "y"})
			add("empty", "")
			add("odd", "Odd_Value!")
			add("long", strings.Repeat("l", 300))
			if len(target.Enum) > 0 {
				add("not known", strings.ToLower(v)+"Twin")
			}
			if strings.Contains(v, "/") || strings.Contains(v, ".") {
				add("climbing", "../up")
			}
		case json.Number:
			add("a string", "five")
			add("a fraction", json.Number("1.5"))
			add("negative", json.Number("-1"))
			add("zero", json.Number("0"))
			add("large", json.Number("70000"))
			add("too large", json.Number(numberTooLarge))
		case bool:
			add("a string", "true")
			add("a number", json.Number("1"))
			add("other", !v)
		}
	})
	return all
}

func extended(object map[string]any, name string, value any) map[string]any {
	copied := clone(object).(map[string]any)
	copied[name] = value
	return copied
}

// marker stands in an encoded object where a field is to stand a second time.
const marker = `"twinTwice":"x"`

// twice writes an object's first field a second time.
func twice(object map[string]any, path Path) []byte {
	value, _ := lookup(object, path)
	fields, _ := value.(map[string]any)
	for _, name := range sortedKeys(fields) {
		marked := encode(put(clone(object), path, extended(fields, "twinTwice", "x")))
		again := append(append(encode(name), ':'), encode(fields[name])...)
		return bytes.Replace(marked, []byte(marker), again, 1)
	}
	return encode(object)
}

// changes are objects with one thing other than it was, each by itself a fair value.
func changes(schemas Schemas, schema *Schema, object map[string]any) []mutant {
	var all []mutant
	visit(schemas, schema, object, nil, func(path Path, target, _ *Schema, value any) {
		if len(path) == 0 || len(path) == 1 && path[0].Key == "metadata" {
			return
		}
		add := func(what string, other any) {
			all = append(all, mutant{path, what, encode(put(clone(object), path, other))})
		}
		all = append(all, mutant{path, "taken away", encode(remove(clone(object), path))})
		switch v := value.(type) {
		case []any:
			if len(v) > 1 {
				turned := clone(v).([]any)
				turned[0], turned[1] = turned[1], turned[0]
				add("reordered", turned)
			}
		case map[string]any:
			if target.AdditionalProperties != nil {
				for _, name := range sortedKeys(v) {
					add("one more", extended(v, "twin-more", v[name]))
					break
				}
			}
		case string:
			add("changed", v+"x")
			for _, other := range target.Enum {
				if other != v {
					add("to another", other)
					break
				}
			}
		case json.Number:
			n, _ := v.Int64()
			add("changed", json.Number(fmt.Sprint(n+1)))
		case bool:
			add("changed", !v)
		}
	})
	return all
}
