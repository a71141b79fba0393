package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	podsStart = "[sig-node] Pods should start [NodeConformance] [Conformance]"
	jobEnds   = "[sig-apps] Job should end [Serial] [Conformance]"
	prefix    = "[sig-apps] Job should end"
)

const list = `The following spec names can be used with 'ginkgo run --focus/skip':
    ../test/e2e/node/pods.go:12: ` + podsStart + `
    ../test/e2e/apps/job.go:30: ` + jobEnds + `
    ../test/e2e/apps/job.go:31: ` + prefix + "\n"

func chosen(t *testing.T, arguments ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := selectTests(arguments, strings.NewReader(list), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestOnlyConformanceTestsAreChosen(t *testing.T) {
	for _, c := range []struct{ arguments, want string }{
		{"", jobEnds + "\n" + podsStart + "\n"},
		{"-kind serial", jobEnds + "\n"},
		{"-kind parallel", podsStart + "\n"},
		{"-focus sig-apps", jobEnds + "\n"},
		{"-skip sig-apps", podsStart + "\n"},
	} {
		if got := chosen(t, strings.Fields(c.arguments)...); got != c.want {
			t.Errorf("select %s: %q, not %q", c.arguments, got, c.want)
		}
	}
}

func TestSlicesMakeUpTheWhole(t *testing.T) {
	all := chosen(t, "-slice", "0/2") + chosen(t, "-slice", "1/2")
	if strings.Count(all, "\n") != 2 || !strings.Contains(all, podsStart) || !strings.Contains(all, jobEnds) {
		t.Errorf("two slices hold %q", all)
	}
}

func TestFocusMatchesNoLongerName(t *testing.T) {
	var out bytes.Buffer
	if err := focus(strings.NewReader(prefix+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	expression := regexp.MustCompile(strings.TrimSpace(out.String()))
	if !expression.MatchString("Kubernetes e2e suite "+prefix) || expression.MatchString(jobEnds) {
		t.Errorf("%s matches what it should not, or not what it should", expression)
	}
}

const junit = `<testsuites><testsuite>
<testcase name="[It] ` + podsStart + ` [sig-node, NodeConformance, Conformance]" status="STATUS" time="1.5">FAILURE</testcase>
<testcase name="[It] ` + jobEnds + ` [sig-apps, Serial, Conformance]" status="passed" time="2"></testcase>
<testcase name="[It] ` + prefix + ` [sig-apps]" status="skipped" time="0"><skipped message="skipped"></skipped></testcase>
</testsuite></testsuites>`

func TestALostTestFailsTheRun(t *testing.T) {
	for _, c := range []struct {
		status, failure string
		good            bool
		want            string
	}{
		{"passed", "", true, "1 passed that are not in"},
		{"failed", `<failure message="Expected&#xA;false&#xA;to be true" type="failed">more</failure>`, false, "Expected false to be true"},
	} {
		folder := t.TempDir()
		write := func(name, content string) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}
		write("junit-parallel.xml", strings.NewReplacer("STATUS", c.status, "FAILURE", c.failure).Replace(junit))
		var out bytes.Buffer
		good, err := show([]string{
			"-report", folder, "-chosen", write("chosen", podsStart+"\n"+jobEnds+"\n"),
			"-passing", write("passing", podsStart+"\n"),
		}, &out)
		if err != nil || good != c.good || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: good=%v err=%v\n%s", c.status, good, err, out.String())
		}
	}
}

func TestUpdateAddsAndNeverDrops(t *testing.T) {
	folder := t.TempDir()
	passing := filepath.Join(folder, "passing")
	for path, content := range map[string]string{
		filepath.Join(folder, "junit-serial.xml"): strings.NewReplacer("STATUS", "failed", "FAILURE", "<failure message='no'/>").Replace(junit),
		filepath.Join(folder, "chosen"):           podsStart + "\n" + jobEnds + "\n",
		passing:                                   podsStart + "\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	good, err := show([]string{"-report", folder, "-chosen", filepath.Join(folder, "chosen"), "-passing", passing, "-update"}, &out)
	content, _ := os.ReadFile(passing)
	if err != nil || good || string(content) != jobEnds+"\n"+podsStart+"\n" {
		t.Errorf("good=%v err=%v %s\n%s", good, err, content, out.String())
	}
}
