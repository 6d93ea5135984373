package dataplane_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/config"
)

// places are the folders that HAZARDS.md names packages by.
var places = map[string]string{
	"session": "internal/session", "syntax": "internal/syntax", "wire": "internal/wire", "sasl": "internal/sasl",
	"pep": "internal/pep", "pdp": "internal/pdp", "reuse": "internal/reuse", "config": "internal/config", "keyring": "internal/keyring", "dataplane": ".", "cmd": "cmd/gatepost-dataplane", "e2e": "../deploy/e2e",
}

var reference = regexp.MustCompile("`([a-z0-9]+): ([^`]+)`")

// TestHazards: each line of HAZARDS.md names tests, and all that it names exist.
func TestHazards(t *testing.T) {
	text, err := os.ReadFile("HAZARDS.md")
	if err != nil {
		t.Fatal(err)
	}
	hazards := 0
	_, sections, _ := strings.Cut(string(text), "\n## ")
	for line := range strings.Lines(sections) {
		cells := strings.SplitN(strings.TrimSpace(line), " | ", 2)
		if len(cells) != 2 || strings.HasPrefix(cells[0], "| hazard") {
			if strings.HasPrefix(line, "| ") && len(cells) != 2 {
				t.Errorf("no tests: %s", line)
			}
			continue
		}
		hazards++
		refs := reference.FindAllStringSubmatch(cells[1], -1)
		if len(refs) == 0 {
			t.Errorf("no tests: %s", cells[0])
		}
		if rest := strings.Trim(reference.ReplaceAllString(cells[1], ""), " |"); rest != "" {
			t.Errorf("%s: not a test: %s", cells[0], rest)
		}
		for _, r := range refs {
			if !exists(t, r[1], r[2]) {
				t.Errorf("%s: there is no %s: %s", cells[0], r[1], r[2])
			}
		}
	}
	if hazards < 70 {
		t.Errorf("%d hazards", hazards)
	}
	for _, bounds := range []any{config.Limits{}, config.Timeouts{}} {
		kind := reflect.TypeOf(bounds)
		for i := range kind.NumField() {
			bound := strings.ToLower(kind.Name()) + "." + kind.Field(i).Tag.Get("yaml")
			if !strings.Contains(sections, "\n| "+bound+" | ") {
				t.Errorf("%s is not in the table", bound)
			}
		}
	}
	for n := 1; n <= 12; n++ {
		if !strings.Contains(sections, fmt.Sprintf("\n| %d. ", n)) {
			t.Errorf("hazard %d is not in the table", n)
		}
	}
}

// exists tells that there is a test.
func exists(t *testing.T, where, what string) bool {
	switch where {
	case "transcript":
		_, err := os.Stat(filepath.Join("internal/session/testdata", what+".txtar"))
		return err == nil
	case "input":
		rows := string(read(t, "internal/session/testdata/differential.golden"))
		return slices.ContainsFunc(strings.Split(rows, "\n"), func(row string) bool {
			return row == what || strings.HasPrefix(row, "hazard ") && strings.HasSuffix(row, ": "+what)
		})
	case "rego":
		file, rule, _ := strings.Cut(what, " ")
		return regexp.MustCompile(`(?m)^` + rule + `\b`).Match(read(t, filepath.Join("../rego/imap", file)))
	}
	files, _ := filepath.Glob(filepath.Join(places[where], "*_test.go"))
	return slices.ContainsFunc(files, func(f string) bool {
		return strings.Contains(string(read(t, f)), "\nfunc "+what+"(")
	})
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	return b
}
