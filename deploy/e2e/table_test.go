package e2e

import (
	"os"
	"strings"
	"testing"
)

// tableRows are the cells of the table in a Markdown file, without its head.
func tableRows(t *testing.T, file string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	head := true
	for line := range strings.Lines(string(text)) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if !isRow {
			head = head && !strings.HasPrefix(line, "|---")
			continue
		}
		if !head {
			rows = append(rows, strings.Split(strings.TrimSuffix(line, " |"), " | "))
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table", file)
	}
	return rows
}
