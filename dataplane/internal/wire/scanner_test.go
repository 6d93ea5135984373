package wire

import (
	"strings"
	"testing"
)

// newScanner gives a scanner with the extensions on.
func newScanner() *Scanner {
	return &Scanner{UTF8: true, Literal8: true, Sections: func(name []byte) bool {
		return EqualFold(name, "FETCH") || EqualFold(name, "UID FETCH")
	}}
}

// scanned writes a scanned command: tag|name|arguments.
func scanned(raw string, c Scanned) string {
	return raw[c.Tag.Start:c.Tag.End] + "|" + raw[c.Name.Start:c.Name.End] + "|" + tree([]byte(raw), c.Tokens)
}

func TestCommand(t *testing.T) {
	for _, tc := range []struct{ raw, want string }{
		{"a1 NOOP", "a1|NOOP|"},
		{"a001 login mrc secret", "a001|login|mrc secret"},
		{"a.b_c-9 LOGIN \"m\\\"r\\\\c\" {6}\r\nsecret", `a.b_c-9|LOGIN|"m\"r\\c" {6}"secret"`},
		{"a SELECT [Gmail]/All", "a|SELECT|[Gmail]/All"},
		{"a LIST \"\" %", `a|LIST|"" %`},
		{"a LIST (SUBSCRIBED) \"\" (\"*\" a/%]) RETURN ()", `a|LIST|(SUBSCRIBED) "" ("*" a/%]) RETURN ()`},
		{"a FETCH 1:*,$ (FLAGS BODY[])", "a|FETCH|1:*,$ (FLAGS BODY[])"},
		{"a STORE 1 +FLAGS.SILENT (\\Deleted $Junk a[b)", "a|STORE|1 +FLAGS.SILENT (\\Deleted $Junk a[b)"},
		{"a UID FETCH 1 FLAGS", "a|UID FETCH|1 FLAGS"},
		{"a uId sTORE 1 FLAGS ()", "a|uId sTORE|1 FLAGS ()"},
		{"a UID EXPUNGE 3000:3002", "a|UID EXPUNGE|3000:3002"},
		{"a UIDX FETCH", "a|UIDX|FETCH"},
		{"a UID", "a|UID|"},
		{"a APPEND x (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {3+}\r\n\x00\r\n", `a|APPEND|x (\Seen) "17-Jul-1996 02:44:25 -0700" {3}"\x00\r\n"`},
		{"a APPEND x UTF8 (~{2}\r\n\xff\n)", `a|APPEND|x UTF8 (~{2}"\xff\n")`},
		{"a APPEND x CATENATE (URL \"/x\" TEXT {0}\r\n URL {1}\r\n))", `a|APPEND|x CATENATE (URL "/x" TEXT {0}"" URL {1}")")`},
		{"a AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=", "a|AUTHENTICATE|PLAIN dGVzdAB0ZXN0AHRlc3Q="},
		{"a SELECT x (QRESYNC (67890007 20050715194045000 41,43:211))", "a|SELECT|x (QRESYNC (67890007 20050715194045000 41,43:211))"},
		{"a SEARCH RETURN (SAVE) TEXT \"\u00e9\" SINCE 1-Feb-1994", `a|SEARCH|RETURN (SAVE) TEXT "é" SINCE 1-Feb-1994`},
	} {
		c, err := newScanner().Command([]byte(tc.raw))
		if err != nil {
			t.Errorf("%q: %v", tc.raw, err)
		} else if got := scanned(tc.raw, c); got != tc.want {
			t.Errorf("%q\n got %q\nwant %q", tc.raw, got, tc.want)
		}
	}
}

func TestACommandMayEndAtALiteralHeader(t *testing.T) {
	for _, tc := range []struct {
		raw, want string
		header    LiteralHeader
	}{
		{"a SELECT {5}", "a|SELECT|{5}", LiteralHeader{Size: 5}},
		{"a LOGIN {1}\r\nb {0+}", `a|LOGIN|{1}"b" {0}`, LiteralHeader{NonSync: true}},
		{"a APPEND x (\\Seen {11+}", `a|APPEND|x (\Seen {11}`, LiteralHeader{Size: 11, NonSync: true}},
		{"a S ((()) (~{7}", "a|S|((()) (~{7}", LiteralHeader{Size: 7, Binary: true}},
		{"a FETCH 1 BODY[HEADER.FIELDS (Date {4}", "a|FETCH|1 BODY[HEADER.FIELDS (Date {4}", LiteralHeader{Size: 4}},
	} {
		c, err := newScanner().Command([]byte(tc.raw))
		if err != nil {
			t.Errorf("%q: %v", tc.raw, err)
			continue
		}
		if got := scanned(tc.raw, c); got != tc.want {
			t.Errorf("%q\n got %q\nwant %q", tc.raw, got, tc.want)
		}
		last := c.Tokens[len(c.Tokens)-1]
		if !last.Pending || last.Header != tc.header {
			t.Errorf("%q: the last token is %+v", tc.raw, last)
		}
		checkTokens(t, []byte(tc.raw), c.Tokens)
	}
}

func TestOffsetOfAnError(t *testing.T) {
	for _, tc := range []struct {
		raw    string
		offset int
		want   string
	}{
		{"", 0, "a tag"},
		{"a", 1, "a space and a command name"},
		{"a ", 2, "a command name"},
		{"a \u017felect", 2, "a command name"},
		{"a SELECT ", 9, "an argument"},
		{"a UID ", 6, "the name of a UID command"},
		{"a UID (", 6, "the name of a UID command"},
		{"a UID FETCH(", 11, "a space"},
		{"a LIST \"\"{5+}\r\nhello", 9, "a space"},
		{"a LIST (x", 9, "the end of a list"},
		{"a LIST (x]", 10, "the end of a list"},
		{"a LIST )", 7, "an argument"},
		{"a LIST x)", 8, "a space"},
		{"a FETCH 1 BODY[(x]", 17, "the end of the inner list"},
		{"a FETCH 1 BODY[TEXT)", 19, "the end of the inner list"},
		{"a FETCH 1 BODY[TEXT]x", 20, "a space"},
		{"a LIST \"x", 9, "the end of a quoted string"},
		{"a LIST \"x\\", 9, "a character of a quoted string"},
		{"a LIST \"x\xff\"", 7, "UTF-8"},
		{"a STORE 1 FLAGS \\", 17, "the name of a flag"},
		{"a LIST {5}\r\nhell", 12, "the data of a literal"},
		{"a LIST {5}\rx", 10, "CRLF behind a literal header"},
		{"a LIST {05}", 7, "a literal header"},
	} {
		_, err := newScanner().Command([]byte(tc.raw))
		syntax, ok := err.(*SyntaxError)
		if !ok || syntax.Offset != tc.offset || syntax.Want != tc.want {
			t.Errorf("%q: %v; want offset %d, %s", tc.raw, err, tc.offset, tc.want)
		}
	}
}

func TestTheTagOfAWrongCommand(t *testing.T) {
	long := strings.Repeat("x", MaxTag)
	for _, tc := range []struct{ raw, tag string }{
		{"a1", "a1"},
		{"a1 ", "a1"},
		{"a1  NOOP", "a1"},
		{"a1 NOOP ", "a1"},
		{"a1 NO\x00OP", "a1"},
		{"a1 {5}", "a1"},
		{long + " ", long},
		{long + "x NOOP", ""},
		{" a1 NOOP", ""},
		{"", ""},
		{"* NOOP", ""},
		{"+ NOOP", ""},
		{"a+b NOOP", ""},
		{"a1\tNOOP", ""},
		{"a1\x00 NOOP", ""},
		{"{5}", ""},
		{"<script> NOOP", ""},
		{"\u00e9 NOOP", ""},
	} {
		c, err := newScanner().Command([]byte(tc.raw))
		if got := tc.raw[c.Tag.Start:c.Tag.End]; err == nil || got != tc.tag {
			t.Errorf("%q: tag %q, error %v; want tag %q and an error", tc.raw, got, err, tc.tag)
		}
	}
}

func TestSectionsAreAskedForByTheWholeName(t *testing.T) {
	var asked []string
	s := Scanner{Sections: func(name []byte) bool {
		asked = append(asked, string(name))
		return true
	}}
	for _, raw := range []string{"a Fetch 1 x", "a uid Fetch 1 x", "a UID", "a UID  x"} {
		s.Command([]byte(raw))
	}
	if got := strings.Join(asked, ","); got != "Fetch,uid Fetch" {
		t.Errorf("asked for %q", got)
	}
}

func TestArguments(t *testing.T) {
	for _, tc := range []struct{ raw, want string }{
		{"* SEARCH", ""},
		{"* SEARCH 2 84 882 (MODSEQ 917162500)", "2 84 882 (MODSEQ 917162500)"},
		{"* LIST (\\HasNoChildren \\*) \"\\\\\" {3}\r\n\x00)\n", `(\HasNoChildren \*) "\\" {3}"\x00)\n"`},
		{"* NAMESPACE ((\"\" \"/\")(\"#x/\" \"/\")) NIL NIL", `(("" "/")("#x/" "/")) NIL NIL`},
		{"* THREAD (2)(3 6 (4 23)(44 7 96))", "(2)(3 6 (4 23)(44 7 96))"},
		{"* FETCH (UID 9 FLAGS ([x a[b BODY[1) X])", "(UID 9 FLAGS ([x a[b BODY[1) X])"},
		{"* FETCH (BODY[1.HEADER.FIELDS (\"Subject\" To)]<0> {2}\r\nx) BODY[] NIL)",
			`(BODY[1.HEADER.FIELDS ("Subject" To)]<0> {2}"x)" BODY[] NIL)`},
		{"* FETCH (BODY[]<0> {70000}", "(BODY[]<0> {70000}"},
		{"* STATUS x (MESSAGES 2)", "x (MESSAGES 2)"},
	} {
		from := strings.IndexByte(tc.raw[2:], ' ') + 3
		if from == 2 {
			from = len(tc.raw)
		}
		sections := strings.HasPrefix(tc.raw, "* FETCH (BODY")
		tokens, err := newScanner().Arguments([]byte(tc.raw), from, sections)
		if got := tree([]byte(tc.raw), tokens); err != nil || got != tc.want {
			t.Errorf("%q\n got %q, %v\nwant %q", tc.raw, got, err, tc.want)
		}
		checkTokens(t, []byte(tc.raw), tokens)
	}
}

func TestOnlyArgumentsTakesListsWithoutASpaceBetween(t *testing.T) {
	s := newScanner()
	if _, err := s.Command([]byte("a LIST (x)(y)")); err == nil {
		t.Error("a command is taken")
	}
	for _, raw := range []string{`"x"(y)`, `(y)"x"`, "{1}\r\nx(y)", "(y){0}\r\n", "x(y)", "(y)x", "BODY[](y)"} {
		if _, err := s.Arguments([]byte(raw), 0, true); err == nil {
			t.Errorf("%q is taken", raw)
		}
	}
}

// checkTokens checks what token.go says of a tree.
func checkTokens(t *testing.T, raw []byte, tokens []Token) {
	t.Helper()
	n := uint32(len(tokens))
	end := uint32(0) // of the token before, without its children
	for i, token := range tokens {
		i := uint32(i)
		if token.Start > token.End || token.End > uint32(len(raw)) || token.Next <= i || token.Next > n {
			t.Fatalf("%q: token %d: %+v of %d", raw, i, token, n)
		}
		if token.Start < end {
			t.Fatalf("%q: token %d starts at %d, before %d", raw, i, token.Start, end)
		}
		end = token.End
		switch token.Kind {
		case Atom, Quoted:
			if token.Next != i+1 || token.Start == token.End {
				t.Fatalf("%q: token %d: %+v", raw, i, token)
			}
		case Literal:
			if token.Next != i+1 || !token.Pending && uint64(token.End-token.Start) != token.Header.Size {
				t.Fatalf("%q: token %d: %+v", raw, i, token)
			}
			if token.Pending && (i+1 != n || token.Start != uint32(len(raw)) || token.End != token.Start) {
				t.Fatalf("%q: token %d: %+v", raw, i, token)
			}
		case List, Section:
			end = token.Start + 1
			for j := i + 1; j < token.Next; j = tokens[j].Next {
				if tokens[j].Start <= token.Start || tokens[j].End > token.End {
					t.Fatalf("%q: token %d is not within token %d", raw, j, i)
				}
			}
		default:
			t.Fatalf("%q: token %d is of kind %d", raw, i, token.Kind)
		}
	}
}
