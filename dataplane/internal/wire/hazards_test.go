package wire

import (
	"slices"
	"strings"
	"testing"
)

// receive reads a client's stream as a strict receiver must: it takes a literal's octets where the client was bound to
// send them, which is for "{n+}" always, and for "{n}" unless the command was refused at its header. It reports each
// command, "BAD tag" for a refused one, and "BYE" where the stream cannot be framed any further.
func receive(stream string, s *Scanner) (out []string) {
	f := Framer{MaxLine: 200}
	f.Write([]byte(stream))
	for {
		var raw []byte
		var c Scanned
		refused := false
		for {
			line, ok, err := f.Line()
			switch {
			case !ok && err != nil:
				return append(out, "BYE")
			case !ok:
				return out
			}
			refused = refused || err != nil
			last := err == ErrBareLF
			h, _, literal, err := ParseLiteralHeader(line)
			if err != nil {
				return append(out, "BYE")
			}
			literal = literal && !last
			raw = append(raw, line...)
			c, err = s.Command(raw)
			if err != nil || refused {
				refused = true
			}
			if !literal || refused && !h.NonSync {
				break
			}
			data := f.Take(h.Size)
			if uint64(len(data)) < h.Size {
				return append(out, "starved")
			}
			raw = append(append(raw, "\r\n"...), data...)
		}
		if refused {
			out = append(out, "BAD "+string(raw[c.Tag.Start:c.Tag.End]))
		} else {
			out = append(out, scanned(string(raw), c))
		}
	}
}

// The rows of shared/hazards.md 1 to 5, 8 and 12, and those of the table in shared/imap-facts.md section 5 (s5), that are a
// matter of framing and tokens. Every stream ends in a NOOP, which shows that the stream is still framed.
func TestHazards(t *testing.T) {
	const ok = "z|NOOP|"
	for _, tc := range []struct {
		note, stream string
		want         []string
	}{
		{"1, s5: a bare LF ends no line", "a NOOP\nb DELETE x\r\n", []string{"BAD a", "BYE"}},
		{"1, s5: a bare CR ends no line", "p1 NOOP\rp2 NOOP\r\n", []string{"BAD p1", ok}},
		{"1, s5: NUL at the end of the name", "a NOOP\x00\r\n", []string{"BAD a", ok}},
		{"1, s5: NUL in a mailbox", "a SELECT IN\x00BOX\r\n", []string{"BAD a", ok}},
		{"1: NUL in a quoted string", "a SELECT \"IN\x00BOX\"\r\n", []string{"BAD a", ok}},
		{"1: NUL in a tag", "a\x00 NOOP\r\n", []string{"BAD ", ok}},
		{"1: anything in a literal", "a SELECT {7+}\r\n\x00\r\n\r\n\n\r\r\n", []string{`a|SELECT|{7}"\x00\r\n\r\n\n\r"`, ok}},

		{"2, s5: two spaces", "a  EXPUNGE\r\n", []string{"BAD a", ok}},
		{"2: two spaces between arguments", "a LOGIN x  y\r\n", []string{"BAD a", ok}},
		{"2, s5: a tab", "a\tNOOP\r\n", []string{"BAD ", ok}},
		{"2: a tab between arguments", "a LOGIN x\ty\r\n", []string{"BAD a", ok}},
		{"2, s5: a leading space", " a NOOP\r\n", []string{"BAD ", ok}},
		{"2: a trailing space", "a NOOP \r\n", []string{"BAD a", ok}},
		{"2: a space before CRLF of arguments", "a SELECT x \r\n", []string{"BAD a", ok}},
		{"2: no space before a list", "a STORE 1 FLAGS(\\Seen)\r\n", []string{"BAD a", ok}},
		{"2: no space behind a list", "a LIST (SUBSCRIBED)\"\" x\r\n", []string{"BAD a", ok}},
		{"2: no space between lists", "a STATUS x (MESSAGES)(UNSEEN)\r\n", []string{"BAD a", ok}},
		{"2: a space in a list", "a STORE 1 FLAGS ( \\Seen)\r\n", []string{"BAD a", ok}},
		{"2: an empty line", "\r\n", []string{"BAD ", ok}},

		{"3: 8-bit in an atom", "a SELECT caf\u00e9\r\n", []string{"BAD a", ok}},
		{"3: Latin-1 in an atom", "a SELECT caf\xe9\r\n", []string{"BAD a", ok}},
		{"3: 8-bit in a tag", "\u00e9 NOOP\r\n", []string{"BAD ", ok}},
		{"3: a control in an atom", "a SELECT x\x1a\r\n", []string{"BAD a", ok}},
		{"3: DEL in an atom", "a SELECT x\x7f\r\n", []string{"BAD a", ok}},
		{"3, s5: the tag *", "* NOOP\r\n", []string{"BAD ", ok}},
		{"3, s5: the tag +", "+ NOOP\r\n", []string{"BAD ", ok}},
		{"3, s5: a tag with +", "a+b NOOP\r\n", []string{"BAD ", ok}},
		{"3: no tag", "NOOP\r\n", []string{"BAD NOOP", ok}},
		{"3: a tag of 65 octets", strings.Repeat("x", 65) + " NOOP\r\n", []string{"BAD ", ok}},
		{"3: a tag of 64 octets", strings.Repeat("x", 64) + " NOOP\r\n", []string{strings.Repeat("x", 64) + "|NOOP|", ok}},
		{"3: a long s in the name", "a \u017felect x\r\n", []string{"BAD a", ok}},
		{"3: HTTP", "GET / HTTP/1.1\r\nHost: x\r\n", []string{"BAD GET", "BAD ", ok}},
		{"3: a name that is a number", "a 1 FETCH\r\n", []string{"BAD a", ok}},

		{"4, s5: CRLF in a quoted string", "a LOGIN \"x\r\nb DELETE x\r\n\" y\r\n", []string{"BAD a", "b|DELETE|x", "BAD ", ok}},
		{"4, s5: an escaped ordinary character", "a SELECT \"\\INBOX\"\r\n", []string{"BAD a", ok}},
		{"4: the two escapes", "a SELECT \"\\\\\\\"\"\r\n", []string{`a|SELECT|"\\\""`, ok}},
		{"4: UTF-8 in a quoted string", "a SELECT \"\u00e9\"\r\n", []string{"BAD a", ok}},

		{"5, s5: leading zeros", "a SELECT {05+}\r\n", []string{"BYE"}},
		{"5, s5: no size", "a SELECT {}\r\n", []string{"BYE"}},
		{"5, s5: no size, non-synchronizing", "a SELECT {+}\r\n", []string{"BYE"}},
		{"5, s5: plus before the size", "a SELECT {+5}\r\n", []string{"BYE"}},
		{"5, s5: blank before plus", "a SELECT {5 +}\r\n", []string{"BYE"}},
		{"5, s5: blank before the size", "a SELECT { 5}\r\n", []string{"BYE"}},
		{"5: blank behind the size", "a SELECT {5 }\r\n", []string{"BYE"}},
		{"5, s5: minus behind the size", "a SELECT {5-}\r\n", []string{"BYE"}},
		{"5, s5: minus before the size", "a SELECT {-1}\r\n", []string{"BYE"}},
		{"5, s5: two plus", "a SELECT {5++}\r\n", []string{"BYE"}},
		{"5, s5: hexadecimal", "a SELECT {0x5}\r\n", []string{"BYE"}},
		{"5, s5: 2^64+5", "a SELECT {18446744073709551621+}\r\n", []string{"BYE"}},
		{"5: 2^64+1", "a SELECT {18446744073709551617}\r\n", []string{"BYE"}},
		{"5, s5: 2^31 is what it says", "a SELECT {2147483648+}\r\nINBOX\r\n", []string{"starved"}},
		{"5, s5: 2^32+5 is what it says", "a SELECT {4294967301+}\r\nINBOX\r\n", []string{"starved"}},
		{"5, s5: a bare LF behind the header", "a SELECT {5+}\nINBOX\r\n", []string{"BAD a", "BYE"}},
		{"5, s5: a bare CR behind the header", "a SELECT {5+}\rx\r\n", []string{"BAD a", ok}},
		{"5: not at the end of the line", "a LOGIN {5} x\r\n", []string{"BAD a", ok}},
		{"5: a blank behind the header", "a LOGIN {5+} \r\nhello\r\n", []string{"BAD a", "BAD hello", ok}},
		{"5, s5: a string and a literal without a space", "a LIST \"\"{5+}\r\nhello\r\n", []string{"BAD a", ok}},
		{"5, s5: a literal in an atom", "a LIST \"\" ab{6+}\r\nb NOOP\r\n", []string{"BAD a", ok}},
		{"5, s5: a synchronizing literal in an atom", "a LIST \"\" ab{6}\r\nb NOOP\r\n", []string{"BAD a", "b|NOOP|", ok}},
		{"5, s5: literal8 where BINARY is not on", "a SELECT ~{5+}\r\nhello\r\n", []string{"BAD a", ok}},
		{"5: what follows a literal is the same command", "a LOGIN {1+}\r\nxb NOOP\r\n", []string{"BAD a", ok}},
		{"5: what follows a literal is the same command", "a LOGIN {1+}\r\nx {6+}\r\nb NOOP\r\n", []string{`a|LOGIN|{1}"x" {6}"b NOOP"`, ok}},
		{"5: zero octets", "a LOGIN {0+}\r\n \"\"\r\n", []string{`a|LOGIN|{0}"" ""`, ok}},

		{"6, s5: an unbalanced list before a literal", "a LIST )) {11+}\r\nb DELETE xx\r\n", []string{"BAD a", ok}},
		{"6, s5: an open list before a literal", "a APPEND x (\\Seen {11+}\r\nb DELETE xx\r\n", []string{"BAD a", ok}},
		{"7, s5: the same, synchronizing: the client sends no octets", "a LIST )) {11}\r\nb DELETE xx\r\n", []string{"BAD a", "b|DELETE|xx", ok}},

		{"8: a literal for a tag", "{6+}\r\nb NOOP NOOP\r\n", []string{"BAD ", ok}},
		{"8: a literal for a name", "a {6+}\r\nb NOOP\r\n", []string{"BAD a", ok}},
		{"8: a literal behind UID", "a UID {6+}\r\nb NOOP\r\n", []string{"BAD a", ok}},
		{"8: a literal whose size cuts its CRLF", "a APPEND x {10+}\r\nb EXPUNGE\r\n\r\n", []string{"BAD a", "BYE"}},
		{"8: a literal that looks like a command", "a APPEND x {11+}\r\nb EXPUNGE\r\n\r\n", []string{`a|APPEND|x {11}"b EXPUNGE\r\n"`, ok}},
		{"8: a literal that the end of the stream cuts", "a SELECT {500+}\r\n", []string{"starved"}},

		{"12: UID FETCH is a name of its own", "a uid fetch 1 BODY[]\r\n", []string{"a|uid fetch|1 BODY[]", ok}},
		{"12: UID before anything", "a UID DROP 1\r\n", []string{"a|UID DROP|1", ok}},
		{"12: UID and two spaces", "a UID  FETCH 1\r\n", []string{"BAD a", ok}},
		{"12: UID and nothing", "a UID\r\n", []string{"a|UID|", ok}},
	} {
		t.Run("hazard "+tc.note, func(t *testing.T) {
			got := receive(tc.stream+"z NOOP\r\n", &Scanner{Sections: newScanner().Sections})
			if !slices.Equal(got, tc.want) {
				t.Errorf("%q\n got %q\nwant %q", tc.stream, got, tc.want)
			}
		})
	}
}

// A line that Framer finds at fault is never a command, so that who forgets its error is still safe.
func TestALineAtFaultIsNoCommand(t *testing.T) {
	for _, c := range []string{"\x00", "\r", "\n"} {
		for _, line := range []string{"a LOGIN x \"y%\"", "a LOGIN x y%", "a LO%GIN x", "a% NOOP", "%a NOOP", "a FETCH 1 BODY[%]", "a LIST (%) x", "a LOGIN {5}%"} {
			line = strings.ReplaceAll(line, "%", c)
			if got, err := newScanner().Command([]byte(line)); err == nil {
				t.Errorf("%q is taken as %s", line, scanned(line, got))
			}
		}
	}
}
