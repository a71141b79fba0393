package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Schema is one type of an OpenAPI v3 document.
type Schema struct {
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	Ref                  string             `json:"$ref"`
	AllOf                []*Schema          `json:"allOf"`
	OneOf                []*Schema          `json:"oneOf"`
	Items                *Schema            `json:"items"`
	Properties           map[string]*Schema `json:"properties"`
	AdditionalProperties *Schema            `json:"additionalProperties"`
	Required             []string           `json:"required"`
	Enum                 []any              `json:"enum"`
	Kinds                []GVK              `json:"x-kubernetes-group-version-kind"`
}

// GVK names a kind.
type GVK struct{ Group, Version, Kind string }

func (g GVK) apiVersion() string {
	if g.Group == "" {
		return g.Version
	}
	return g.Group + "/" + g.Version
}

// Schemas are the types of all documents by name.
type Schemas map[string]*Schema

// resolve follows a reference; the name is "" for a type written in place.
func (s Schemas) resolve(schema *Schema) (string, *Schema) {
	ref := schema.Ref
	if ref == "" && len(schema.AllOf) == 1 {
		ref = schema.AllOf[0].Ref
	}
	if ref == "" {
		return "", schema
	}
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	if target, ok := s[name]; ok {
		return name, target
	}
	return name, &Schema{}
}

// Resource is one served resource, as discovery tells.
type Resource struct {
	GVK
	Plural       string
	Namespaced   bool
	Verbs        []string
	Subresources map[string]Subresource
	TypeName     string // of its kind in Schemas
}

// Subresource as discovery tells.
type Subresource struct {
	GVK
	Verbs []string
}

func (r *Resource) name() string {
	if r.Group == "" {
		return r.Plural
	}
	return r.Plural + "." + r.Group
}

func (r *Resource) root() string {
	if r.Group == "" {
		return "/api/" + r.Version
	}
	return "/apis/" + r.Group + "/" + r.Version
}

// collection is the path of all objects, of one namespace where there are namespaces.
func (r *Resource) collection(namespace string) string {
	if r.Namespaced {
		return r.root() + "/namespaces/" + namespace + "/" + r.Plural
	}
	return r.root() + "/" + r.Plural
}

func (r *Resource) can(verb string) bool {
	for _, known := range r.Verbs {
		if known == verb {
			return true
		}
	}
	return false
}

// World is what upstream says it serves.
type World struct {
	Schemas   Schemas
	Resources []*Resource
	Documents []string // OpenAPI v3 documents, as "apis/apps/v1"
	Versions  []string // "/api/v1", "/apis/apps/v1"…
}

// discover reads upstream's discovery and OpenAPI documents.
func discover(upstream *Target) (*World, error) {
	world := &World{Schemas: Schemas{}}
	index, err := upstream.get("/openapi/v3")
	if err != nil {
		return nil, err
	}
	paths, _ := at(index, "paths")
	documents, ok := paths.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("upstream's /openapi/v3 names no documents")
	}
	for _, name := range sortedKeys(documents) {
		world.Documents = append(world.Documents, name)
		response, err := upstream.do("GET", "/openapi/v3/"+name, map[string]string{"Accept": "application/json"}, nil)
		if err != nil {
			return nil, err
		}
		var document struct {
			Components struct{ Schemas Schemas }
		}
		if err := json.Unmarshal(response.Body, &document); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for name, schema := range document.Components.Schemas {
			world.Schemas[name] = schema
		}
	}
	kinds := map[GVK]string{}
	for name, schema := range world.Schemas {
		if len(schema.Kinds) == 1 {
			kinds[schema.Kinds[0]] = name
		}
	}
	versions := []GVK{{Version: "v1"}}
	groups, err := upstream.get("/apis")
	if err != nil {
		return nil, err
	}
	list, _ := at(groups, "groups")
	for i := range list.([]any) {
		all, _ := at(list, fmt.Sprintf("[%d].versions", i))
		group, _ := at(list, fmt.Sprintf("[%d].name", i))
		for j := range all.([]any) {
			version, _ := at(all, fmt.Sprintf("[%d].version", j))
			versions = append(versions, GVK{Group: group.(string), Version: version.(string)})
		}
	}
	for _, version := range versions {
		root := (&Resource{GVK: version}).root()
		world.Versions = append(world.Versions, root)
		response, err := upstream.do("GET", root, nil, nil)
		if err != nil {
			return nil, err
		}
		var served struct {
			Resources []struct {
				Name, Kind, Group, Version string
				Namespaced                 bool
				Verbs                      []string
			}
		}
		if err := json.Unmarshal(response.Body, &served); err != nil {
			return nil, fmt.Errorf("%s: %w", root, err)
		}
		byName := map[string]*Resource{}
		for _, entry := range served.Resources {
			name, sub, isSub := strings.Cut(entry.Name, "/")
			gvk := GVK{version.Group, version.Version, entry.Kind}
			if isSub {
				if entry.Version != "" {
					gvk.Group, gvk.Version = entry.Group, entry.Version
				}
				if parent, ok := byName[name]; ok {
					parent.Subresources[sub] = Subresource{gvk, entry.Verbs}
				}
				continue
			}
			resource := &Resource{GVK: gvk, Plural: name, Namespaced: entry.Namespaced, Verbs: entry.Verbs,
				Subresources: map[string]Subresource{}, TypeName: kinds[gvk]}
			byName[name] = resource
			world.Resources = append(world.Resources, resource)
		}
	}
	return world, nil
}
