// The program twin sends the same requests to upstream's API server and to ours, and compares the
// answers. `run` beside it starts both servers and calls it.
package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"regexp"
	"sort"
	"strings"
	"time"
)

func main() {
	if err := mainWithError(); err != nil {
		fmt.Fprintln(os.Stderr, "twin:", err)
		os.Exit(1)
	}
}

func mainWithError() error {
	upstreamConfig := flag.String("upstream", "", "kubeconfig of upstream's server")
	oursConfig := flag.String("ours", "", "kubeconfig of ours")
	focus := flag.String("focus", "", "only cases whose name (resource, kind of request, words) matches this expression")
	skip := flag.String("skip", "", "no cases whose name matches this expression")
	update := flag.Bool("update", false, "add cases that agree to the ratchet")
	ratchetFile := flag.String("ratchet-file", "agreeing.txt", "the list of agreeing cases")
	reportDir := flag.String("report", "", "where the report goes")
	slice := flag.Int("slice", 1, "run one of so many parts of the generated bad input")
	part := flag.Int("part", 0, "which part")
	workers := flag.Int("workers", 4, "cases at once")
	shown := flag.Int("show", 20, "how many differences to print")
	flag.Parse()
	focusRE, err := regexp.Compile(*focus)
	if err != nil {
		return fmt.Errorf("--focus: %w", err)
	}
	skipRE, err := regexp.Compile(*skip)
	if err != nil {
		return fmt.Errorf("--skip: %w", err)
	}
	wanted := func(id string) bool {
		return focusRE.MatchString(id) && (*skip == "" || !skipRE.MatchString(id))
	}
	upstream, err := connect("upstream", *upstreamConfig)
	if err != nil {
		return err
	}
	ours, err := connect("ours", *oursConfig)
	if err != nil {
		return err
	}
	known, err := readRatchet(*ratchetFile)
	if err != nil {
		return err
	}
	begun := time.Now()
	world, err := discover(upstream)
	if err != nil {
		return err
	}
	cases, err := prepare(upstream, ours, world, wanted)
	if err != nil {
		return err
	}
	cases = sliced(cases, *slice, *part)
	fmt.Printf("%d cases for %d resources, prepared in %.1f s\n", len(cases), len(world.Resources), time.Since(begun).Seconds())
	report := &Report{}
	take := func(result Result) {
		if wanted(result.ID()) {
			report.add(result)
		}
	}
	documentResults(upstream, ours, world, take)
	runAll(upstream, ours, cases, *workers, take)
	report.sort()
	var lost []*Result
	for i := range report.results {
		result := &report.results[i]
		if result.agrees() {
			if *update {
				known.add(result)
			}
		} else if known.lists(result) {
			lost = append(lost, result)
		}
	}
	if *reportDir != "" {
		if err := report.write(*reportDir); err != nil {
			return err
		}
	}
	examples(report, *shown)
	report.summary(os.Stdout)
	fmt.Printf("in %.0f s; report: %s\n", time.Since(begun).Seconds(), *reportDir)
	if *update {
		if err := known.write(*ratchetFile); err != nil {
			return err
		}
		fmt.Printf("ratchet: %d cases\n", known.size())
	}
	if len(lost) > 0 {
		fmt.Printf("\n%d cases agreed before and differ now:\n", len(lost))
		for i, result := range lost {
			if i == 50 {
				fmt.Printf("… and %d more\n", len(lost)-i)
				break
			}
			show(os.Stdout, result, result.Diffs)
		}
		return fmt.Errorf("%d listed cases no longer agree", len(lost))
	}
	return nil
}

// examples prints differences of as many causes as possible.
func examples(report *Report, limit int) {
	seen := map[string]bool{}
	for i := range report.results {
		result := &report.results[i]
		if result.agrees() || len(seen) >= limit {
			continue
		}
		if name := sign(result, result.Diffs[0]); !seen[name] {
			seen[name] = true
			show(os.Stdout, result, result.Diffs[:min(len(result.Diffs), 6)])
		}
	}
}

// prepare makes on both servers what cases need, and all the cases.
func prepare(upstream, ours *Target, world *World, wanted func(string) bool) ([]Case, error) {
	namespaces := []string{"twin-files"}
	for _, r := range world.Resources {
		namespaces = append(namespaces, namespaceOf(r))
	}
	sort.Strings(namespaces)
	for _, target := range []*Target{upstream, ours} {
		for _, name := range namespaces {
			for _, object := range [][2]string{
				{"/api/v1/namespaces", `{"metadata":{"name":"` + name + `"}}`},
				{"/api/v1/namespaces/" + name + "/serviceaccounts", `{"metadata":{"name":"default"}}`},
			} {
				response, err := target.do("POST", object[0], nil, []byte(object[1]))
				if err != nil {
					return nil, err
				}
				if response.Status != http.StatusCreated && response.Status != http.StatusConflict {
					return nil, fmt.Errorf("%s: POST %s: %d %s", target.Name, object[0], response.Status, clip(string(response.Body), 300))
				}
			}
		}
	}
	filler, err := newFiller(world.Schemas)
	if err != nil {
		return nil, err
	}
	cases, err := fileCases("twin-files")
	if err != nil {
		return nil, err
	}
	for _, r := range world.Resources {
		if r.Plural == "bindings" || r.Plural == "componentstatuses" || !wantedResource(r, wanted) {
			continue
		}
		ns := namespaceOf(r)
		filled, err := filler.whole(upstream, r, ns)
		if err != nil {
			fmt.Fprintln(os.Stderr, "twin:", err)
			continue
		}
		least, err := filler.least(upstream, r, ns, filled)
		if err != nil {
			fmt.Fprintln(os.Stderr, "twin:", err)
			least = filled
		}
		cases = append(cases, verbCases(r, ns, least, filled)...)
		cases = append(cases, badCases(world.Schemas, r, ns, filled)...)
	}
	for _, name := range sortedKeys(filler.Dropped) {
		fmt.Fprintf(os.Stderr, "twin: %s: left out of the filled object: %s\n", name, strings.Join(filler.Dropped[name], ", "))
	}
	var kept []Case
	for _, c := range cases {
		for _, step := range c.Steps {
			if step.Kind != "" && wanted(c.Resource+" "+step.Kind+" "+step.Name) {
				kept = append(kept, c)
				break
			}
		}
	}
	return kept, nil
}

// wantedResource is whether a resource's cases could be wanted: a guess that spares filling it.
func wantedResource(r *Resource, wanted func(string) bool) bool {
	for _, kind := range []string{"create least", "get", "list", "table", "bad create x", "bad update x", "update", "patch", "apply", "status", "scale", "delete", "watch", "deletecollection", "partial"} {
		if wanted(r.name() + " " + kind) {
			return true
		}
	}
	return false
}

func namespaceOf(r *Resource) string {
	return "twin-" + strings.ReplaceAll(r.Plural, ".", "-") + "-" + r.Version
}

// sliced keeps all sequences, and of the cases that stand alone one part.
func sliced(cases []Case, parts, part int) []Case {
	if parts <= 1 {
		return cases
	}
	var kept []Case
	for _, c := range cases {
		if strings.HasPrefix(c.Steps[len(c.Steps)-1].Kind, "bad") || len(c.Steps) > 1 && strings.HasPrefix(c.Steps[1].Kind, "bad") {
			sum := fnv.New32a()
			fmt.Fprint(sum, c.Resource, c.Steps[0].Name, len(c.Steps) > 1 && c.Steps[1].Name != "")
			if len(c.Steps) > 1 {
				fmt.Fprint(sum, c.Steps[1].Name)
			}
			if int(sum.Sum32())%parts != part%parts {
				continue
			}
		}
		kept = append(kept, c)
	}
	return kept
}
