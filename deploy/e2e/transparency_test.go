package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// What passes is not changed: every dialogue of testdata/dialogues runs in a session in which everything is accepted, and
// verify compares the legs.
func TestTransparency(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	everything := newJudge(t, acceptAll)
	n := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			d, err := parseDialogue(f.Name, string(f.Data))
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			n++
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				d.run(newBed(t, setup{judge: everything}))
			})
		}
	}
	t.Logf("%d dialogues", n)
}
