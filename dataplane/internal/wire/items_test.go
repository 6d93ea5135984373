package wire

import (
	"math/rand/v2"
	"testing"
)

func TestScannerAgreesWithTheReference(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9051))
	accepted := 0
	for range 50_000 {
		raw := randomStream(random)
		if compareWithReference(t, raw, byte(random.Uint32())) {
			accepted++
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d inputs were accepted: the comparison says little", accepted)
	}
}

// compareWithReference scans raw as an argument list under the options that the bits of mode choose, and compares the outcome
// with the reference's.
func compareWithReference(t *testing.T, raw []byte, mode byte) (accepted bool) {
	t.Helper()
	s := Scanner{UTF8: mode&1 != 0, Literal8: mode&2 != 0}
	sections := mode&4 != 0
	if mode&8 != 0 {
		s.Limits = Limits{Depth: 2, Tokens: 8}
	}
	r := reference{utf8: s.UTF8, literal8: s.Literal8, sections: sections, adjacent: true, depth: DefaultDepth, tokens: DefaultTokens, rest: string(raw)}
	if mode&8 != 0 {
		r.depth, r.tokens = 2, 8
	}
	want, ok := "", true
	if len(raw) > 0 {
		want, ok = r.list("", 0, false)
	}
	tokens, err := s.Arguments(raw, 0, sections)
	if (err == nil) != ok {
		t.Fatalf("%q, mode %04b: error %v; the reference says %v", raw, mode&15, err, ok)
	}
	if err != nil {
		if syntax := err.(*SyntaxError); syntax.Offset < 0 || syntax.Offset > len(raw) || syntax.Want == "" {
			t.Fatalf("%q: %+v", raw, syntax)
		}
		return false
	}
	if got := tree(raw, tokens); got != want {
		t.Fatalf("%q, mode %04b\n got %q\nwant %q", raw, mode&15, got, want)
	}
	checkTokens(t, raw, tokens)
	return true
}

// A command's arguments are the same list but for lists without a space between.
func TestCommandsAndResponsesShareTheGrammar(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 9051))
	s := newScanner()
	for range 20_000 {
		raw := append([]byte("a FETCH "), randomStream(random)...)
		if len(raw) == len("a FETCH ") {
			continue
		}
		c, commandErr := s.Command(raw)
		var want string
		if commandErr == nil {
			want = tree(raw, c.Tokens)
		}
		tokens, err := s.Arguments(raw, len("a FETCH "), true)
		if commandErr == nil && (err != nil || tree(raw, tokens) != want) {
			t.Fatalf("%q: a command has %s; arguments: %v", raw, want, err)
		}
		if commandErr != nil && err == nil && !hasAdjacent(tokens) {
			t.Fatalf("%q: %v, but the arguments are taken", raw, commandErr)
		}
	}
}

func hasAdjacent(tokens []Token) bool {
	for _, t := range tokens {
		if t.Kind == List && t.Joined {
			return true
		}
	}
	return false
}
