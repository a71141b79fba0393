// Command table reads measurements, one a line (side, measure, unit, "higher" or "lower" is better,
// value; tabs between), and prints their medians beside each other.
package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

type measure struct{ name, unit, better string }

func main() {
	values := map[measure]map[string][]float64{}
	var order []measure
	lines := bufio.NewScanner(os.Stdin)
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
		if values[m] == nil {
			values[m] = map[string][]float64{}
			order = append(order, m)
		}
		values[m][f[0]] = append(values[m][f[0]], value)
	}
	fmt.Println("| measure | upstream | ours | |")
	fmt.Println("|---|---|---|---|")
	for _, m := range order {
		up, ours := values[m]["upstream"], values[m]["ours"]
		fmt.Printf("| %s | %s | %s | %s |\n", m.name, shown(up, m.unit), shown(ours, m.unit), verdict(m, up, ours))
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

func verdict(m measure, up, ours []float64) string {
	if len(up) == 0 || len(ours) == 0 || median(up) == 0 || median(ours) == 0 {
		return "–"
	}
	ratio := median(ours) / median(up)
	if m.better == "lower" {
		ratio = 1 / ratio
	}
	if ratio >= 1 {
		return fmt.Sprintf("**%s×** better", number(ratio))
	}
	return fmt.Sprintf("%s× worse", number(1/ratio))
}
