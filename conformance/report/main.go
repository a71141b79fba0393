// Chooses which of upstream's conformance tests run, and reads what came of them.
//
//	report select   prints the names of the chosen tests, one a line
//	report focus    turns names on its standard input into ginkgo's expression for just those
//	report show     prints the tables, and holds the result against the ratchet
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: report select|focus|show …")
	}
	var err error
	switch os.Args[1] {
	case "select":
		err = selectTests(os.Args[2:], os.Stdin, os.Stdout)
	case "focus":
		err = focus(os.Stdin, os.Stdout)
	case "show":
		var good bool
		good, err = show(os.Args[2:], os.Stdout)
		if err == nil && !good {
			os.Exit(1)
		}
	default:
		fail("there is no command %s", os.Args[1])
	}
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "report: "+format+"\n", values...)
	os.Exit(2)
}

// lines reads names, one a line; empty lines and those that begin with # are left out.
func lines(in io.Reader) ([]string, error) {
	var all []string
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all, scanner.Err()
}

// file reads names from a file; a file that is not there holds none.
func file(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	in, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return lines(in)
}

// focus writes an expression that matches the names and no other test. Ginkgo sets its suite's
// description before a name and nothing after it.
func focus(in io.Reader, out io.Writer) error {
	names, err := lines(in)
	if err != nil {
		return err
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	_, err = fmt.Fprintf(out, "(%s)$\n", strings.Join(quoted, "|"))
	return err
}

func set(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}
