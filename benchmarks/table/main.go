// Command table reads measurements, one a line (side, measure, unit, "higher" or "lower" is better,
// value; tabs between), and prints their medians beside each other. With -against it compares each
// measure's ratio to upstream with that of earlier measurements, prints those that have become
// worse beyond the noise, and ends with 1 if there are any.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

type measure struct{ name, unit, better string }

// measurements are the values of each measure by side, and the order in which they came.
type measurements struct {
	values map[measure]map[string][]float64
	order  []measure
}

func main() {
	against := flag.String("against", "", "earlier measurements, a file of the same form")
	tolerance := flag.Float64("tolerance", 0.25, "share by which a ratio to upstream may be worse than earlier")
	flag.Parse()
	now := read(os.Stdin)
	if *against != "" {
		file, err := os.Open(*against)
		if err != nil {
			fail(err.Error())
		}
		check(now, read(file), *tolerance)
		return
	}
	show(now)
}

func read(from io.Reader) measurements {
	read := measurements{values: map[measure]map[string][]float64{}}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 5 {
			fail("not a measurement: " + lines.Text())
		}
		value, err := strconv.ParseFloat(f[4], 64)
		if err != nil {
			fail("not a number: " + lines.Text())
		}
		m := measure{f[1], f[2], f[3]}
		if read.values[m] == nil {
			read.values[m] = map[string][]float64{}
			read.order = append(read.order, m)
		}
		read.values[m][f[0]] = append(read.values[m][f[0]], value)
	}
	return read
}

// check compares ratios and not values: both sides of a ratio were measured on the same machine in
// the same hour. A single round has no range; the tolerance alone stands for the noise then.
func check(now, before measurements, tolerance float64) {
	worse, compared := 0, 0
	for _, m := range now.order {
		is, known := ratio(m, now.values[m])
		was, knownBefore := ratio(m, before.values[m])
		if !known || !knownBefore {
			continue
		}
		compared++
		if is >= was/(1+max(tolerance, noise(now.values[m])+noise(before.values[m]))) {
			continue
		}
		worse++
		fmt.Printf("WORSE  %s: %s× upstream's, was %s×\n", m.name, number(is), number(was))
	}
	if compared == 0 {
		fail("no measure stands in both: nothing was compared")
	}
	fmt.Printf("%d measures compared, %d worse\n", compared, worse)
	if worse > 0 {
		os.Exit(1)
	}
}

// noise is how far the values of our side lie apart, as a share of their median, halved.
func noise(values map[string][]float64) float64 {
	ours := values["ours"]
	if len(ours) < 2 {
		return 0
	}
	return (slices.Max(ours) - slices.Min(ours)) / median(ours) / 2
}

// ratio is how many times better ours is than upstream; below 1 it is worse.
func ratio(m measure, values map[string][]float64) (float64, bool) {
	up, ours := values["upstream"], values["ours"]
	if len(up) == 0 || len(ours) == 0 || median(up) == 0 || median(ours) == 0 {
		return 0, false
	}
	if m.better == "lower" {
		return median(up) / median(ours), true
	}
	return median(ours) / median(up), true
}

func show(all measurements) {
	fmt.Println("| measure | upstream | ours | |")
	fmt.Println("|---|---|---|---|")
	for _, m := range all.order {
		values := all.values[m]
		fmt.Printf("| %s | %s | %s | %s |\n", m.name, shown(values["upstream"], m.unit), shown(values["ours"], m.unit), verdict(m, values))
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "table:", why)
	os.Exit(1)
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// shown is the median and, of several values, the range.
func shown(of []float64, unit string) string {
	if len(of) == 0 {
		return "–"
	}
	text := number(median(of)) + " " + unit
	if len(of) > 1 {
		text += fmt.Sprintf(" (%s–%s)", number(slices.Min(of)), number(slices.Max(of)))
	}
	return text
}

func number(x float64) string {
	switch {
	case x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
}

func verdict(m measure, values map[string][]float64) string {
	times, known := ratio(m, values)
	if !known {
		return "–"
	}
	if times >= 1 {
		return fmt.Sprintf("**%s×** better", number(times))
	}
	return fmt.Sprintf("%s× worse", number(1/times))
}
