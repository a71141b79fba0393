package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Media types that requests name.
const (
	jsonPatch      = "application/json-patch+json"
	mergePatch     = "application/merge-patch+json"
	strategicPatch = "application/strategic-merge-patch+json"
	applyPatch     = "application/apply-patch+yaml"
	tableAccept    = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
	partialAccept  = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
	partialsAccept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
)

// sequence is a case being written down.
type sequence struct {
	resource *Resource
	ns       string
	steps    []Step
}

func (s *sequence) add(kind, name, method, path string, body any, change ...func(*Step)) {
	step := Step{Kind: kind, Name: name, Method: method, Path: path}
	switch content := body.(type) {
	case nil:
	case string:
		step.Body = []byte(content)
	default:
		step.Body = encode(content)
	}
	for _, f := range change {
		f(&step)
	}
	s.steps = append(s.steps, step)
}

func header(name, value string) func(*Step) {
	return func(s *Step) {
		if s.Header == nil {
			s.Header = map[string]string{}
		}
		s.Header[name] = value
	}
}

func bind(name, path string) func(*Step) {
	return func(s *Step) {
		if s.Bind == nil {
			s.Bind = map[string]string{}
		}
		s.Bind[name] = path
	}
}

func tolerate(s *Step) { s.Tolerate = true }

func (s *sequence) path(name string, parts ...string) string {
	return s.resource.collection(s.ns) + "/" + name + strings.Join(parts, "")
}

func (s *sequence) done() Case { return Case{Resource: s.resource.name(), Steps: s.steps} }

// named is a copy of an object under another name.
func (s *sequence) named(object map[string]any, name string) map[string]any {
	copied := clone(object).(map[string]any)
	if !s.resource.can("get") {
		return copied
	}
	copied["metadata"].(map[string]any)["name"] = objectName(s.resource, name)
	switch s.resource.Plural {
	case "customresourcedefinitions":
		put(copied, parsePath("spec.names.plural"), name+"s")
		put(copied, parsePath("spec.names.singular"), name)
		put(copied, parsePath("spec.names.kind"), strings.ToUpper(name[:1])+name[1:])
		remove(copied, parsePath("spec.names.shortNames"))
	case "apiservices":
		put(copied, parsePath("spec.group"), name+".example.com")
	}
	return copied
}

func (s *sequence) id(name string) string { return objectName(s.resource, name) }

// addressName turns a name into an IP address, as IPAddress objects are named.
func addressName(name string) string {
	sum := 0
	for _, c := range name {
		sum = (sum*31 + int(c)) % 65025
	}
	return fmt.Sprintf("172.20.%d.%d", sum/255, sum%255)
}

// verbCases asks one resource for everything that it can do.
func verbCases(r *Resource, ns string, least, filled map[string]any) []Case {
	var cases []Case
	fresh := func() *sequence { return &sequence{resource: r, ns: ns} }
	if !r.can("get") {
		s := fresh()
		s.add("create", "least", "POST", r.collection(ns), least)
		s.add("create", "filled", "POST", r.collection(ns), filled)
		s.add("create", "empty", "POST", r.collection(ns), map[string]any{"apiVersion": r.apiVersion(), "kind": r.Kind})
		return []Case{s.done()}
	}
	cases = append(cases, readCase(fresh(), least, filled), updateCase(fresh(), least, filled), patchCase(fresh(), filled),
		applyCase(fresh(), least, filled), createCase(fresh(), least, filled), deleteCase(fresh(), least))
	if r.can("deletecollection") {
		cases = append(cases, collectionCase(fresh(), least))
	}
	if r.can("watch") {
		cases = append(cases, watchCase(fresh(), least))
	}
	if sub, ok := r.Subresources["status"]; ok && len(sub.Verbs) > 1 {
		cases = append(cases, statusCase(fresh(), filled))
	}
	if _, ok := r.Subresources["scale"]; ok {
		cases = append(cases, scaleCase(fresh(), least))
	}
	return cases
}

func readCase(s *sequence, least, filled map[string]any) Case {
	a, b := s.id("read-a"), s.id("read-b")
	s.add("create", "least", "POST", s.resource.collection(s.ns), s.named(least, "read-a"))
	s.add("create", "filled", "POST", s.resource.collection(s.ns), s.named(filled, "read-b"))
	for _, each := range [][2]string{{"least", a}, {"filled", b}} {
		name, id := each[0], each[1]
		s.add("get", name, "GET", s.path(id), nil)
		s.add("get", name+" pretty", "GET", s.path(id, "?pretty=true"), nil)
		s.add("get", name+" yaml", "GET", s.path(id), nil, header("Accept", "application/yaml"))
		s.add("get", name+" protobuf", "GET", s.path(id), nil, header("Accept", "application/vnd.kubernetes.protobuf"))
		s.add("table", name, "GET", s.path(id), nil, header("Accept", tableAccept))
		s.add("table", name+" with object", "GET", s.path(id, "?includeObject=Object"), nil, header("Accept", tableAccept))
		s.add("table", name+" alone", "GET", s.path(id, "?includeObject=None"), nil, header("Accept", tableAccept))
		s.add("partial", name, "GET", s.path(id), nil, header("Accept", partialAccept))
	}
	s.add("get", "absent", "GET", s.path(s.id("absent")), nil)
	list := s.resource.collection(s.ns)
	one := "?fieldSelector=metadata.name%3D" + b
	s.add("list", "by name", "GET", list+one, nil)
	s.add("list", "by label", "GET", list+one+"&labelSelector=app%3Dtwin", nil)
	s.add("list", "by another label", "GET", list+one+"&labelSelector=app%3Dother", nil)
	s.add("list", "by set", "GET", list+one+"&labelSelector=app+in+(twin,b),!absent", nil)
	s.add("list", "with a wrong label selector", "GET", list+"?labelSelector=a+b+c", nil)
	s.add("list", "with a wrong field selector", "GET", list+"?fieldSelector=spec.nothing%3D1", nil)
	s.add("list", "with a wrong limit", "GET", list+"?limit=x", nil)
	s.add("list", "with a wrong resourceVersion", "GET", list+"?resourceVersion=x", nil)
	s.add("list", "with resourceVersionMatch alone", "GET", list+"?resourceVersionMatch=Exact", nil)
	s.add("list", "with a wrong continue", "GET", list+"?continue=x", nil)
	s.add("list", "from any version", "GET", list+one+"&resourceVersion=0", nil)
	if s.resource.Namespaced {
		s.add("list", "limited", "GET", list+one+"&limit=1", nil)
		s.add("list", "of all namespaces", "GET", s.resource.root()+"/"+s.resource.Plural+one, nil)
		s.add("list", "of an absent namespace", "GET", s.resource.collection("absent"), nil)
	}
	s.add("table", "list", "GET", list+one, nil, header("Accept", tableAccept))
	s.add("table", "list of none", "GET", list+"?labelSelector=no%3Dnone", nil, header("Accept", tableAccept))
	s.add("partial", "list", "GET", list+one, nil, header("Accept", partialsAccept))
	s.add("list", "protobuf", "GET", list+one, nil, header("Accept", "application/vnd.kubernetes.protobuf"))
	s.add("list", "unacceptable", "GET", list+one, nil, header("Accept", "text/plain"))
	s.remove(a, b)
	return s.done()
}

func (s *sequence) remove(names ...string) {
	for _, name := range names {
		s.add("", "", "DELETE", s.path(name), nil)
	}
}

func createCase(s *sequence, least, filled map[string]any) Case {
	list := s.resource.collection(s.ns)
	first := s.named(least, "create-a")
	s.add("create", "first", "POST", list, first, tolerate)
	s.add("create", "again", "POST", list, first)
	s.add("create", "dry run", "POST", list+"?dryRun=All", s.named(least, "create-b"))
	s.add("create", "dry run of nothing known", "POST", list+"?dryRun=Some", s.named(least, "create-b"))
	s.add("create", "field manager", "POST", list+"?fieldManager=somebody&dryRun=All", s.named(least, "create-b"))
	s.add("create", "field manager too long", "POST", list+"?dryRun=All&fieldManager="+strings.Repeat("m", 200), s.named(least, "create-b"))
	s.add("create", "field validation unknown", "POST", list+"?dryRun=All&fieldValidation=Sometimes", s.named(least, "create-b"))
	s.add("create", "yaml", "POST", list+"?dryRun=All", string(encode(s.named(least, "create-b"))), header("Content-Type", "application/yaml"))
	s.add("create", "no body", "POST", list, nil)
	s.add("create", "broken", "POST", list, `{"kind":`)
	s.add("create", "a list", "POST", list, `[]`)
	s.add("create", "a string", "POST", list, `"x"`)
	s.add("create", "empty object", "POST", list, `{}`)
	s.add("create", "unknown media type", "POST", list, first, header("Content-Type", "text/plain"))
	s.add("create", "without kind", "POST", list+"?dryRun=All", without(s.named(least, "create-c"), "kind"))
	s.add("create", "without apiVersion", "POST", list+"?dryRun=All", without(s.named(least, "create-c"), "apiVersion"))
	s.add("create", "another kind", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "kind", "Twin"))
	s.add("create", "another version", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "apiVersion", "twin.example.com/v1"))
	s.add("create", "with a resourceVersion", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "metadata.resourceVersion", "5"))
	s.add("create", "with what the server sets", "POST", list+"?dryRun=All", with(with(with(s.named(least, "create-c"), "metadata.uid",
		"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"), "metadata.generation", json.Number("7")), "metadata.selfLink", "/x"))
	s.add("create", "with deletionTimestamp", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "metadata.deletionTimestamp", "2026-01-01T00:00:00Z"))
	s.add("create", "with finalizers", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "metadata.finalizers", []any{"example.com/f"}))
	s.add("create", "without a name", "POST", list+"?dryRun=All", without(s.named(least, "create-c"), "metadata.name"))
	s.add("create", "generateName", "POST", list+"?dryRun=All", with(without(s.named(least, "create-c"), "metadata.name"), "metadata.generateName", "gen-"))
	if s.resource.Namespaced {
		s.add("create", "in another namespace", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "metadata.namespace", "other"))
		s.add("create", "in an absent namespace", "POST", s.resource.collection("absent"), s.named(least, "create-c"))
		s.add("create", "in no namespace", "POST", s.resource.root()+"/"+s.resource.Plural, s.named(least, "create-c"))
	} else {
		s.add("create", "with a namespace", "POST", list+"?dryRun=All", with(s.named(least, "create-c"), "metadata.namespace", "other"))
	}
	s.add("create", "method not allowed", "POST", s.path(s.id("create-a")), first)
	s.remove(s.id("create-a"))
	return s.done()
}

func with(object map[string]any, path string, value any) map[string]any {
	return put(object, parsePath(path), value).(map[string]any)
}

func without(object map[string]any, path string) map[string]any {
	return remove(object, parsePath(path)).(map[string]any)
}

func updateCase(s *sequence, least, filled map[string]any) Case {
	name := s.id("update-a")
	object := s.named(filled, "update-a")
	s.add("", "", "POST", s.resource.collection(s.ns), object, bind("rv", "metadata.resourceVersion"), bind("uid", "metadata.uid"))
	s.add("update", "unchanged", "PUT", s.path(name), object, bind("rv2", "metadata.resourceVersion"))
	changed := with(clone(object).(map[string]any), "metadata.annotations.changed", "yes")
	s.add("update", "with version", "PUT", s.path(name), with(clone(changed).(map[string]any), "metadata.resourceVersion", "{{rv2}}"))
	s.add("update", "with stale version", "PUT", s.path(name), with(with(clone(changed).(map[string]any), "metadata.resourceVersion", "{{rv}}"), "metadata.labels.more", "x"))
	s.add("update", "with uid", "PUT", s.path(name), with(with(clone(changed).(map[string]any), "metadata.uid", "{{uid}}"), "metadata.labels.more", "x"))
	s.add("update", "with another uid", "PUT", s.path(name), with(clone(changed).(map[string]any), "metadata.uid", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"))
	s.add("update", "with another name", "PUT", s.path(name), s.named(filled, "update-b"))
	s.add("update", "of an absent object", "PUT", s.path(s.id("update-b")), s.named(filled, "update-b"))
	s.add("", "", "DELETE", s.path(s.id("update-b")), nil)
	s.add("update", "dry run", "PUT", s.path(name, "?dryRun=All"), with(clone(changed).(map[string]any), "metadata.annotations.dry", "run"))
	s.add("update", "without metadata", "PUT", s.path(name), without(clone(changed).(map[string]any), "metadata"))
	s.add("update", "to the least", "PUT", s.path(name), s.named(least, "update-a"))
	s.add("update", "with finalizer", "PUT", s.path(name), with(clone(object).(map[string]any), "metadata.finalizers", []any{"example.com/f"}))
	s.add("update", "wrong version", "PUT", s.path(name), with(clone(changed).(map[string]any), "metadata.resourceVersion", "x"))
	s.add("get", "after updates", "GET", s.path(name), nil)
	s.add("delete", "held by a finalizer", "DELETE", s.path(name), nil)
	s.add("patch", "of what is being deleted: another finalizer", "PATCH", s.path(name), `{"metadata":{"finalizers":["example.com/f","example.com/g"]}}`, header("Content-Type", mergePatch))
	s.add("patch", "that lets go", "PATCH", s.path(name), `{"metadata":{"finalizers":null}}`, header("Content-Type", mergePatch))
	s.add("get", "after the last finalizer", "GET", s.path(name), nil)
	return s.done()
}

func patchCase(s *sequence, filled map[string]any) Case {
	name := s.id("patch-a")
	s.add("", "", "POST", s.resource.collection(s.ns), s.named(filled, "patch-a"), bind("rv", "metadata.resourceVersion"))
	patch := func(title, media, body string, change ...func(*Step)) {
		s.add("patch", title, "PATCH", s.path(name), body, append(change, header("Content-Type", media))...)
	}
	patch("json add", jsonPatch, `[{"op":"add","path":"/metadata/labels/json","value":"1"}]`)
	patch("json test and replace", jsonPatch, `[{"op":"test","path":"/metadata/labels/json","value":"1"},{"op":"replace","path":"/metadata/labels/json","value":"2"}]`)
	patch("json failed test", jsonPatch, `[{"op":"test","path":"/metadata/labels/json","value":"nope"}]`)
	patch("json remove absent", jsonPatch, `[{"op":"remove","path":"/metadata/labels/absent"}]`)
	patch("json add below absent", jsonPatch, `[{"op":"add","path":"/nothing/here","value":1}]`)
	patch("json unknown operation", jsonPatch, `[{"op":"turn","path":"/metadata/labels/json"}]`)
	patch("json not a list", jsonPatch, `{"a":"b"}`)
	patch("json move and copy", jsonPatch, `[{"op":"copy","from":"/metadata/labels/json","path":"/metadata/labels/copied"},{"op":"move","from":"/metadata/labels/json","path":"/metadata/labels/moved"}]`)
	patch("merge", mergePatch, `{"metadata":{"labels":{"merge":"1","copied":null}}}`)
	patch("merge nothing", mergePatch, `{}`)
	patch("merge broken", mergePatch, `{"metadata":`)
	patch("merge a list", mergePatch, `[]`)
	patch("merge wrong type", mergePatch, `{"metadata":{"labels":"x"}}`)
	patch("merge another name", mergePatch, `{"metadata":{"name":"another"}}`)
	patch("merge another kind", mergePatch, `{"kind":"Twin"}`)
	patch("merge unknown field", mergePatch, `{"twin":{"x":1}}`)
	patch("merge with stale version", mergePatch, `{"metadata":{"resourceVersion":"{{rv}}","labels":{"stale":"1"}}}`)
	patch("strategic", strategicPatch, `{"metadata":{"labels":{"strategic":"1"},"finalizers":null}}`)
	patch("strategic with directive", strategicPatch, `{"metadata":{"annotations":{"$patch":"replace","only":"this"}}}`)
	patch("strategic with unknown directive", strategicPatch, `{"metadata":{"annotations":{"$patch":"twist"}}}`)
	patch("strategic owners", strategicPatch, `{"metadata":{"ownerReferences":[{"uid":"99999999-2222-3333-4444-555555555555","apiVersion":"v1","kind":"Secret","name":"o"}]}}`)
	patch("strategic owner away", strategicPatch, `{"metadata":{"ownerReferences":[{"$patch":"delete","uid":"99999999-2222-3333-4444-555555555555"}]}}`)
	patch("unknown media type", "application/json", `{}`)
	patch("no media type", "", `{}`)
	s.add("patch", "of an absent object", "PATCH", s.path(s.id("absent")), `{}`, header("Content-Type", mergePatch))
	s.add("patch", "dry run", "PATCH", s.path(name, "?dryRun=All"), `{"metadata":{"labels":{"dry":"run"}}}`, header("Content-Type", mergePatch))
	s.add("patch", "force without apply", "PATCH", s.path(name, "?force=true"), `{}`, header("Content-Type", mergePatch))
	s.add("patch", "strict unknown", "PATCH", s.path(name, "?fieldValidation=Strict"), `{"twin":1}`, header("Content-Type", mergePatch))
	s.add("get", "after patches", "GET", s.path(name), nil)
	s.remove(name)
	return s.done()
}

func applyCase(s *sequence, least, filled map[string]any) Case {
	apply := header("Content-Type", applyPatch)
	name := s.id("apply-a")
	object := without(s.named(filled, "apply-a"), "metadata.generateName")
	// A label of a selector cannot change; one more can.
	s.add("apply", "creates", "PATCH", s.path(name, "?fieldManager=one"), object, apply)
	s.add("apply", "again", "PATCH", s.path(name, "?fieldManager=one"), object, apply)
	s.add("apply", "one label more", "PATCH", s.path(name, "?fieldManager=one"), with(clone(object).(map[string]any), "metadata.labels.more", "1"), apply)
	s.add("apply", "and taken away", "PATCH", s.path(name, "?fieldManager=one"), object, apply)
	bare := map[string]any{"apiVersion": s.resource.apiVersion(), "kind": s.resource.Kind}
	s.add("apply", "second manager shares", "PATCH", s.path(name, "?fieldManager=two"),
		with(clone(bare).(map[string]any), "metadata", map[string]any{"labels": map[string]any{"app": "twin", "two": "2"}}), apply)
	s.add("apply", "conflict", "PATCH", s.path(name, "?fieldManager=three"),
		with(clone(bare).(map[string]any), "metadata", map[string]any{"annotations": map[string]any{"plain": "other"}}), apply)
	s.add("apply", "by force", "PATCH", s.path(name, "?fieldManager=three&force=true"),
		with(clone(bare).(map[string]any), "metadata", map[string]any{"annotations": map[string]any{"plain": "other"}}), apply)
	s.add("apply", "without manager", "PATCH", s.path(name), bare, apply)
	s.add("apply", "without kind", "PATCH", s.path(name, "?fieldManager=one"), `{"apiVersion":"v1"}`, apply)
	s.add("apply", "another name", "PATCH", s.path(name, "?fieldManager=one"),
		with(clone(bare).(map[string]any), "metadata", map[string]any{"name": "another"}), apply)
	s.add("apply", "unknown field", "PATCH", s.path(name, "?fieldManager=one"), with(clone(bare).(map[string]any), "twin", "x"), apply)
	s.add("apply", "managed fields given", "PATCH", s.path(name, "?fieldManager=one"),
		with(clone(bare).(map[string]any), "metadata", map[string]any{"managedFields": []any{map[string]any{"manager": "x", "operation": "Apply"}}}), apply)
	s.add("apply", "broken", "PATCH", s.path(name, "?fieldManager=one"), `{"a`, apply)
	s.add("apply", "yaml", "PATCH", s.path(name, "?fieldManager=four"),
		fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata:\n  labels:\n    yaml: \"1\"\n", s.resource.apiVersion(), s.resource.Kind), apply)
	s.add("apply", "dry run of a new one", "PATCH", s.path(s.id("apply-b"), "?fieldManager=one&dryRun=All"), without(s.named(least, "apply-b"), "metadata.generateName"), apply)
	s.add("update", "by another manager after apply", "PUT", s.path(name, "?fieldManager=five"), with(clone(object).(map[string]any), "metadata.annotations.five", "5"))
	s.add("get", "after applies", "GET", s.path(name), nil)
	s.remove(name)
	return s.done()
}

func deleteCase(s *sequence, least map[string]any) Case {
	list := s.resource.collection(s.ns)
	for _, policy := range []string{"Background", "Foreground", "Orphan"} {
		name := s.id("delete-" + strings.ToLower(policy))
		s.add("", "", "POST", list, s.named(least, "delete-"+strings.ToLower(policy)))
		s.add("delete", "dry run "+policy, "DELETE", s.path(name, "?dryRun=All"), map[string]any{"propagationPolicy": policy})
		s.add("delete", policy, "DELETE", s.path(name), map[string]any{"propagationPolicy": policy})
		s.add("get", "after delete "+policy, "GET", s.path(name), nil)
		s.add("", "", "PATCH", s.path(name), `{"metadata":{"finalizers":null}}`, header("Content-Type", mergePatch))
	}
	name := s.id("delete-more")
	s.add("", "", "POST", list, s.named(least, "delete-more"))
	s.add("delete", "unknown propagation", "DELETE", s.path(name), `{"propagationPolicy":"Sideways"}`)
	s.add("delete", "both policies", "DELETE", s.path(name), `{"propagationPolicy":"Orphan","orphanDependents":true}`)
	s.add("delete", "another uid", "DELETE", s.path(name), `{"preconditions":{"uid":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"}}`)
	s.add("delete", "another version", "DELETE", s.path(name), `{"preconditions":{"resourceVersion":"1"}}`)
	s.add("delete", "broken options", "DELETE", s.path(name), `{"`)
	s.add("delete", "options of another kind", "DELETE", s.path(name), `{"kind":"Pod","apiVersion":"v1"}`)
	s.add("delete", "negative grace", "DELETE", s.path(name, "?dryRun=All"), `{"gracePeriodSeconds":-1}`)
	s.add("delete", "wrong query", "DELETE", s.path(name, "?gracePeriodSeconds=x"), nil)
	s.add("delete", "orphanDependents", "DELETE", s.path(name, "?dryRun=All&orphanDependents=true"), nil)
	s.add("delete", "at once", "DELETE", s.path(name, "?gracePeriodSeconds=0"), nil)
	s.add("delete", "of an absent object", "DELETE", s.path(name), nil)
	return s.done()
}

func collectionCase(s *sequence, least map[string]any) Case {
	list := s.resource.collection(s.ns)
	label := "collection-" + strings.ReplaceAll(s.resource.Plural, ".", "-")
	for _, name := range []string{"many-a", "many-b", "many-c"} {
		s.add("", "", "POST", list, with(s.named(least, name), "metadata.labels", map[string]any{"app": "twin", "many": label}))
	}
	s.add("deletecollection", "dry run", "DELETE", list+"?dryRun=All&labelSelector=many%3D"+label, nil)
	s.add("deletecollection", "wrong selector", "DELETE", list+"?labelSelector=a+b", nil)
	s.add("deletecollection", "unknown propagation", "DELETE", list+"?labelSelector=many%3Dnone", `{"propagationPolicy":"Sideways"}`)
	s.add("deletecollection", "of none", "DELETE", list+"?labelSelector=many%3Dnone", nil)
	s.add("deletecollection", "of all", "DELETE", list+"?gracePeriodSeconds=0&labelSelector=many%3D"+label, nil)
	s.add("list", "after deletecollection", "GET", list+"?labelSelector=many%3D"+label, nil)
	return s.done()
}

func watchCase(s *sequence, least map[string]any) Case {
	list := s.resource.collection(s.ns)
	label := "watch-" + s.resource.Plural
	name := s.id("watched")
	s.add("", "", "GET", list+"?limit=1&labelSelector=watch%3D"+label, nil, bind("rv", "metadata.resourceVersion"))
	watch := func(s *Step) { s.Watch = true }
	query := "?watch=true&timeoutSeconds=6&labelSelector=watch%3D" + label
	s.add("watch", "from a version", "GET", list+query+"&resourceVersion={{rv}}", nil, watch)
	s.add("watch", "as table", "GET", list+query+"&resourceVersion={{rv}}", nil, watch, header("Accept", tableAccept))
	s.add("watch", "as partial metadata", "GET", list+query+"&resourceVersion={{rv}}", nil, watch, header("Accept", partialAccept))
	s.add("", "", "POST", list, with(s.named(least, "watched"), "metadata.labels", map[string]any{"app": "twin", "watch": label}))
	s.add("watch", "from now", "GET", list+query, nil, watch)
	s.add("watch", "by name", "GET", list+"?watch=1&timeoutSeconds=6&fieldSelector=metadata.name%3D"+name, nil, watch)
	s.add("", "", "PATCH", s.path(name), `{"metadata":{"labels":{"more":"1"}}}`, header("Content-Type", mergePatch))
	s.add("", "", "PATCH", s.path(name), `{"metadata":{"labels":{"watch":"elsewhere"}}}`, header("Content-Type", mergePatch))
	s.add("", "", "PATCH", s.path(name), `{"metadata":{"labels":{"watch":"`+label+`"}}}`, header("Content-Type", mergePatch))
	s.add("", "", "DELETE", s.path(name, "?gracePeriodSeconds=0"), nil)
	s.add("watch", "from a wrong version", "GET", list+"?watch=true&timeoutSeconds=1&resourceVersion=x", nil)
	s.add("watch", "with a wrong selector", "GET", list+"?watch=true&timeoutSeconds=1&labelSelector=a+b", nil)
	s.add("watch", "initial events without bookmarks", "GET", list+"?watch=true&timeoutSeconds=1&sendInitialEvents=true", nil)
	s.add("watch", "initial events without match", "GET", list+"?watch=true&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true", nil)
	return s.done()
}

func statusCase(s *sequence, filled map[string]any) Case {
	name := s.id("status-a")
	object := s.named(filled, "status-a")
	merge := header("Content-Type", mergePatch)
	condition := []any{map[string]any{"type": "Twin", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2026-01-02T03:04:05Z"}}
	s.add("", "", "POST", s.resource.collection(s.ns), object)
	s.add("status", "get", "GET", s.path(name, "/status"), nil)
	s.add("status", "update", "PUT", s.path(name, "/status"), with(with(clone(object).(map[string]any), "status", map[string]any{"conditions": condition}), "metadata.labels.status", "1"))
	s.add("status", "update of nothing", "PUT", s.path(name, "/status"), object)
	s.add("status", "merge patch", "PATCH", s.path(name, "/status"), map[string]any{"status": map[string]any{"conditions": condition}, "spec": map[string]any{}}, merge)
	s.add("status", "patch through the object", "PATCH", s.path(name), `{"status":{"conditions":null}}`, merge)
	s.add("status", "wrong type", "PATCH", s.path(name, "/status"), `{"status":"x"}`, merge)
	s.add("status", "apply", "PATCH", s.path(name, "/status?fieldManager=one&force=true"),
		map[string]any{"apiVersion": s.resource.apiVersion(), "kind": s.resource.Kind, "status": map[string]any{"conditions": condition}}, header("Content-Type", applyPatch))
	s.add("status", "table", "GET", s.path(name, "/status"), nil, header("Accept", tableAccept))
	s.add("status", "of an absent object", "GET", s.path(s.id("absent"), "/status"), nil)
	s.add("status", "post", "POST", s.path(name, "/status"), object)
	s.add("get", "after status", "GET", s.path(name), nil)
	s.remove(name)
	return s.done()
}

func scaleCase(s *sequence, least map[string]any) Case {
	name := s.id("scale-a")
	scale := func(replicas any) map[string]any {
		return map[string]any{"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": map[string]any{"name": name, "namespace": s.ns}, "spec": map[string]any{"replicas": replicas}}
	}
	merge := header("Content-Type", mergePatch)
	s.add("", "", "POST", s.resource.collection(s.ns), s.named(least, "scale-a"), bind("rv", "metadata.resourceVersion"))
	s.add("scale", "get", "GET", s.path(name, "/scale"), nil)
	s.add("scale", "update", "PUT", s.path(name, "/scale"), scale(3))
	s.add("scale", "stale", "PUT", s.path(name, "/scale"), with(scale(4), "metadata.resourceVersion", "{{rv}}"))
	s.add("scale", "negative", "PUT", s.path(name, "/scale"), scale(-1))
	s.add("scale", "wrong type", "PUT", s.path(name, "/scale"), scale("x"))
	s.add("scale", "another name", "PUT", s.path(name, "/scale"), with(scale(2), "metadata.name", "another"))
	s.add("scale", "another kind", "PUT", s.path(name, "/scale"), with(scale(2), "kind", "Twin"))
	s.add("scale", "merge patch", "PATCH", s.path(name, "/scale"), `{"spec":{"replicas":5}}`, merge)
	s.add("scale", "apply", "PATCH", s.path(name, "/scale?fieldManager=one&force=true"), scale(6), header("Content-Type", applyPatch))
	s.add("scale", "table", "GET", s.path(name, "/scale"), nil, header("Accept", tableAccept))
	s.add("get", "after scale", "GET", s.path(name), nil)
	s.remove(name)
	return s.done()
}
