package main

import (
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

type state int

const (
	passed state = iota
	failed
	skipped
)

type result struct {
	state   state
	message string // what the failure says first
	took    time.Duration
}

// What of a JUnit report is read.
type suites struct {
	Suites []struct {
		Cases []struct {
			Name    string  `xml:"name,attr"`
			Status  string  `xml:"status,attr"`
			Seconds float64 `xml:"time,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Error *struct {
				Message string `xml:"message,attr"`
			} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// readResults reads the JUnit reports of a folder: what became of those of the names that ran. Where
// a test is in several, the last counts: a later file is a later run.
func readResults(folder string, names []string) (map[string]result, error) {
	files, err := filepath.Glob(filepath.Join(folder, "junit*.xml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no junit*.xml in %s", folder)
	}
	slices.Sort(files)
	known := set(names)
	results := map[string]result{}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var read suites
		if err := xml.Unmarshal(content, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, suite := range read.Suites {
			for _, test := range suite.Cases {
				name := bare(test.Name)
				if !known[name] || test.Status == "skipped" && test.Seconds == 0 && (test.Skipped == nil || !strings.HasPrefix(test.Skipped.Message, "skipped - ")) {
					continue // another test, or one that was not chosen
				}
				r := result{took: time.Duration(test.Seconds * float64(time.Second))}
				switch {
				case test.Failure != nil:
					r.state, r.message = failed, first(test.Failure.Message, test.Failure.Text)
				case test.Error != nil:
					r.state, r.message = failed, first(test.Error.Message)
				case test.Skipped != nil:
					r.state, r.message = skipped, first(test.Skipped.Message)
				}
				results[name] = r
			}
		}
	}
	return results, nil
}

// Labels stand behind a name in ginkgo's report: " [sig-apps, Conformance]".
var labels = regexp.MustCompile(` \[[^\]]*, [^\]]*\]$`)

func bare(name string) string {
	return labels.ReplaceAllString(strings.TrimPrefix(name, "[It] "), "")
}

// Lines of a failure that say nothing without those that follow.
var vague = regexp.MustCompile(`^(Expected|Timed out after .*|Told to stop .*|unexpected error|.*:)$`)

// first returns a failure's first line, and where that says nothing by itself, what follows it.
func first(texts ...string) string {
	const longest = 240
	message := ""
	for _, text := range texts {
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			message = strings.TrimSpace(message + " " + line)
			if !vague.MatchString(line) && len(line) > 12 || len(message) > longest {
				return strings.ToValidUTF8(message[:min(len(message), longest)], "")
			}
		}
	}
	return message
}

// show prints what came of a run and returns whether every listed test that was chosen passed.
func show(arguments []string, out io.Writer) (bool, error) {
	flags := flag.NewFlagSet("show", flag.ContinueOnError)
	folder := flags.String("report", "", "`folder` of the JUnit reports")
	chosenFile := flags.String("chosen", "", "`file` of the names that were to run")
	passingFile := flags.String("passing", "", "`file` of the names that must pass")
	update := flags.Bool("update", false, "adds to -passing what passed and is not there")
	slowest := flags.Int("slowest", 5, "how many of the slowest to name")
	if err := flags.Parse(arguments); err != nil {
		return false, err
	}
	chosen, err := file(*chosenFile)
	if err != nil {
		return false, err
	}
	results, err := readResults(*folder, chosen)
	if err != nil {
		return false, err
	}
	listed, err := file(*passingFile)
	if err != nil {
		return false, err
	}
	table(out, chosen, results)
	listFailures(out, chosen, results, set(listed))
	listSlowest(out, results, *slowest)

	var lost, gained []string
	for _, name := range chosen {
		r, ran := results[name]
		good := ran && r.state == passed
		switch {
		case set(listed)[name] && !good:
			lost = append(lost, name)
		case !set(listed)[name] && good:
			gained = append(gained, name)
		}
	}
	if len(gained) > 0 && *update {
		all := append(slices.Clone(listed), gained...)
		slices.Sort(all)
		if err := os.WriteFile(*passingFile, []byte(strings.Join(all, "\n")+"\n"), 0o644); err != nil {
			return false, err
		}
		fmt.Fprintf(out, "\n%d added to %s, which names %d now\n", len(gained), *passingFile, len(all))
	} else if len(gained) > 0 {
		fmt.Fprintf(out, "\n%d passed that are not in %s yet (--update adds them)\n", len(gained), *passingFile)
	}
	if len(lost) > 0 {
		fmt.Fprintf(out, "\nLOST: %d that must pass did not:\n", len(lost))
		for _, name := range lost {
			fmt.Fprintf(out, "  %s\n", name)
		}
	}
	return len(lost) == 0, nil
}

var sigOf = regexp.MustCompile(`^\[(sig-[a-z-]+)\]`)

func table(out io.Writer, chosen []string, results map[string]result) {
	type row struct{ chosen, passed, failed, skipped, missing int }
	rows := map[string]*row{}
	total := &row{}
	for _, name := range chosen {
		sig := "other"
		if match := sigOf.FindStringSubmatch(name); match != nil {
			sig = match[1]
		}
		if rows[sig] == nil {
			rows[sig] = &row{}
		}
		for _, r := range []*row{rows[sig], total} {
			r.chosen++
			found, ran := results[name]
			switch {
			case !ran:
				r.missing++
			case found.state == passed:
				r.passed++
			case found.state == failed:
				r.failed++
			default:
				r.skipped++
			}
		}
	}
	writer := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(name string, r *row) {
		fmt.Fprintf(writer, "%s\t%d\t%d\t%d\t%d\t%d\t\n", name, r.chosen, r.passed, r.failed, r.skipped, r.missing)
	}
	fmt.Fprintln(writer, "SIG\ttests\tpassed\tfailed\tskipped\tnot run\t")
	for _, sig := range slices.Sorted(maps.Keys(rows)) {
		line(sig, rows[sig])
	}
	line("all", total)
	writer.Flush()
}

func listFailures(out io.Writer, chosen []string, results map[string]result, listed map[string]bool) {
	var bad []string
	for _, name := range chosen {
		if r, ran := results[name]; !ran || r.state != passed {
			bad = append(bad, name)
		}
	}
	if len(bad) == 0 {
		return
	}
	fmt.Fprintln(out, "\nNot passed (those marked ! are listed as passing):")
	for _, name := range bad {
		mark := " "
		if listed[name] {
			mark = "!"
		}
		message := "did not run"
		if r, ran := results[name]; ran {
			message = r.message
		}
		fmt.Fprintf(out, "%s %s\n      %s\n", mark, name, message)
	}
}

func listSlowest(out io.Writer, results map[string]result, count int) {
	names := slices.SortedFunc(maps.Keys(results), func(a, b string) int {
		return int(results[b].took - results[a].took)
	})
	if len(names) > 0 && count > 0 {
		fmt.Fprintln(out, "\nSlowest:")
	}
	for _, name := range names[:min(count, len(names))] {
		fmt.Fprintf(out, "  %6.1f s  %s\n", results[name].took.Seconds(), name)
	}
}
