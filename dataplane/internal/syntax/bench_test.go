package syntax

import (
	"testing"
)

// ordinary are commands as clients send them all day.
var ordinary = []struct {
	name, command string
}{
	{"NOOP", "a1 NOOP"},
	{"SELECT", "a1 SELECT INBOX"},
	{"STATUS", `a1 STATUS "Sent Mail" (MESSAGES UNSEEN UIDNEXT)`},
	{"FETCH", "a1 UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)"},
	{"FETCH-section", "a1 UID FETCH 42 (BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT)])"},
	{"STORE", `a1 UID STORE 42 +FLAGS.SILENT (\Seen)`},
	{"SEARCH", "a1 UID SEARCH RETURN (ALL) UNSEEN SINCE 1-Feb-1994"},
	{"APPEND", `a1 APPEND Drafts (\Draft \Seen) {310}`},
	{"LOGIN", "a1 LOGIN joe@example.org secret"},
}

func BenchmarkParse(b *testing.B) {
	for _, bc := range ordinary {
		b.Run(bc.name, func(b *testing.B) {
			raw := []byte(bc.command)
			var p Parser
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Parse(raw, Mode{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	name := []byte("Uid Fetch")
	b.ReportAllocs()
	for b.Loop() {
		if Lookup(name) == nil {
			b.Fatal("not found")
		}
	}
}

// TestAllocations bounds what an ordinary command costs: the Command, its tokens, and what its fields hold.
func TestAllocations(t *testing.T) {
	most := map[string]float64{
		"NOOP": 1, "SELECT": 3, "STATUS": 5, "FETCH": 4, "FETCH-section": 5, "STORE": 4, "SEARCH": 4, "APPEND": 5, "LOGIN": 5,
	}
	for _, tc := range ordinary {
		raw := []byte(tc.command)
		var p Parser
		got := testing.AllocsPerRun(100, func() {
			if _, err := p.Parse(raw, Mode{}); err != nil {
				t.Fatal(err)
			}
		})
		if got > most[tc.name] {
			t.Errorf("%s: %v allocations, want at most %v", tc.name, got, most[tc.name])
		}
	}
	if got := testing.AllocsPerRun(100, func() { Lookup([]byte("UID FETCH")) }); got > 0 {
		t.Errorf("Lookup: %v allocations", got)
	}
}
