package wire

import (
	"strings"
	"testing"
)

// The sets of RFC 9051 section 9, derived from its ABNF and not from class.go. inRange and inSet are its "%x01-7F" and its
// quoted characters.
var abnf = struct {
	char, ctl, atomChar, astringChar, listChar, textChar, quotedChar, tagChar func(c int) bool
}{
	char:        func(c int) bool { return inRange(c, 0x01, 0x7f) },
	ctl:         func(c int) bool { return inRange(c, 0x00, 0x1f) || c == 0x7f },
	atomChar:    func(c int) bool { return inRange(c, 0x01, 0x7f) && !atomSpecial(c) },
	astringChar: func(c int) bool { return inRange(c, 0x01, 0x7f) && !atomSpecial(c) || c == ']' },
	listChar:    func(c int) bool { return inRange(c, 0x01, 0x7f) && !atomSpecial(c) || inSet(c, `%*]`) },
	textChar:    func(c int) bool { return inRange(c, 0x01, 0x7f) && !inSet(c, "\r\n") },
	quotedChar:  func(c int) bool { return inRange(c, 0x01, 0x7f) && !inSet(c, "\r\n\"\\") },
	// Not the RFC's: imap-facts.md, decision 18.
	tagChar: func(c int) bool {
		return inSet(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
	},
}

// atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
func atomSpecial(c int) bool {
	return inSet(c, `(){ `) || inRange(c, 0x00, 0x1f) || c == 0x7f || inSet(c, `%*`) || inSet(c, `"\`) || inSet(c, `]`)
}

func inRange(c, first, last int) bool { return first <= c && c <= last }

func inSet(c int, set string) bool { return c < 0x80 && strings.IndexByte(set, byte(c)) >= 0 }

func TestClassesAreThoseOfTheGrammar(t *testing.T) {
	for _, class := range []struct {
		name string
		is   func(byte) bool
		want func(int) bool
	}{
		{"ATOM-CHAR", IsAtomChar, abnf.atomChar},
		{"ASTRING-CHAR", IsAstringChar, abnf.astringChar},
		{"list-char", IsListChar, abnf.listChar},
		{"TEXT-CHAR", IsTextChar, abnf.textChar},
		{"QUOTED-CHAR", IsQuotedChar, abnf.quotedChar},
		{"tag", IsTagChar, abnf.tagChar},
	} {
		t.Run(class.name, func(t *testing.T) {
			for c := range 256 {
				if got, want := class.is(byte(c)), class.want(c); got != want {
					t.Errorf("%#02x (%q): %v, want %v", c, rune(c), got, want)
				}
			}
		})
	}
}

// The counts are those of the RFC's sets, taken by hand: 94 visible characters without the specials.
func TestClassSizes(t *testing.T) {
	for name, class := range map[string]struct {
		is   func(byte) bool
		want int
	}{
		"ATOM-CHAR":    {IsAtomChar, 94 - len(`(){%*"\]`)},
		"ASTRING-CHAR": {IsAstringChar, 94 - len(`(){%*"\`)},
		"list-char":    {IsListChar, 94 - len(`(){"\`)},
		"TEXT-CHAR":    {IsTextChar, 127 - 2},
		"tag":          {IsTagChar, 26 + 26 + 10 + 3},
	} {
		n := 0
		for c := range 256 {
			if class.is(byte(c)) {
				n++
			}
		}
		if n != class.want {
			t.Errorf("%s has %d characters, want %d", name, n, class.want)
		}
	}
}

func TestTagsAreAtomsOfRFC9051(t *testing.T) {
	for c := range 256 {
		if IsTagChar(byte(c)) && (!abnf.astringChar(c) || c == '+') {
			t.Errorf("%q may not be in a tag", rune(c))
		}
	}
}
