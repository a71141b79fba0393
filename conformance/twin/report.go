package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// Report gathers results and writes them down.
type Report struct {
	results []Result
	seen    map[string]int
}

func (r *Report) add(result Result) {
	id := result.ID()
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	if r.seen[id]++; r.seen[id] > 1 {
		result.Name = fmt.Sprintf("%s #%d", result.Name, r.seen[id])
	}
	r.results = append(r.results, result)
}

func (r *Report) sort() {
	sort.Slice(r.results, func(i, j int) bool { return r.results[i].ID() < r.results[j].ID() })
}

type tally struct{ agreeing, differing, words int }

func (t *tally) count(result *Result) {
	if result.agrees() {
		t.agreeing++
	} else {
		t.differing++
	}
	if len(result.Words) > 0 {
		t.words++
	}
}

func (r *Report) total() tally {
	var all tally
	for i := range r.results {
		all.count(&r.results[i])
	}
	return all
}

// table writes counts by something of a result.
func (r *Report) table(out io.Writer, title string, by func(*Result) string) {
	groups := map[string]*tally{}
	for i := range r.results {
		name := by(&r.results[i])
		if groups[name] == nil {
			groups[name] = &tally{}
		}
		groups[name].count(&r.results[i])
	}
	fmt.Fprintf(out, "%-62s %8s %9s %12s\n", title, "agree", "differ", "other words")
	for _, name := range sortedKeys(groups) {
		t := groups[name]
		fmt.Fprintf(out, "%-62s %8d %9d %12d\n", clip(name, 60), t.agreeing, t.differing, t.words)
	}
	fmt.Fprintln(out)
}

var (
	indexes = regexp.MustCompile(`\[\d+\]`)
)

// sign names a difference without what varies from case to case, so that those of one cause fall
// together.
func sign(result *Result, diff Diff) string {
	kind := result.Kind
	where := indexes.ReplaceAllString(diff.Where, "[]")
	if diff.Where == "status" && len(result.Diffs) > 1 {
		about := func(text string) string {
			text, _, _ = strings.Cut(text, ": ")
			return clip(indexes.ReplaceAllString(text, "[]"), 160)
		}
		where = fmt.Sprintf("%s | %s | %s | %s", where, result.Resource, about(result.Diffs[1].Upstream), about(result.Diffs[1].Ours))
	}
	return fmt.Sprintf("%s | %s | %s -> %s", kind, where, clip(diff.Upstream, 90), clip(diff.Ours, 90))
}

// causesTable lists differences by likely cause, the most frequent first, an example each.
func (r *Report) causesTable(out io.Writer) {
	type cause struct {
		count   int
		example string
	}
	causes := map[string]*cause{}
	for i := range r.results {
		for _, diff := range r.results[i].Diffs {
			if diff.Where == "answer" {
				continue // says more about the status before it
			}
			name := sign(&r.results[i], diff)
			if causes[name] == nil {
				causes[name] = &cause{0, r.results[i].ID()}
			}
			causes[name].count++
		}
	}
	names := sortedKeys(causes)
	sort.SliceStable(names, func(i, j int) bool { return causes[names[i]].count > causes[names[j]].count })
	for _, name := range names {
		fmt.Fprintf(out, "%6d  %s\n        e.g. %s\n", causes[name].count, name, causes[name].example)
	}
}

func show(out io.Writer, result *Result, diffs []Diff) {
	fmt.Fprintf(out, "=== %s\n", result.ID())
	for _, line := range strings.Split(clip(result.Request, 1500), "\n") {
		fmt.Fprintf(out, "    %s\n", line)
	}
	for _, diff := range diffs {
		fmt.Fprintf(out, "  @ %s\n    - upstream  %s\n    + ours      %s\n", diff.Where, diff.Upstream, diff.Ours)
	}
}

// write leaves the report's files in a directory.
func (r *Report) write(directory string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	files := map[string]func(io.Writer){
		"summary.txt": r.summary,
		"causes.txt":  r.causesTable,
		"differences.txt": func(out io.Writer) {
			for i := range r.results {
				if !r.results[i].agrees() {
					show(out, &r.results[i], r.results[i].Diffs)
				}
			}
		},
		"words.txt": func(out io.Writer) {
			for i := range r.results {
				if len(r.results[i].Words) > 0 {
					show(out, &r.results[i], r.results[i].Words)
				}
			}
		},
	}
	for name, content := range files {
		file, err := os.Create(filepath.Join(directory, name))
		if err != nil {
			return err
		}
		buffer := bufio.NewWriter(file)
		content(buffer)
		if err := buffer.Flush(); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) summary(out io.Writer) {
	r.table(out, "kind of request", func(result *Result) string { return result.Kind })
	r.table(out, "resource", func(result *Result) string { return result.Resource })
	all := r.total()
	fmt.Fprintf(out, "%d cases: %d agree, %d differ; %d say it in other words\n", all.agreeing+all.differing, all.agreeing, all.differing, all.words)
}
