package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"sort"
	"strings"
)

// Diff is one place where two answers differ.
type Diff struct {
	Where    string
	Upstream string
	Ours     string
}

// Headers that are part of the interface. Others say who answered, when, or how long it was.
var comparedHeaders = []string{
	"Content-Type", "Retry-After", "Allow", "Location", "Cache-Control", "Content-Encoding", "Vary",
	"WWW-Authenticate", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods",
	"Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Allow-Credentials",
	"X-Content-Type-Options", "Accept-Patch",
}

// compare says where two answers differ in what counts, and where in wording alone.
func compare(step Step, up, our answer) (diffs, words []Diff) {
	add := func(where, a, b string) {
		if a != b {
			diffs = append(diffs, Diff{where, clip(a, 300), clip(b, 300)})
		}
	}
	if up.response.Status != our.response.Status {
		return []Diff{
			{"status", fmt.Sprint(up.response.Status), fmt.Sprint(our.response.Status)},
			{"answer", gist(up.response), gist(our.response)},
		}, nil
	}
	add("protocol", up.response.Proto, our.response.Proto)
	for _, name := range comparedHeaders {
		add("header "+name, headerText(up.response.Header, name), headerText(our.response.Header, name))
	}
	upWarnings, ourWarnings := up.response.Header.Values("Warning"), our.response.Header.Values("Warning")
	sort.Strings(upWarnings)
	sort.Strings(ourWarnings)
	if len(upWarnings) != len(ourWarnings) {
		diffs = append(diffs, Diff{"header Warning", strings.Join(upWarnings, " | "), strings.Join(ourWarnings, " | ")})
	} else if a, b := strings.Join(upWarnings, " | "), strings.Join(ourWarnings, " | "); a != b {
		words = append(words, Diff{"header Warning", a, b})
	}
	if step.Tolerate && up.response.Status < 300 && our.response.Status < 300 {
		return diffs, words
	}
	upTree, upErr := decode(up.response.Body)
	ourTree, ourErr := decode(our.response.Body)
	if upErr != nil || ourErr != nil {
		if (upErr == nil) != (ourErr == nil) {
			add("body", clip(string(up.response.Body), 200), clip(string(our.response.Body), 200))
		} else if a, b := normaliseText(up.response.Body), normaliseText(our.response.Body); a != b {
			if isText(up.response.Header) && up.response.Status >= 400 {
				words = append(words, Diff{"body", clip(a, 300), clip(b, 300)})
			} else if isText(up.response.Header) {
				add("body", a, b)
			}
		}
		return diffs, words
	}
	bodyDiffs, bodyWords := compareTrees(normalise(upTree, up.said), normalise(ourTree, our.said))
	return append(diffs, bodyDiffs...), append(words, bodyWords...)
}

// gist is what an answer says where it says no, in short.
func gist(response *Response) string {
	if response.Status < 300 {
		return ""
	}
	tree, err := decode(response.Body)
	if err != nil {
		return clip(strings.TrimSpace(string(response.Body)), 200)
	}
	var fields []string
	list, _ := at(tree, "details.causes")
	if all, ok := list.([]any); ok {
		for _, cause := range all {
			reason, _ := at(cause, "reason")
			field, _ := at(cause, "field")
			fields = append(fields, fmt.Sprint(field, " ", reason))
		}
	}
	reason, _ := at(tree, "reason")
	message, _ := at(tree, "message")
	return fmt.Sprintf("%v %s: %s", reason, strings.Join(fields, ", "), clip(fmt.Sprint(message), 300))
}

func isText(header http.Header) bool {
	kind := header.Get("Content-Type")
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "yaml") || kind == ""
}

func headerText(header http.Header, name string) string {
	values := header.Values(name)
	if name == "Content-Type" {
		for i, value := range values {
			values[i] = strings.ReplaceAll(value, "; ", ";")
		}
	}
	return strings.Join(values, ", ")
}

// compareTrees walks two normalised trees side by side.
func compareTrees(up, our any) (diffs, words []Diff) {
	var walk func(path Path, a, b any)
	walk = func(path Path, a, b any) {
		switch upValue := a.(type) {
		case map[string]any:
			if ourValue, ok := b.(map[string]any); ok {
				for _, name := range union(upValue, ourValue) {
					x, inUp := upValue[name]
					y, inOur := ourValue[name]
					switch {
					case !inOur:
						diffs = append(diffs, Diff{path.with(key(name)).String(), clip(string(encode(x)), 200), "(absent)"})
					case !inUp:
						diffs = append(diffs, Diff{path.with(key(name)).String(), "(absent)", clip(string(encode(y)), 200)})
					default:
						walk(path.with(key(name)), x, y)
					}
				}
				return
			}
		case []any:
			if ourValue, ok := b.([]any); ok {
				for i := range max(len(upValue), len(ourValue)) {
					here := path.with(Place{"", i})
					switch {
					case i >= len(ourValue):
						diffs = append(diffs, Diff{here.String(), clip(string(encode(upValue[i])), 200), "(absent)"})
					case i >= len(upValue):
						diffs = append(diffs, Diff{here.String(), "(absent)", clip(string(encode(ourValue[i])), 200)})
					default:
						walk(here, upValue[i], ourValue[i])
					}
				}
				return
			}
		case worded:
			if ourValue, ok := b.(worded); ok {
				if upValue != ourValue {
					words = append(words, Diff{path.String(), clip(string(upValue), 400), clip(string(ourValue), 400)})
				}
				return
			}
		}
		if x, y := string(encode(a)), string(encode(b)); x != y {
			diffs = append(diffs, Diff{path.String(), clip(x, 200), clip(y, 200)})
		}
	}
	walk(nil, up, our)
	return diffs, words
}

func union(a, b map[string]any) []string {
	names := sortedKeys(a)
	for _, name := range sortedKeys(b) {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// possibleValues begins the part of a field's description in OpenAPI that lists its values.
const possibleValues = "Possible enum values:"

// valuesOf sets the values that a description lists apart from what it says about each, which is
// for people.
func valuesOf(description string) any {
	text, list, _ := strings.Cut(description, possibleValues)
	values, about := []any{}, ""
	for _, line := range strings.Split(list, "\n - `")[1:] {
		value, meaning, _ := strings.Cut(line, "`")
		values = append(values, value)
		about += meaning + "\n"
	}
	return map[string]any{"text": strings.TrimSpace(text), "values": values, "about": worded(about)}
}

// worded is text for people: its being there counts, its words do not.
type worded string

var (
	uuid       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	timestamp  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	address    = regexp.MustCompile(`^(10|127)\.\d+\.\d+\.\d+$`)
	age        = regexp.MustCompile(`^(\d+[smhd])+$|^<invalid>$`)
	credential = regexp.MustCompile(`^X509SHA256=[0-9a-f]+$`)
	suffixed   = regexp.MustCompile(`^(.*-)[bcdfghjklmnpqrstvwxz2456789]{5}$`)
	loopback   = regexp.MustCompile(`^(https://)?127\.0\.0\.1:\d+$`)
)

// normalise replaces what must differ from server to server by what it is. What the request itself
// said is kept.
func normalise(tree any, request []byte) any {
	said := string(request)
	uids := map[string]string{}
	var walk func(path Path, value any) any
	walk = func(path Path, value any) any {
		last := ""
		if len(path) > 0 {
			last = path[len(path)-1].Key
		}
		switch v := value.(type) {
		case map[string]any:
			status := isStatus(v)
			out := make(map[string]any, len(v))
			for _, name := range sortedKeys(v) { // in order, so that uids are numbered alike
				out[name] = walk(path.with(key(name)), v[name])
			}
			if status {
				if message, ok := v["message"].(string); ok {
					out["message"] = worded(message)
				}
				sortCauses(out)
			}
			if managers, ok := out["managedFields"].([]any); ok {
				// They are ordered by time, to the second: two requests of one second may be of two.
				sort.SliceStable(managers, func(i, j int) bool { return managerOf(managers[i]) < managerOf(managers[j]) })
			}
			if last == "f:metadata" || last == "labels" {
				return out
			}
			if generate, ok := v["generateName"].(string); ok {
				if name, ok := v["name"].(string); ok && strings.HasPrefix(name, generate) && !strings.Contains(said, name) {
					out["name"] = generate + "<suffix>"
				}
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, child := range v {
				out[i] = walk(path.with(Place{"", i}), child)
			}
			return out
		case json.Number:
			if (last == "nodePort" || last == "healthCheckNodePort") && !strings.Contains(said, v.String()) {
				return "<node port>"
			}
			if last == "expirationSeconds" {
				return value
			}
			return value
		case string:
			switch {
			case last == "description" && len(path) > 2 && path[len(path)-3].Key == "columnDefinitions":
				return worded(v)
			case last == "description" && strings.Contains(v, possibleValues):
				return valuesOf(v)
			case last == "resourceVersion" && v != "" && v != "0":
				return "<resource version>"
			case last == "continue" && v != "":
				return "<continue>"
			case last == "caBundle" || last == "token":
				if v != "" && !strings.Contains(said, v) {
					return "<" + last + ">"
				}
				return v
			case v == "" || strings.Contains(said, v):
				return v
			case timestamp.MatchString(v):
				return "<time>"
			case address.MatchString(v):
				return "<address>"
			case loopback.MatchString(v):
				return "<endpoint>"
			case age.MatchString(v):
				return "<age>"
			case credential.MatchString(v):
				return "<credential>"
			case suffixed.MatchString(v) && !strings.Contains(v, "/"):
				return value
			}
			return uuid.ReplaceAllStringFunc(v, func(match string) string {
				if strings.Contains(said, match) {
					return match
				}
				if _, ok := uids[match]; !ok {
					uids[match] = fmt.Sprintf("<uid %d>", len(uids)+1)
				}
				return uids[match]
			})
		}
		return value
	}
	return walk(nil, tree)
}

var (
	textTime    = regexp.MustCompile(`"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"?`)
	textVersion = regexp.MustCompile(`(resourceVersion: )"\d+"`)
)

// normaliseText does what normalise does, for a body that is no JSON.
func normaliseText(body []byte) string {
	text := textTime.ReplaceAllString(string(body), "<time>")
	text = textVersion.ReplaceAllString(text, "$1<resource version>")
	return uuid.ReplaceAllString(text, "<uid>")
}

func managerOf(entry any) string {
	fields, _ := entry.(map[string]any)
	return fmt.Sprint(fields["manager"], fields["operation"], fields["subresource"], fields["apiVersion"])
}

func isStatus(v map[string]any) bool {
	return v["kind"] == "Status" && v["apiVersion"] == "v1"
}

// sortCauses puts a Status's causes into one order and sets their messages apart.
func sortCauses(status map[string]any) {
	details, ok := status["details"].(map[string]any)
	if !ok {
		return
	}
	causes, ok := details["causes"].([]any)
	if !ok {
		return
	}
	order := func(i int) string {
		cause, _ := causes[i].(map[string]any)
		return fmt.Sprint(cause["field"], " ", cause["reason"])
	}
	sort.SliceStable(causes, func(i, j int) bool { return order(i) < order(j) })
	for _, cause := range causes {
		if fields, ok := cause.(map[string]any); ok {
			if message, ok := fields["message"].(string); ok {
				fields["message"] = worded(message)
			}
		}
	}
}
