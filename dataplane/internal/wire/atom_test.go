package wire

import "testing"

// takes reports whether raw is an argument list, and which.
func takes(s *Scanner, raw string, sections bool) (string, bool) {
	tokens, err := s.Arguments([]byte(raw), 0, sections)
	if err != nil {
		return err.Error(), false
	}
	return tree([]byte(raw), tokens), true
}

func TestAtoms(t *testing.T) {
	for _, atom := range []string{
		"x", "NIL", "0", "1:*", "*:4,5:7", "$", "%", "*", "a/%/b*", "]", "a]b", "[x]", "[", "~", "~x", "}", "x}", "<0.100>", "#news", "+FLAGS.SILENT", "-", "=",
		"1-Feb-1994", "user@example.com", "&AFM-ecret", `\Seen`, `\*`, `\X-Mine`, `\[x`, "BODYX[", "BODY", "x.BODY[1]", "[BODY]",
	} {
		for _, sections := range []bool{false, true} {
			tokens, err := newScanner().Arguments([]byte(atom), 0, sections)
			if err != nil || len(tokens) != 1 || tokens[0] != (Token{Kind: Atom, End: uint32(len(atom)), Next: 1}) {
				t.Errorf("%q: %+v, %v", atom, tokens, err)
			}
		}
	}
}

func TestNoAtoms(t *testing.T) {
	for _, raw := range []string{
		"\x00", "x\x00", "\t", "x\ty", "\x1a", "\x7f", "\x80", "x\u00e9", "\r", "x\n", `x"`, `x"y"`, "x{", "ab{6+}", "~x{5}", "x{5}\r\nhello", `x\`, `x\Seen`, `\`, `\\`, `\*x`,
		`\%`, `\]`, `\Seen*`, `\Seen\Seen`, `\(`, "x(", "x)", "BODY(",
	} {
		for _, sections := range []bool{false, true} {
			if got, ok := takes(newScanner(), raw, sections); ok {
				t.Errorf("%q is taken as %q", raw, got)
			}
		}
	}
}

func TestASectionOpensBehindDataItemsOnly(t *testing.T) {
	for _, item := range []string{"BODY", "body", "BODY.PEEK", "BINARY", "BINARY.PEEK", "Binary.Size"} {
		raw := item + "[1.2]<0.5>"
		tokens, err := newScanner().Arguments([]byte(raw), 0, true)
		n := uint32(len(item))
		want := []Token{
			{Kind: Atom, End: n, Next: 1},
			{Kind: Section, Joined: true, Start: n, End: n + 5, Next: 3},
			{Kind: Atom, Start: n + 1, End: n + 4, Next: 3},
			{Kind: Atom, Joined: true, Start: n + 5, End: n + 10, Next: 4},
		}
		if err != nil || len(tokens) != 4 || [4]Token(tokens) != [4]Token(want) {
			t.Errorf("%q: %+v, %v", raw, tokens, err)
		}
		if tokens, err := newScanner().Arguments([]byte(raw), 0, false); err != nil || len(tokens) != 1 {
			t.Errorf("%q without sections: %+v, %v", raw, tokens, err)
		}
	}
	for _, atom := range []string{"RFC822[1]", "BODY.TEXT[1]", "BODYSTRUCTURE[1]", "BINARY.PEEX[1]", "$BODY[1]", "[1]"} {
		if tokens, err := newScanner().Arguments([]byte(atom), 0, true); err != nil || len(tokens) != 1 {
			t.Errorf("%q: %+v, %v", atom, tokens, err)
		}
	}
}
