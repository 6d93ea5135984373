package wire

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for raw, want := range map[string]string{
		"atom":                  "atom",
		`\Seen`:                 `\Seen`,
		`""`:                    "",
		`"a b"`:                 "a b",
		`"\"a\\\"b\\"`:          `"a\"b\`,
		`"\\\\"`:                `\\`,
		"{0}\r\n":               "",
		"{5+}\r\n\"\\\r\n\x00":  "\"\\\r\n\x00",
		"~{1}\r\n\xff":          "\xff",
		"{5}":                   "",
		"(a \"b\")":             `(a "b")`,
		"\"mot cl\u00e9 \\\\\"": "mot cl\u00e9 \\",
	} {
		tokens, err := newScanner().Arguments([]byte(raw), 0, false)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if got := string(Text([]byte(raw), tokens[0], []byte("before "))); got != "before "+want {
			t.Errorf("%q: %q, want %q", raw, got, "before "+want)
		}
	}
}

func TestAppend(t *testing.T) {
	for raw, want := range map[string]string{
		"": "",
		"1:*,5 (FLAGS BODY.PEEK[HEADER.FIELDS (Date)]<0.9> UID)": "1:*,5 (FLAGS BODY.PEEK[HEADER.FIELDS (Date)]<0.9> UID)",
		`"a\"b" ""`:                           `"a\"b" ""`,
		"((a)(b) (c))":                        "((a)(b) (c))",
		"{3+}\r\na)b (~{2+}\r\n\r\n {0}\r\n)": "{3}\r\na)b (~{2}\r\n\r\n {0}\r\n)",
		"(a) ((b {3+}":                        "(a) ((b {3}",
		"(a) {0}\r\n () {3}":                  "(a) {0}\r\n () {3}",
		"(~{7+}":                              "(~{7}",
		"BODY[HEADER.FIELDS ({4}":             "BODY[HEADER.FIELDS ({4}",
	} {
		tokens, err := newScanner().Arguments([]byte(raw), 0, true)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if got := string(Append([]byte("x "), []byte(raw), tokens)); got != "x "+want {
			t.Errorf("%q: %q, want %q", raw, got, "x "+want)
		}
	}
}

func TestAppendPrintsAnyPartOfWholeItems(t *testing.T) {
	raw := []byte("a (b (c d) BODY[e]<0>) f {1}")
	tokens, err := newScanner().Arguments(raw, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"a", "(b (c d) BODY[e]<0>)", "b", "(c d)", "c", "d", "BODY", "[e]", "e", "<0>", "f", "{1}",
	} {
		if got := string(Append(nil, raw, tokens[i:tokens[i].Next])); got != want {
			t.Errorf("token %d: %q, want %q", i, got, want)
		}
	}
	if got := string(Append(nil, raw, tokens[2:tokens[1].Next])); got != "b (c d) BODY[e]<0>" {
		t.Errorf("the items of the list: %q", got)
	}
}

// What is printed parses to the tree that was parsed, and prints as itself.
func checkPrint(t *testing.T, raw []byte, tokens []Token, s *Scanner, sections bool) {
	t.Helper()
	want := tree(raw, tokens)
	printed := Append(nil, raw, tokens)
	again, err := s.Arguments(printed, 0, sections)
	if err != nil {
		t.Fatalf("%q prints as %q: %v", raw, printed, err)
	}
	if got := tree(printed, again); got != want {
		t.Fatalf("%q prints as %q\n got %q\nwant %q", raw, printed, got, want)
	}
	if twice := Append(nil, printed, again); string(twice) != string(printed) {
		t.Fatalf("%q prints as %q", printed, twice)
	}
}

func TestParsePrintParseIsTheIdentity(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 9051))
	s := newScanner()
	for range 5000 {
		raw := randomArguments(random)
		tokens, err := s.Arguments([]byte(raw), 0, true)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		checkPrint(t, []byte(raw), tokens, newScanner(), true)
		// Without literals the printed form is the form that was parsed.
		if printed := string(Append(nil, []byte(raw), tokens)); !strings.Contains(raw, "+}") && printed != raw {
			t.Fatalf("%q prints as %q", raw, printed)
		}
	}
}

// randomArguments writes a random argument list that the grammar has, at times with a pending literal.
func randomArguments(random *rand.Rand) string {
	var b strings.Builder
	writeItems(&b, random, 4, 1+random.IntN(5))
	if random.IntN(4) == 0 {
		b.WriteString(" (" + strings.Repeat("(", random.IntN(3)) + fmt.Sprintf("{%d+}", random.IntN(9)))
	}
	return b.String()
}

func writeItems(b *strings.Builder, random *rand.Rand, depth, n int) {
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		writeItem(b, random, depth)
	}
}

func writeItem(b *strings.Builder, random *rand.Rand, depth int) {
	choices := 6
	if depth == 0 {
		choices = 4
	}
	switch random.IntN(choices) {
	case 0:
		for range 1 + random.IntN(6) {
			b.WriteByte("!#$&'+,-./09:;<=>?@AZ^_`az|}~]%*"[random.IntN(32)])
		}
	case 1:
		b.WriteString([]string{`\Seen`, `\*`, `\Deleted`, "$Junk", "[Gmail]/x"}[random.IntN(5)])
	case 2:
		b.WriteByte('"')
		for range random.IntN(5) {
			b.WriteString([]string{`\"`, `\\`, "x", " ", "(", "\t", "é", "{1}"}[random.IntN(8)])
		}
		b.WriteByte('"')
	case 3:
		data := make([]byte, random.IntN(5))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		fmt.Fprintf(b, "%s{%d%s}\r\n%s", []string{"", "~"}[random.IntN(2)], len(data), []string{"", "+"}[random.IntN(2)], data)
	case 4:
		b.WriteByte('(')
		writeItems(b, random, depth-1, random.IntN(4))
		b.WriteByte(')')
		if random.IntN(3) == 0 {
			b.WriteString("(x)")
		}
	case 5:
		b.WriteString("BODY[" + []string{"", "1.MIME", "HEADER.FIELDS (To)"}[random.IntN(3)] + "]" + []string{"", "<0.5>"}[random.IntN(2)])
	}
}
