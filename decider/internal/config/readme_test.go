package config

import (
	"os"
	"strings"
	"testing"
)

// The README's configuration is one.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README has no configuration")
	}
	c, _, err := parse("README.md", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Listen) != 2 || c.Policy != "policy" || c.DecisionLog.File.MaxBackups != 30 || c.Audit.OnFull != Block {
		t.Errorf("configuration %+v", c)
	}
}
