package main

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

// Cases written by hand. A file is a sequence of requests, parted by lines of "###". Of each:
//
//	# name: what it is about        the words before the first blank are the kind of request
//	# bind: rv = metadata.resourceVersion
//	# watch                         a stream that is read beside what follows
//	# quiet                         the answer is not compared
//	POST /api/v1/namespaces/{{ns}}/configmaps
//	Content-Type: application/json
//
//	{"metadata": …}
//
// {{ns}} is a namespace that both servers have.
//
//go:embed cases/*.http
var caseFiles embed.FS

func fileCases(ns string) ([]Case, error) {
	entries, err := caseFiles.ReadDir("cases")
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, entry := range entries {
		text, err := caseFiles.ReadFile(path.Join("cases", entry.Name()))
		if err != nil {
			return nil, err
		}
		parsed := Case{Resource: strings.TrimSuffix(entry.Name(), ".http")}
		for number, block := range strings.Split("\n"+string(text), "\n###") {
			step, err := parseStep(strings.ReplaceAll(block, "{{ns}}", ns))
			if err != nil {
				return nil, fmt.Errorf("cases/%s, request %d: %w", entry.Name(), number+1, err)
			}
			if step.Method != "" {
				parsed.Steps = append(parsed.Steps, step)
			}
		}
		cases = append(cases, parsed)
	}
	return cases, nil
}

func parseStep(block string) (Step, error) {
	step := Step{Header: map[string]string{}, Bind: map[string]string{}}
	lines := strings.Split(block, "\n")
	quiet := false
	for i, line := range lines {
		line = strings.TrimRight(line, " \r")
		switch {
		case strings.HasPrefix(line, "# name:"):
			step.Kind, step.Name, _ = strings.Cut(strings.TrimSpace(line[len("# name:"):]), " ")
		case strings.HasPrefix(line, "# bind:"):
			name, where, ok := strings.Cut(line[len("# bind:"):], "=")
			if !ok {
				return step, fmt.Errorf("want '# bind: name = path', not %q", line)
			}
			step.Bind[strings.TrimSpace(name)] = strings.TrimSpace(where)
		case line == "# watch":
			step.Watch = true
		case line == "# quiet":
			quiet = true
		case strings.HasPrefix(line, "#"), line == "" && step.Method == "":
		case step.Method == "":
			var ok bool
			if step.Method, step.Path, ok = strings.Cut(line, " "); !ok {
				return step, fmt.Errorf("want 'METHOD /path', not %q", line)
			}
		case line == "":
			if body := strings.TrimSpace(strings.Join(lines[i:], "\n")); body != "" {
				step.Body = []byte(strings.Replace(body, "{{4MiB}}", strings.Repeat("x", 4<<20), 1))
			}
			return finish(step, quiet)
		default:
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				return step, fmt.Errorf("want 'Header: value', not %q", line)
			}
			step.Header[name] = strings.TrimSpace(value)
		}
	}
	return finish(step, quiet)
}

func finish(step Step, quiet bool) (Step, error) {
	if step.Method == "" {
		return step, nil
	}
	if step.Name == "" && !quiet {
		return step, fmt.Errorf("%s %s has no '# name: kind words'", step.Method, step.Path)
	}
	if quiet {
		step.Kind = ""
	}
	return step, nil
}
