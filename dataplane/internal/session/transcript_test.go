package session_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/transcript"
)

var update = flag.Bool("update", false, "rewrite the output lines of the transcripts; read the diff before committing it")

// TestTranscripts plays every transcript whole, octet by octet and in random pieces: the output is the same.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(f, "testdata/"), ".txtar")
		t.Run(name, func(t *testing.T) {
			tr, err := transcript.Parse(f)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(f, tr.Update(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			cuts := map[string]transcript.Cut{"whole": transcript.Whole, "bytewise": transcript.Bytewise}
			for seed := range uint64(8) {
				cuts["random "+string(rune('0'+seed))] = transcript.Random(seed)
			}
			if tr.WholeOnly {
				cuts = map[string]transcript.Cut{"whole": transcript.Whole}
			}
			for name, cut := range cuts {
				if diff := tr.Run(cut); diff != "" {
					t.Errorf("%s: %s\n%s", name, tr.Sentence, diff)
				}
			}
		})
	}
}
