package checks

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	programLine = regexp.MustCompile(`gatepost-(dataplane|decider) ([a-z]+)([^\n` + "`" + `]*)`)
	flagName    = regexp.MustCompile(`(?:^|\s)(--[a-z-]+)`)
	makeTarget  = regexp.MustCompile(`\bmake ([a-z-]+)`)
	link        = regexp.MustCompile(`\]\(([^)#]+)\)`)
	metric      = regexp.MustCompile(`gatepost_[a-z_]+`)
	alert       = regexp.MustCompile(`\bGatepost[A-Z]\w+`)
	setting     = regexp.MustCompile("`([a-z_]+(?:\\.[a-z_]+)+)(?:: [^`]*)?`")
	settings    = regexp.MustCompile(`yaml:"(\w+)"`)
)

// TestDocuments: the commands, flags, make targets, files, metrics and alerts that the pages for operators name are there; and the
// runbook names every alert.
func TestDocuments(t *testing.T) {
	pages := []string{"../RUNBOOK.md", "../monitoring/README.md", "../containers/README.md", "../kubernetes/README.md"}
	makefile := read(t, root+"/Makefile")
	metrics := read(t, root+"/dataplane/METRICS.md") + read(t, root+"/decider/METRICS.md")
	config := map[string]bool{}
	for _, program := range []string{"dataplane", "decider"} {
		for _, m := range settings.FindAllStringSubmatch(read(t, root+"/"+program+"/internal/config/config.go"), -1) {
			config[m[1]] = true
		}
	}
	values := read(t, chartDir+"/values.yaml")
	alerts := map[string]bool{}
	for _, r := range rules(t) {
		alerts[r.Alert] = true
	}
	help := map[string]string{}
	commands := 0
	for _, page := range pages {
		text := read(t, page)
		for _, m := range programLine.FindAllStringSubmatch(text, -1) {
			commands++
			key := m[1] + " " + m[2]
			if _, ok := help[key]; !ok {
				out, err := output(program(t, "gatepost-"+m[1]), m[2], "--help")
				if err != nil || !strings.Contains(out, "gatepost-"+key) {
					t.Errorf("%s: there is no gatepost-%s", page, key)
				}
				help[key] = out
			}
			for _, f := range flagName.FindAllStringSubmatch(m[3], -1) {
				if !strings.Contains(help[key], f[1]+" ") {
					t.Errorf("%s: gatepost-%s has no flag %s", page, key, f[1])
				}
			}
		}
		for _, m := range makeTarget.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no make %s", page, m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
		for _, name := range metric.FindAllString(text, -1) {
			if !strings.Contains(metrics, "`"+name+"`") {
				t.Errorf("%s: there is no metric %s", page, name)
			}
		}
		for _, name := range alert.FindAllString(text, -1) {
			if !alerts[name] {
				t.Errorf("%s: there is no alert %s", page, name)
			}
		}
		for _, m := range setting.FindAllStringSubmatch(text, -1) {
			for part := range strings.SplitSeq(m[1], ".") {
				if !config[part] && !strings.Contains(values, part+":") && !otherwise.MatchString(m[1]) {
					t.Errorf("%s: there is no setting %s", page, m[1])
				}
			}
		}
	}
	if commands < 10 {
		t.Errorf("%d commands", commands)
	}
	runbook := read(t, pages[0])
	for name := range alerts {
		if !strings.Contains(runbook, name) {
			t.Errorf("the runbook does not say what to do about %s", name)
		}
	}
}

// otherwise are names that look like settings: of records, packages and builtin functions of Rego, and files.
var otherwise = regexp.MustCompile(`^(custom\.\w+|system\.log|http\.send|[\w.]+\.(json|yaml|crt|key))$`)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
