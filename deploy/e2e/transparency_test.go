package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// What passes is not changed: every dialogue of testdata/dialogues runs in a session in which everything is accepted, and
// verify compares the legs. Against Dovecot, and against Cyrus with the differences of testdata/cyrus.md.
func TestTransparency(t *testing.T) {
	for _, upstream := range []struct {
		name        string
		server      func(testing.TB) *server
		differences string
	}{
		{"Dovecot", dovecot, ""},
		{"Cyrus", cyrus, "testdata/cyrus.md"},
	} {
		t.Run(upstream.name, func(t *testing.T) {
			upstream.server(t)
			differ := differences(t, upstream.differences)
			everything := newJudge(t, acceptAll)
			dialogues := dialogues(t)
			for _, d := range dialogues {
				d.differs = differ[d.name]
				delete(differ, d.name)
				t.Run(d.name, func(t *testing.T) {
					t.Parallel()
					altered := slices.Contains(d.differs, "broken off") || slices.Contains(d.differs, "closes")
					d.run(newBed(t, setup{judge: everything, upstream: upstream.server, altered: altered}))
				})
			}
			for name := range differ {
				t.Errorf("%s: there is no dialogue %s", upstream.differences, name)
			}
			t.Logf("%d dialogues", len(dialogues))
		})
	}
}

// dialogues are those of testdata.
func dialogues(t *testing.T) (all []dialogue) {
	t.Helper()
	files, err := filepath.Glob("testdata/dialogues/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		must(t, err)
		for _, f := range archive.Files {
			d, err := parseDialogue(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, string(f.Data))
			must(t, err)
			all = append(all, d)
		}
	}
	return all
}

// differences reads a table of how a server answers other than Dovecot: by dialogue, what is different.
func differences(t *testing.T, file string) map[string][]string {
	t.Helper()
	m := map[string][]string{}
	if file == "" {
		return m
	}
	for _, row := range tableRows(t, file) {
		if len(row) != 3 || row[2] == "" || m[row[0]] != nil {
			t.Fatalf("%s: %q is not a dialogue, what differs and why, or stands twice", file, row)
		}
		m[row[0]] = strings.Split(row[1], ", ")
	}
	return m
}
