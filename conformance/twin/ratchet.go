package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"os"
	"sort"
	"strings"
)

// The ratchet is a list of the cases that agree. There are tens of thousands of them, so what
// stands in the file is a hash of each case's name, grouped by resource and kind of request: a line
// "deployments.apps bad create: 0a1b2c3d …".
type ratchet map[string]map[string]bool

func hashOf(id string) string {
	sum := fnv.New32a()
	sum.Write([]byte(id))
	return fmt.Sprintf("%08x", sum.Sum32())
}

func readRatchet(path string) (ratchet, error) {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return ratchet{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	known := ratchet{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		group, hashes, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("%s: want 'group: hashes', not %q", path, clip(line, 80))
		}
		known[group] = map[string]bool{}
		for _, hash := range strings.Fields(hashes) {
			known[group][hash] = true
		}
	}
	return known, lines.Err()
}

func (r *Result) group() string { return r.Resource + " " + r.Kind }

func (k ratchet) lists(r *Result) bool { return k[r.group()][hashOf(r.ID())] }

func (k ratchet) add(r *Result) {
	if k[r.group()] == nil {
		k[r.group()] = map[string]bool{}
	}
	k[r.group()][hashOf(r.ID())] = true
}

func (k ratchet) size() int {
	count := 0
	for _, group := range k {
		count += len(group)
	}
	return count
}

func (k ratchet) write(path string) error {
	var out strings.Builder
	out.WriteString("# The cases in which both servers agree, by resource and kind of request: FNV-1a hashes of their names.\n")
	out.WriteString("# Made by 'conformance/twin/run --update', which only adds. A case listed here that differs fails a run.\n")
	for _, group := range sortedKeys(k) {
		hashes := sortedKeys(k[group])
		sort.Strings(hashes)
		fmt.Fprintf(&out, "%s: %s\n", group, strings.Join(hashes, " "))
	}
	return os.WriteFile(path, []byte(out.String()), 0o644)
}
