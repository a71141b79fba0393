package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// decode reads JSON into a tree of map[string]any, []any, string, json.Number, bool and nil.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return tree, nil
}

func encode(tree any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(tree); err != nil {
		panic(err) // trees come from decode or from literals
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

func mustDecode(text string) any {
	tree, err := decode([]byte(text))
	if err != nil {
		panic(fmt.Sprintf("%v in %s", err, text))
	}
	return tree
}

func clone(tree any) any {
	switch value := tree.(type) {
	case map[string]any:
		copied := make(map[string]any, len(value))
		for key, child := range value {
			copied[key] = clone(child)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, child := range value {
			copied[i] = clone(child)
		}
		return copied
	}
	return tree
}

// Place is one step of a path: a key of an object or an index of a list.
type Place struct {
	Key   string
	Index int // -1 for a key
}

func key(name string) Place { return Place{name, -1} }

// Path leads to a value in a tree.
type Path []Place

func (p Path) with(place Place) Path { return append(p[:len(p):len(p)], place) }

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_$-]+$`)

func (p Path) String() string {
	var out strings.Builder
	for _, place := range p {
		switch {
		case place.Index >= 0:
			fmt.Fprintf(&out, "[%d]", place.Index)
		case plainKey.MatchString(place.Key):
			if out.Len() > 0 {
				out.WriteByte('.')
			}
			out.WriteString(place.Key)
		default:
			fmt.Fprintf(&out, "[%s]", place.Key)
		}
	}
	return out.String()
}

// parsePath reads what String writes, and the field paths of a Status's causes.
func parsePath(text string) Path {
	var path Path
	for text != "" {
		switch {
		case text[0] == '.':
			text = text[1:]
		case text[0] == '[':
			end := strings.IndexByte(text, ']')
			if end < 0 {
				return path
			}
			inner := text[1:end]
			if index, err := strconv.Atoi(inner); err == nil {
				path = append(path, Place{"", index})
			} else {
				path = append(path, key(inner))
			}
			text = text[end+1:]
		default:
			end := strings.IndexAny(text, ".[")
			if end < 0 {
				end = len(text)
			}
			path = append(path, key(text[:end]))
			text = text[end:]
		}
	}
	return path
}

func at(tree any, path string) (any, bool) { return lookup(tree, parsePath(path)) }

func lookup(tree any, path Path) (any, bool) {
	for _, place := range path {
		switch value := tree.(type) {
		case map[string]any:
			name := place.Key
			if place.Index >= 0 {
				name = strconv.Itoa(place.Index)
			}
			child, ok := value[name]
			if !ok {
				return nil, false
			}
			tree = child
		case []any:
			if place.Index < 0 || place.Index >= len(value) {
				return nil, false
			}
			tree = value[place.Index]
		default:
			return nil, false
		}
	}
	return tree, true
}

// put replaces or adds the value at a path whose parent is there; returns the tree.
func put(tree any, path Path, value any) any {
	if len(path) == 0 {
		return value
	}
	place := path[0]
	switch parent := tree.(type) {
	case map[string]any:
		parent[place.Key] = put(parent[place.Key], path[1:], value)
	case []any:
		if place.Index >= 0 && place.Index < len(parent) {
			parent[place.Index] = put(parent[place.Index], path[1:], value)
		}
	case nil:
		if place.Index < 0 {
			return map[string]any{place.Key: put(nil, path[1:], value)}
		}
		if place.Index == 0 {
			return []any{put(nil, path[1:], value)}
		}
	}
	return tree
}

// remove takes the value at a path away; returns the tree.
func remove(tree any, path Path) any {
	if len(path) == 0 {
		return tree
	}
	place := path[0]
	switch parent := tree.(type) {
	case map[string]any:
		name := place.Key
		if place.Index >= 0 {
			name = strconv.Itoa(place.Index)
		}
		if len(path) == 1 {
			delete(parent, name)
		} else if child, ok := parent[name]; ok {
			parent[name] = remove(child, path[1:])
		}
	case []any:
		if place.Index < 0 || place.Index >= len(parent) {
			return tree
		}
		if len(path) == 1 {
			return append(parent[:place.Index:place.Index], parent[place.Index+1:]...)
		}
		parent[place.Index] = remove(parent[place.Index], path[1:])
	}
	return tree
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:limit] + "…"
}
