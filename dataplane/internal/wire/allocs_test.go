package wire

import (
	"bytes"
	"testing"
)

// ordinary are the commands of an ordinary session.
var ordinary = []string{
	"a1 NOOP\r\n",
	"a2 CAPABILITY\r\n",
	"a3 LOGIN demo \"a \\\"quoted\\\" password\"\r\n",
	"a4 LOGIN {4+}\r\ndemo {8+}\r\npassword\r\n",
	"a5 LIST \"\" \"*\" RETURN (CHILDREN STATUS (MESSAGES UNSEEN))\r\n",
	"a6 SELECT INBOX (CONDSTORE)\r\n",
	"a7 UID FETCH 1:*,17 (UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (Date From To Subject Message-ID)]<0.2048> BODY[1.2.MIME])\r\n",
	"a8 UID STORE 100:200 +FLAGS.SILENT (\\Deleted $Junk)\r\n",
	"a9 UID SEARCH RETURN (MIN MAX COUNT) SINCE 1-Feb-1994 NOT FROM \"Smith\" (OR SEEN DELETED)\r\n",
	"b1 APPEND Sent (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {12+}\r\nhello\r\nworld\r\n",
	"b2 IDLE\r\n",
}

// readCommand frames and scans the command that stream is.
func readCommand(tb testing.TB, f *Framer, s *Scanner, raw, stream []byte) []byte {
	f.Write(stream)
	raw = raw[:0]
	for {
		line, ok, err := f.Line()
		if !ok || err != nil {
			tb.Fatalf("%q: ok %v, %v", stream, ok, err)
		}
		raw = append(raw, line...)
		h, _, literal, err := ParseLiteralHeader(line)
		if err != nil {
			tb.Fatalf("%q: %v", stream, err)
		}
		if _, err := s.Command(raw); err != nil {
			tb.Fatalf("%q: %v", stream, err)
		}
		if !literal {
			return raw
		}
		raw = append(raw, "\r\n"...)
		raw = append(raw, f.Take(h.Size)...)
	}
}

func TestAnOrdinaryCommandAllocatesNothing(t *testing.T) {
	f := Framer{MaxLine: 64 << 10}
	s := newScanner()
	raw := make([]byte, 0, 1024)
	for _, command := range ordinary {
		stream := []byte(command)
		if n := testing.AllocsPerRun(100, func() { raw = readCommand(t, &f, s, raw, stream) }); n != 0 {
			t.Errorf("%q: %v allocations", command, n)
		}
	}
}

// responses are lines of an ordinary session.
var responses = []string{
	"* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN] ready.",
	"* LIST (\\HasNoChildren \\Archive) \"/\" \"Archive/2024\"",
	"* 23 EXISTS",
	"* SEARCH 2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97",
	"* 12 FETCH (UID 4827313 FLAGS (\\Seen $NotJunk) INTERNALDATE \"17-Jul-2024 02:44:25 -0700\" RFC822.SIZE 44827 MODSEQ (624140003))",
	"* 1 FETCH (BODY[HEADER.FIELDS (DATE FROM)]<0> NIL BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 2 1)(\"TEXT\" \"HTML\" NIL NIL NIL \"8BIT\" 9 1) \"ALTERNATIVE\"))",
	"a7 OK [HIGHESTMODSEQ 624140003] Fetch completed (0.001 + 0.000 secs).",
	"+ idling",
}

func TestAServerLineAllocatesNothing(t *testing.T) {
	f := Framer{MaxLine: 1 << 20}
	s := newScanner()
	for _, line := range responses {
		stream := []byte(line + "\r\n")
		if n := testing.AllocsPerRun(100, func() {
			f.Write(stream)
			line, ok, err := f.Line()
			if !ok || err != nil {
				t.Fatalf("ok %v, %v", ok, err)
			}
			h, err := Response(line)
			if err != nil {
				t.Fatal(err)
			}
			if h.HasNumber {
				_, err = s.Arguments(line, h.Rest, true)
			}
			if err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}

func TestTextAndAppendAllocateNothingBesidesTheirResult(t *testing.T) {
	raw := []byte("(x \"a\\\"b\" {3+}\r\nabc BODY[HEADER.FIELDS (Date)]<0.5>)")
	tokens, err := newScanner().Arguments(raw, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() {
		buf = Append(buf[:0], raw, tokens)
		for _, token := range tokens {
			buf = Text(raw, token, buf)
		}
		buf = AppendUpper(buf, raw)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if !bytes.HasPrefix(buf, []byte("(x \"a\\\"b\" {3}\r\nabc ")) {
		t.Errorf("%q", buf)
	}
}

func TestClassifyAtomAllocatesNothing(t *testing.T) {
	for _, atom := range []string{"17", "1:2,3,40:50", "1:*", "INBOX"} {
		b := []byte(atom)
		if n := testing.AllocsPerRun(100, func() { ClassifyAtom(b) }); n != 0 {
			t.Errorf("%q: %v allocations", atom, n)
		}
	}
}
