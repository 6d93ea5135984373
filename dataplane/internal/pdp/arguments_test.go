package pdp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// seed prints arguments as the seed writes them. A literal shows its size and, where it was collected, its text.
func seed(args []*deciderv1.Argument) string {
	out := make([]string, len(args))
	for i, a := range args {
		switch v := a.Value.(type) {
		case *deciderv1.Argument_Number:
			out[i] = fmt.Sprintf("(%d, %q)", v.Number.Value, v.Number.Spelling)
		case *deciderv1.Argument_Range:
			out[i] = fmt.Sprintf("(%d, %d)", v.Range.First, v.Range.Last)
		case *deciderv1.Argument_Text:
			out[i] = fmt.Sprintf("%q", v.Text)
		case *deciderv1.Argument_Secret:
			out[i] = "SECRET"
		case *deciderv1.Argument_Literal:
			out[i] = fmt.Sprintf("<LITERAL %d", v.Literal.Size)
			if v.Literal.NonSync {
				out[i] += "+"
			}
			if v.Literal.Literal8 {
				out[i] = "~" + out[i]
			}
			if v.Literal.Text != nil {
				out[i] += fmt.Sprintf(" %q", v.Literal.Text)
			}
			out[i] += ">"
		case *deciderv1.Argument_List:
			open := map[deciderv1.ListKind]string{
				deciderv1.ListKind_LIST_KIND_PARENTHESES: "(",
				deciderv1.ListKind_LIST_KIND_BRACKETS:    "[",
				deciderv1.ListKind_LIST_KIND_COMMA:       ",",
			}[v.List.Kind]
			out[i] = strings.TrimSuffix(fmt.Sprintf("(%q, %s", open, seed(v.List.Items)), ", ") + ")"
		}
	}
	return strings.Join(out, ", ")
}

// TestArguments has the seed's three examples first.
func TestArguments(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`1,2 RFC822`, `(",", (1, "1"), (2, "2")), "RFC822"`},
		{`1:2 RFC822`, `(1, 2), "RFC822"`},
		{"(RFC822 {12}\r\nHello world!)", `("(", "RFC822", <LITERAL 12 "Hello world!">)`},

		{`007`, `(7, "007")`},
		{`18446744073709551615`, `(18446744073709551615, "18446744073709551615")`},
		{`18446744073709551616`, `"18446744073709551616"`}, // over 64 bits
		{`1:*`, `"1:*"`},
		{`$`, `"$"`},
		{`2,4:7,9,12:*`, `"2,4:7,9,12:*"`},
		{`2,4:7,9`, `(",", (2, "2"), (4, 7), (9, "9"))`},
		{`"a \"b\" \\c"`, `"a \"b\" \\c"`},
		{`"1"`, `"1"`}, // a quoted string is text, whatever it holds
		{`NIL ""`, `"NIL", ""`},
		{`()`, `("(")`},
		{`(a (b c) d) e`, `("(", "a", ("(", "b", "c"), "d"), "e"`},
		{`1 BODY.PEEK[HEADER.FIELDS (DATE FROM)]<0.100>`,
			`(1, "1"), "BODY.PEEK", ("[", "HEADER.FIELDS", ("(", "DATE", "FROM")), "<0.100>"`},
		{`+FLAGS.SILENT (\Deleted \*)`, `"+FLAGS.SILENT", ("(", "\\Deleted", "\\*")`},
		{`Archive {9}`, `"Archive", <LITERAL 9>`},
		{`Archive {9+}`, `"Archive", <LITERAL 9+>`},
		{`Archive ~{9}`, `"Archive", ~<LITERAL 9>`},
		{`Archive (CATENATE (TEXT {9}`, `"Archive", ("(", "CATENATE", ("(", "TEXT", <LITERAL 9>))`},
		{"{0}\r\n x", `<LITERAL 0 "">, "x"`},
	} {
		t.Run(c.in, func(t *testing.T) {
			s := wire.Scanner{Literal8: true}
			tokens, err := s.Arguments([]byte(c.in), 0, true)
			if err != nil {
				t.Fatal(err)
			}
			if got := seed(arguments([]byte(c.in), tokens, nil)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestNumberBeforeResponseNameIsTheFirstArgument(t *testing.T) {
	line := []byte("* 1 FETCH (RFC822 {12}\r\nHello world!)")
	tokens, err := new(wire.Scanner).Arguments(line, 10, true)
	if err != nil {
		t.Fatal(err)
	}
	r := response(session.Question{Response: &syntax.Response{
		Raw: line, Name: "FETCH", Number: 1, HasNumber: true, Rest: 10, Args: tokens,
	}})
	if got, want := seed(r.Args), `(1, "1"), ("(", "RFC822", <LITERAL 12 "Hello world!">)`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStatusResponseIsCodeAndText(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"UIDNEXT 4392", `("[", "UIDNEXT", (4392, "4392")), "done"`},
		{`PERMANENTFLAGS (\Deleted \*)`, `("[", "PERMANENTFLAGS", ("(", "\\Deleted", "\\*")), "done"`},
		{"x  y", `("[", "x  y"), "done"`}, // no argument list
		{"", `"done"`},
	} {
		r := &syntax.Response{Name: "OK", Status: true, Text: []byte("done")}
		if c.code != "" {
			r.Code = []byte(c.code)
		}
		if got := seed(response(session.Question{Response: r}).Args); got != c.want {
			t.Errorf("[%s]: got %s, want %s", c.code, got, c.want)
		}
	}
}
