package wire

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

// allocated returns how many octets f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What any of the inputs of hazard 9 may cost, in octets allocated: the token slice at its limit, grown by doubling, is
// the largest.
const memoryBound = 2 << 20

func TestHazard9Tokens(t *testing.T) {
	for _, tc := range []struct {
		note, raw, want string
	}{
		{"1e6 parentheses in one list", "a LIST " + strings.Repeat("(", 1e6), "less nesting"},
		{"1e6 parentheses, closed", "a LIST " + strings.Repeat("(", 5e5) + strings.Repeat(")", 5e5), "less nesting"},
		{"1e6 empty lists", "a LIST ()" + strings.Repeat(" ()", 1e6), "fewer arguments"},
		{"1e6 empty lists in a list", "a LIST (()" + strings.Repeat(" ()", 1e6) + ")", "fewer arguments"},
		{"100 000 atoms", "a LIST x" + strings.Repeat(" x", 1e5), "fewer arguments"},
		{"100 000 pairs of ID", "a ID (\"x\" NIL" + strings.Repeat(" \"x\" NIL", 1e5) + ")", "fewer arguments"},
		{"100 000 sections", "a FETCH 1 (BODY[]" + strings.Repeat(" BODY[]", 1e5) + ")", "fewer arguments"},
		{"10 001 literals of an octet", "a LIST {1}\r\nx" + strings.Repeat(" {1}\r\nx", 10_000), "fewer arguments"},
		{"an atom of 10 MB", "a LIST " + strings.Repeat("x", 10<<20) + "\"", "a space"},
		{"a quoted string of 10 MB", "a LIST \"" + strings.Repeat("x", 10<<20), "the end of a quoted string"},
		{"a tag of 10 MB", strings.Repeat("x", 10<<20) + " NOOP", "a tag"},
		{"a literal of 2^63-1", "a LIST {9223372036854775807+}\r\nx", "the data of a literal"},
	} {
		t.Run(tc.note, func(t *testing.T) {
			raw := []byte(tc.raw)
			s := newScanner()
			var err error
			n := allocated(func() { _, err = s.Command(raw) })
			if syntax, ok := err.(*SyntaxError); !ok || syntax.Want != tc.want {
				t.Errorf("%v; want %s", err, tc.want)
			}
			if n > memoryBound {
				t.Errorf("%d octets were allocated", n)
			}
		})
	}
}

func TestLimitsAreExact(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("(", n) + strings.Repeat(")", n) }
	for _, tc := range []struct {
		note   string
		limits Limits
		raw    string
		ok     bool
	}{
		{"the default depth", Limits{}, nested(50), true},
		{"beyond the default depth", Limits{}, nested(51), false},
		{"a depth", Limits{Depth: 2}, "(()) (() x)", true},
		{"beyond a depth", Limits{Depth: 2}, "((()))", false},
		{"a section is a level", Limits{Depth: 2}, "(BODY[])", true},
		{"a section is a level, beyond", Limits{Depth: 2}, "(BODY[(x)])", false},
		{"the default of tokens", Limits{}, "x" + strings.Repeat(" x", 9_999), true},
		{"beyond the default of tokens", Limits{}, "x" + strings.Repeat(" x", 10_000), false},
		{"tokens", Limits{Tokens: 4}, "(x BODY[])", true},
		{"beyond the tokens", Limits{Tokens: 3}, "(x BODY[])", false},
	} {
		if got, ok := takes(&Scanner{Limits: tc.limits}, tc.raw, true); ok != tc.ok {
			t.Errorf("%s: %v, %.60s", tc.note, ok, got)
		}
	}
}

// The sender goes on for 100 MB after the refusal, as a session does that has not closed yet.
func TestHazard9LineWithoutEnd(t *testing.T) {
	const line = 64 << 10
	for note, chunk := range map[string][]byte{
		"of letters":     bytes.Repeat([]byte("x"), 32<<10),
		"of CRs":         bytes.Repeat([]byte("\r"), 32<<10),
		"of parentheses": bytes.Repeat([]byte("("), 32<<10),
	} {
		t.Run(note, func(t *testing.T) {
			f := Framer{MaxLine: line}
			var refused int
			n := allocated(func() {
				for sent := 0; sent < 100<<20; sent += len(chunk) {
					f.Write(chunk)
					if _, ok, err := f.Line(); ok {
						t.Fatal("a line")
					} else if err == ErrLineTooLong {
						refused++
					}
				}
			})
			if refused == 0 || f.Buffered() > 0 {
				t.Errorf("refused %d times, %d octets buffered", refused, f.Buffered())
			}
			if n > memoryBound {
				t.Errorf("%d octets were allocated", n)
			}
		})
	}
}

// Of a literal the Framer holds what was written and not yet taken.
func TestALiteralOf100MBStreamsThrough(t *testing.T) {
	const size = 100 << 20
	f := Framer{MaxLine: 1000}
	chunk := bytes.Repeat([]byte("x"), 32<<10)
	taken := uint64(0)
	n := allocated(func() {
		f.Write([]byte("a APPEND x {104857600+}\r\n"))
		f.Line()
		for sent := 0; sent < size; sent += len(chunk) {
			f.Write(chunk)
			taken += uint64(len(f.Take(size - taken)))
		}
	})
	if taken != size || n > 64<<10 {
		t.Errorf("%d octets were taken, %d allocated", taken, n)
	}
}

func TestAScannerDropsALargeTokenSlice(t *testing.T) {
	s := newScanner()
	s.Command([]byte("a LIST x" + strings.Repeat(" x", 5000)))
	s.Command([]byte("a LIST x"))
	if cap(s.tokens) > retainTokens {
		t.Errorf("room for %d tokens is kept", cap(s.tokens))
	}
}
