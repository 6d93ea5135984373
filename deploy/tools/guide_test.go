package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a page, with the comment above it.
var block = regexp.MustCompile("(?ms)(?:^<!-- (is|writes) (\\S+) -->\n)?^```(\\w*)\n(.*?)^```$")

// TestGuide types rego/GUIDE.md from top to bottom: files are written or compared where it says so, commands are run, and what comes
// out is what the page has. "..." stands for anything in a line.
func TestGuide(t *testing.T) {
	page, err := os.ReadFile("../../rego/GUIDE.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	typed := 0
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		action, name, language, text := m[1], filepath.Join(dir, m[2]), m[3], m[4]
		switch {
		case action == "writes":
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		case action == "is":
			if is, err := os.ReadFile(name); err != nil || string(is) != text {
				t.Errorf("%s is (%v)\n%s\nand the page has\n%s", m[2], err, is, text)
			}
		case language == "console":
			for command := range strings.SplitSeq("\n"+text, "\n$ ") {
				command, want, _ := strings.Cut(command, "\n")
				if command == "" {
					continue
				}
				typed++
				got := run(t, dir, command)
				if !matches(want, got) {
					t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", command, got, want)
				}
			}
		default:
			t.Errorf("nothing is done with this block:\n%s", text)
		}
	}
	if typed < 8 {
		t.Errorf("only %d commands", typed)
	}
}

func run(t *testing.T, dir, command string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// matches compares by line. How many spaces align a table does not matter.
func matches(want, got string) bool {
	wants, gots := strings.Split(strings.TrimRight(want, "\n"), "\n"), strings.Split(strings.TrimRight(got, "\n"), "\n")
	if len(wants) != len(gots) {
		return false
	}
	for i, w := range wants {
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(words(w)), `\.\.\.`, ".*") + "$"
		if !regexp.MustCompile(pattern).MatchString(words(gots[i])) {
			return false
		}
	}
	return true
}

func words(line string) string { return strings.Join(strings.Fields(line), " ") }
