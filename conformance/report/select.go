package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"regexp"
	"slices"
	"strings"
)

// A line of `e2e.test --list-tests`: where the test stands, and its name.
var listed = regexp.MustCompile(`^.*\.go:\d+: (\[sig-.*)$`)

// Those that change what all tests share, so nothing may run beside them.
var serial = regexp.MustCompile(`\[Serial\]|\[Disruptive\]`)

// selectTests reads the output of `e2e.test --list-tests` and writes the chosen names, sorted.
func selectTests(arguments []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("select", flag.ContinueOnError)
	focus := flags.String("focus", "", "only names that match")
	skip := flags.String("skip", "", "no names that match")
	only := flags.String("only", "", "only names in this `file`")
	failed := flags.String("failed", "", "only those that did not pass according to the report in this `folder`")
	kind := flags.String("kind", "all", "all, parallel or serial")
	slice := flags.String("slice", "", "`N/M`: of these the Nth of M parts, and those of -always")
	always := flags.String("always", "", "`file` of names that every slice has")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	raw, err := lines(in)
	if err != nil {
		return err
	}
	names := conformance(raw)
	if len(names) == 0 {
		return fmt.Errorf("upstream's list of tests names no conformance test")
	}
	keep := []func(string) bool{}
	for _, expression := range []struct {
		text string
		want bool
	}{{*focus, true}, {*skip, false}} {
		if expression.text != "" {
			compiled, err := regexp.Compile(expression.text)
			if err != nil {
				return err
			}
			keep = append(keep, func(name string) bool { return compiled.MatchString(name) == expression.want })
		}
	}
	if *only != "" {
		wanted, err := file(*only)
		if err != nil {
			return err
		}
		keep = append(keep, func(name string) bool { return set(wanted)[name] })
	}
	if *failed != "" {
		results, err := readResults(*failed, names)
		if err != nil {
			return err
		}
		keep = append(keep, func(name string) bool {
			result, ran := results[name]
			return ran && result.state != passed
		})
	}
	if *kind != "all" {
		keep = append(keep, func(name string) bool { return serial.MatchString(name) == (*kind == "serial") })
	}
	if *slice != "" {
		var part, parts int
		if _, err := fmt.Sscanf(*slice, "%d/%d", &part, &parts); err != nil || parts < 1 {
			return fmt.Errorf("-slice wants N/M, not %q", *slice)
		}
		pinned, err := file(*always)
		if err != nil {
			return err
		}
		inSlice := set(pinned)
		keep = append(keep, func(name string) bool { return inSlice[name] || bucket(name, parts) == part%parts })
	}
	for _, name := range names {
		if !slices.ContainsFunc(keep, func(f func(string) bool) bool { return !f(name) }) {
			fmt.Fprintln(out, name)
		}
	}
	return nil
}

// conformance picks the conformance tests out of upstream's list, sorted.
func conformance(raw []string) []string {
	var names []string
	for _, line := range raw {
		name := line
		if match := listed.FindStringSubmatch(line); match != nil {
			name = match[1]
		}
		if strings.HasPrefix(name, "[sig-") && strings.HasSuffix(name, "[Conformance]") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// bucket spreads names evenly, and a name stays where it is when others come.
func bucket(name string, parts int) int {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	return int(hash.Sum32() % uint32(parts))
}
