package examples

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the output that transcripts really have")

// folders are the examples.
func folders(t *testing.T) []string {
	t.Helper()
	tests, err := filepath.Glob("*/policy_test.rego")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for i := range tests {
		tests[i] = filepath.Dir(tests[i])
	}
	return tests
}

// Every example has its story, and README.md leads to it.
func TestReadme(t *testing.T) {
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders(t) {
		if _, err := os.Stat(filepath.Join(folder, "README.md")); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(index), "]("+folder+")") {
			t.Errorf("README.md does not lead to %s", folder)
		}
	}
}

// Every transcript of every example plays as it is written.
func TestTranscripts(t *testing.T) {
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			names, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
			if err != nil || len(names) == 0 {
				t.Fatalf("no transcript: %v", err)
			}
			j := newJudge(t, folder)
			for _, name := range names {
				t.Run(filepath.Base(name), func(t *testing.T) { play(t, j, name) })
			}
		})
	}
}

// play plays a transcript.
func play(t *testing.T, j *judge, name string) {
	tr := readTranscript(t, name)
	j.connected = time.Time{}
	b := newBed(t, j, tr.settings)
	got := make([]output, len(tr.steps))
	closed := false
	for i, st := range tr.steps {
		switch st.kind {
		case "C:":
			_, _ = b.client.conn.Write(st.octets)
		case "S:":
			_, _ = b.server.conn.Write(st.octets)
		case "C.":
			b.client.conn.Close()
		case "S.":
			b.server.conn.Close()
		default:
			continue
		}
		got[i] = b.settle(st.want)
		closed, got[i].closed = got[i].closed, got[i].closed && !closed
		if want, is := st.want.text(st.octets), got[i].text(st.octets); want != is && !*update {
			t.Fatalf("%s\nwant:\n%sgot:\n%s", st.source, want, is)
		}
	}
	if *update {
		tr.write(t, name, got)
		return
	}
	time.Sleep(20 * time.Millisecond)
	left := b.settle(output{})
	if left.closed = left.closed && !closed; left.text(nil) != "" {
		t.Errorf("more than is written:\n%s", left.text(nil))
	}
}

// settle waits until what is wanted has come, or time is up; with -update until nothing comes any more.
func (b *bed) settle(want output) output {
	deadline, quiet := time.Now().Add(patience), 0
	for last := -1; time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		toServer, _ := b.server.state()
		toClient, closed := b.client.state()
		verdicts := b.judge.count()
		if *update {
			if now := toServer + toClient + verdicts; now != last {
				last, quiet = now, 0
			}
			if quiet++; quiet < 200 {
				continue
			}
			break
		}
		if toServer >= len(want.toServer) && toClient >= len(want.toClient) && verdicts >= len(want.verdicts) && (closed || !want.closed) {
			break
		}
	}
	_, closed := b.client.state()
	return output{b.judge.take(), b.server.take(), b.client.take(), closed}
}
