package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every example has its story, a test, a transcript, and README.md leads to it.
func TestReadme(t *testing.T) {
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	stories, err := filepath.Glob("*/README.md")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, story := range stories {
		folder := filepath.Dir(story)
		if !strings.Contains(string(index), "]("+folder+")") {
			t.Errorf("README.md does not lead to %s", folder)
		}
		for _, kind := range []string{"policy_test.rego", "*.txtar"} {
			if found, _ := filepath.Glob(filepath.Join(folder, kind)); len(found) == 0 {
				t.Errorf("%s has no %s", folder, kind)
			}
		}
	}
}
