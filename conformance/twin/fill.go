package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// What a field is given where its type alone does not say: "Type.field" or "Type" and a JSON value,
// or "-" to leave the field out.
//
//go:embed values.tsv
var valuesText string

// Filler makes objects from schemas.
type Filler struct {
	schemas Schemas
	values  map[string]string
	// Dropped tells what upstream did not accept, by resource: for who tends values.tsv.
	Dropped map[string][]string
}

func newFiller(schemas Schemas) (*Filler, error) {
	filler := &Filler{schemas, map[string]string{}, map[string][]string{}}
	for number, line := range strings.Split(valuesText, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "\t")
		if !ok || value != "-" && !json.Valid([]byte(value)) {
			return nil, fmt.Errorf("values.tsv:%d: want a name, a tab and JSON or '-'", number+1)
		}
		filler.values[name] = value
	}
	return filler, nil
}

// deepest is where a type that contains itself ends.
const deepest = 9

func short(typeName string) string { return typeName[strings.LastIndexByte(typeName, '.')+1:] }

// fill makes a value of a type with every field set; ok is false where nothing is to be set.
func (f *Filler) fill(schema *Schema, owner, field string, depth int) (value any, ok bool) {
	if text, known := f.values[owner+"."+field]; known {
		if text == "-" {
			return nil, false
		}
		return mustDecode(text), true
	}
	name, target := f.schemas.resolve(schema)
	if name != "" {
		if text, known := f.values[short(name)]; known {
			if text == "-" {
				return nil, false
			}
			return mustDecode(text), true
		}
	}
	if depth > deepest {
		return nil, false
	}
	if len(schema.Enum) > 0 {
		return schema.Enum[0], true
	}
	switch target.Type {
	case "object":
		if len(target.Properties) > 0 {
			object := map[string]any{}
			for _, property := range sortedKeys(target.Properties) {
				if child, ok := f.fill(target.Properties[property], short(name), property, depth+1); ok {
					object[property] = child
				}
			}
			return object, true
		}
		if target.AdditionalProperties != nil {
			child, ok := f.fill(target.AdditionalProperties, owner, field+"{}", depth+1)
			return map[string]any{"twin": child}, ok
		}
		return nil, false
	case "array":
		child, ok := f.fill(target.Items, owner, field+"[]", depth+1)
		if !ok {
			return nil, false
		}
		return []any{child}, true
	case "string":
		switch target.Format {
		case "date-time":
			return "2026-01-02T03:04:05Z", true
		case "byte":
			return "dHdpbg==", true
		}
		return "twin", true
	case "integer":
		return json.Number("1"), true
	case "number":
		return json.Number("1"), true
	case "boolean":
		return true, true
	}
	return nil, false
}

// whole fills an object of a resource, its status left out, and takes away what upstream refuses.
func (f *Filler) whole(upstream *Target, r *Resource, namespace string) (map[string]any, error) {
	value, ok := f.fill(&Schema{Ref: r.TypeName}, "", r.Plural, 0)
	object, isObject := value.(map[string]any)
	if !ok || !isObject {
		return nil, fmt.Errorf("%s has no schema", r.name())
	}
	delete(object, "status")
	placed, err := decode(bytes.ReplaceAll(encode(object), []byte("{{ns}}"), []byte(namespace)))
	if err != nil {
		return nil, err
	}
	object = placed.(map[string]any)
	identify(object, r, "filled")
	for range 80 {
		response, err := upstream.do("POST", r.collection(namespace)+"?dryRun=All", nil, encode(object))
		if err != nil {
			return nil, err
		}
		if response.Status < 300 {
			return object, nil
		}
		fields := causes(response)
		changed := false
		for _, field := range fields {
			if path, ok := existing(object, field); ok && len(path) > 0 && path.String() != "metadata.name" {
				remove(object, path)
				f.Dropped[r.name()] = append(f.Dropped[r.name()], path.String()+"  // "+field)
				changed = true
				break
			}
		}
		if !changed {
			return nil, fmt.Errorf("%s: upstream refuses the filled object: %s", r.name(), clip(string(response.Body), 600))
		}
	}
	return nil, fmt.Errorf("%s: no filled object was found", r.name())
}

// least keeps of a filled object only what upstream insists on.
func (f *Filler) least(upstream *Target, r *Resource, namespace string, filled map[string]any) (map[string]any, error) {
	object := map[string]any{}
	identify(object, r, "least")
	seen := map[string]bool{}
	for range 40 {
		response, err := upstream.do("POST", r.collection(namespace)+"?dryRun=All", nil, encode(object))
		if err != nil {
			return nil, err
		}
		if response.Status < 300 {
			return object, nil
		}
		changed := false
		for _, field := range causes(response) {
			path := parsePath(field)
			for len(path) > 0 {
				value, there := lookup(filled, path)
				if there && !seen[path.String()] {
					seen[path.String()] = true
					put(object, path, clone(value))
					changed = true
					break
				}
				path = path[:len(path)-1]
			}
			if changed {
				break
			}
		}
		if !changed {
			return nil, fmt.Errorf("%s: upstream refuses the least object %s: %s", r.name(), encode(object), clip(string(response.Body), 600))
		}
	}
	return nil, fmt.Errorf("%s: no least object was found", r.name())
}

func identify(object map[string]any, r *Resource, name string) {
	object["apiVersion"] = r.apiVersion()
	object["kind"] = r.Kind
	if !r.can("get") {
		delete(object, "metadata") // what is asked, not kept, has no name
		return
	}
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
		object["metadata"] = metadata
	}
	metadata["name"] = objectName(r, name)
}

// objectName is a name that the kind accepts; some kinds say what it must look like.
func objectName(r *Resource, name string) string {
	switch r.Plural {
	case "customresourcedefinitions":
		return name + "s.example.com"
	case "apiservices":
		return "v1." + name + ".example.com"
	case "ipaddresses":
		return addressName(name)
	case "certificatesigningrequests", "clustertrustbundles":
		return "example.com:" + name
	}
	return name
}

// causes are the fields that a Status complains of.
func causes(response *Response) []string {
	tree, err := decode(response.Body)
	if err != nil {
		return nil
	}
	list, _ := at(tree, "details.causes")
	all, _ := list.([]any)
	var fields []string
	for _, cause := range all {
		if field, ok := at(cause, "field"); ok {
			fields = append(fields, strings.TrimPrefix(field.(string), "."))
		}
	}
	return fields
}

// existing shortens a field's path until it leads to something.
func existing(object any, field string) (Path, bool) {
	path := parsePath(field)
	for len(path) > 0 {
		if _, ok := lookup(object, path); ok {
			return path, true
		}
		path = path[:len(path)-1]
	}
	return nil, false
}
