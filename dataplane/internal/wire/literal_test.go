package wire

import (
	"math"
	"testing"
)

func TestParseLiteralHeader(t *testing.T) {
	for _, tc := range []struct {
		line  string
		want  LiteralHeader
		start int
	}{
		{"{0}", LiteralHeader{}, 0},
		{"a LOGIN {5}", LiteralHeader{Size: 5}, 8},
		{"a LOGIN {5+}", LiteralHeader{Size: 5, NonSync: true}, 8},
		{"a APPEND x ~{5}", LiteralHeader{Size: 5, Binary: true}, 11},
		{"a APPEND x ~{5+}", LiteralHeader{Size: 5, NonSync: true, Binary: true}, 11},
		{"a APPEND x (\\Seen) {310}", LiteralHeader{Size: 310}, 19},
		{"* 1 FETCH (BODY[] {9223372036854775807}", LiteralHeader{Size: math.MaxInt64}, 18},
		{`a LOGIN "}{" {5}`, LiteralHeader{Size: 5}, 13},
		// Not where a literal may stand, but its octets are announced: they are to be consumed.
		{"{5+}", LiteralHeader{Size: 5, NonSync: true}, 0},
		{"a LIST ab{6+}", LiteralHeader{Size: 6, NonSync: true}, 9},
		{`a LIST ""{5+}`, LiteralHeader{Size: 5, NonSync: true}, 9},
		{`a LOGIN "open {5+}`, LiteralHeader{Size: 5, NonSync: true}, 14},
		{"a LIST {{5}", LiteralHeader{Size: 5}, 8},
	} {
		h, start, ok, err := ParseLiteralHeader([]byte(tc.line))
		if !ok || err != nil || h != tc.want || start != tc.start {
			t.Errorf("%q: %+v at %d, ok %v, error %v", tc.line, h, start, ok, err)
		}
	}
}

func TestNoLiteralHeader(t *testing.T) {
	for _, line := range []string{
		"", "a NOOP", "a LOGIN {5} x", "a LOGIN {5} ", "a LOGIN {5", "a SEARCH SUBJECT x}", "}",
		`a SEARCH SUBJECT "{5}"`, `a SEARCH SUBJECT "{" }`, `a SEARCH SUBJECT "{5" x}`, "{5}\r",
	} {
		if h, start, ok, err := ParseLiteralHeader([]byte(line)); ok || err != nil {
			t.Errorf("%q: %+v at %d, ok %v, error %v", line, h, start, ok, err)
		}
	}
}

func TestMalformedLiteralHeader(t *testing.T) {
	for _, header := range []string{
		"{05}", "{05+}", "{00}", "{+5}", "{-1}", "{5 }", "{ 5}", "{5 +}", "{5+ }", "{5-}", "{5++}", "{0x5}", "{}", "{+}", "{5,}", "{5.0}", "{\xd9\xa5}",
		"{9223372036854775808}", "{18446744073709551615}", "{18446744073709551621}", "{18446744073709551617}", "{99999999999999999999999999}", "{5}}", "{name}",
	} {
		for _, before := range []string{"", "a LOGIN ", "a APPEND x ~", "a LIST (x", `a SEARCH "x" `} {
			if h, _, ok, err := ParseLiteralHeader([]byte(before + header)); ok || err != ErrLiteralHeader {
				t.Errorf("%q: %+v, ok %v, error %v", before+header, h, ok, err)
			}
		}
	}
}

func TestHeaderPrintsAsItWasParsed(t *testing.T) {
	for _, header := range []string{"{0}", "{5+}", "~{4096}", "~{1+}", "{9223372036854775807}"} {
		h, _, ok, err := ParseLiteralHeader([]byte(header))
		if got := string(h.Append([]byte("a "))); !ok || err != nil || got != "a "+header {
			t.Errorf("%q: printed %q, ok %v, error %v", header, got, ok, err)
		}
	}
}
