// Package deploy_test checks what holds of the whole module.
package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

// TestDependencies: DEPENDENCIES.md has a reason for each direct dependency and each tool, and names no other.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var module struct {
		Require []struct {
			Path     string
			Indirect bool
		}
		Tool []struct{ Path string }
	}
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range module.Require {
		if !r.Indirect {
			want = append(want, r.Path)
		}
	}
	for _, tool := range module.Tool {
		want = append(want, tool.Path)
	}
	text, err := os.ReadFile("DEPENDENCIES.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|(?:[^|\n]+\\|)? *\\S[^|\n]* \\|$").FindAllStringSubmatch(string(text), -1) {
		got = append(got, row[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("DEPENDENCIES.md has no reason for %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("DEPENDENCIES.md has %s, which go.mod requires only indirectly, or not", g)
		}
	}
	if len(got) != len(want) {
		t.Errorf("DEPENDENCIES.md has %d rows for %d dependencies and tools", len(got), len(want))
	}
}
