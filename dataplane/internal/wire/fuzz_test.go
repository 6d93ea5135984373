package wire

import (
	"slices"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/corpus"
)

// The seeds are in testdata/fuzz, each file named after its cause: "s5" are rows of the table of measured server
// differences, the rest are RFC dialogues and earlier findings. What the engine found interesting is in testdata/*.corpus.

// FuzzFrame: a stream has the same frames however it is cut, and they are those of the reference.
func FuzzFrame(f *testing.F) {
	corpus.Add(f, "testdata/FuzzFrame.corpus")
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		const maxLine = 256
		want := referenceFrames(stream, maxLine)
		if got := frames(stream, maxLine, nil); !slices.Equal(got, want) {
			t.Fatalf("in one piece\n got %q\nwant %q", got, want)
		}
		if got := frames(stream, maxLine, cuts); !slices.Equal(got, want) {
			t.Fatalf("in pieces\n got %q\nwant %q", got, want)
		}
	})
}

// FuzzScan: the scanner takes what the reference takes, as the same tree, and what it prints parses to that tree.
func FuzzScan(f *testing.F) {
	corpus.Add(f, "testdata/FuzzScan.corpus")
	f.Fuzz(func(t *testing.T, raw []byte, mode byte) {
		compareWithReference(t, raw, mode)
		s := newScanner()
		c, err := s.Command(raw)
		if err != nil {
			if tag := raw[c.Tag.Start:c.Tag.End]; c.Tokens != nil || len(tag) > MaxTag || c.Tag.Start > 0 {
				t.Fatalf("%+v with %v", c, err)
			}
			return
		}
		checkTokens(t, raw, c.Tokens)
		checkPrint(t, raw, c.Tokens, newScanner(), s.Sections(raw[c.Name.Start:c.Name.End]))
	})
}

// FuzzResponse: a head is what a regular expression finds.
func FuzzResponse(f *testing.F) {
	f.Fuzz(func(t *testing.T, line []byte) {
		want, ok := referenceResponse(string(line))
		h, err := Response(line)
		if (err == nil) != ok {
			t.Fatalf("%v; the reference says %v, %q", err, ok, want)
		}
		if err != nil {
			if syntax := err.(*SyntaxError); syntax.Offset < 0 || syntax.Offset > len(line) {
				t.Fatalf("%+v", syntax)
			}
		} else if got := responseHead(string(line), h); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
