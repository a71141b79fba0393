package main

import (
	"fmt"
	"regexp"
	"strings"
)

// Case is a sequence of requests sent to both servers, each server with bindings of its own.
type Case struct {
	Resource string // what it is about, as "deployments.apps"
	Steps    []Step
}

// Step is one request of a case. Text in {{braces}} is replaced by what is bound to that name.
type Step struct {
	Kind   string // the kind of request, for counting; "" when the answer is not compared
	Name   string // unique within the case's resource and the kind
	Method string
	Path   string
	Header map[string]string
	Body   []byte
	Bind   map[string]string // name to path in the answer, as "metadata.resourceVersion"
	// Watch opens a stream that is read beside the following steps, until an object is deleted or
	// patience ends; the events are compared as one answer.
	Watch bool
	// Tolerate keeps the bodies of successful answers out of the comparison: for creates that only
	// serve as the ground of a later step and are compared elsewhere.
	Tolerate bool
}

var braces = regexp.MustCompile(`\{\{([A-Za-z0-9_-]+)\}\}`)

// Bindings are names bound to text by earlier answers.
type Bindings map[string]string

func (b Bindings) expand(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	return braces.ReplaceAllStringFunc(text, func(match string) string {
		if value, ok := b[match[2:len(match)-2]]; ok {
			return value
		}
		return match
	})
}

// bind takes the named values out of an answer; what is missing there is left unbound.
func (b Bindings) bind(names map[string]string, body []byte) {
	if len(names) == 0 {
		return
	}
	tree, err := decode(body)
	if err != nil {
		return
	}
	for name, path := range names {
		if value, ok := at(tree, path); ok {
			b[name] = fmt.Sprint(value)
		}
	}
}

// Result is the comparison of one step's two answers.
type Result struct {
	Resource string
	Kind     string
	Name     string
	Request  string
	Diffs    []Diff
	Words    []Diff // differences in wording alone: shown, not counted
}

// ID names a result in the ratchet; it is the same in every run.
func (r *Result) ID() string { return r.Resource + " " + r.Kind + " " + r.Name }

func (r *Result) agrees() bool { return len(r.Diffs) == 0 }
