package syntax

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// TestContinue: what stands behind a message continues the command by its own grammar, and is judged by its own words.
func TestContinue(t *testing.T) {
	for _, tc := range []struct {
		note, command string
		behind        []string // one for each message
		want          string   // of the last; "BAD ..." for an error
		args          string
		adds          bool
	}{
		{
			"RFC 3502: the next message, judged as if it came alone", "A003 APPEND saved-messages (\\Seen) {329}",
			[]string{` (\Deleted) " 7-Feb-1994 22:43:04 -0800" {295}`},
			`mailbox="saved-messages" flags="\\Deleted" append-data="LITERAL" literal={295} date=" 7-Feb-1994 22:43:04 -0800" pending={295} message`,
			`saved-messages (\Deleted) " 7-Feb-1994 22:43:04 -0800" {295}`, true,
		},
		{
			"the mailbox may be a literal", "a APPEND {5}\r\ninbox {3+}", []string{" {4+}"},
			`mailbox="INBOX" append-data="LITERAL" literal={4+} pending={4+} message`, "{5} {4+}", true,
		},
		{
			"the third message", "a APPEND x {1}", []string{" {2}", " {3}"},
			`mailbox="x" append-data="LITERAL" literal={3} pending={3} message`, "x {3}", true,
		},
		{
			"RFC 4469: the next part, with all that was said", "a APPEND x (\\Seen) CATENATE (URL /A/;UID=1 TEXT {42}",
			[]string{` URL "/B/;UID=2" TEXT {44+}`},
			`mailbox="x" mailboxes="x","A","B" flags="\\Seen" append-data="CATENATE" pending={44+} message part`,
			`x (\Seen) CATENATE (URL /A/;UID=1 TEXT {42} URL "/B/;UID=2" TEXT {44+}`, true,
		},
		{
			"the end of the parts adds nothing", "a APPEND x CATENATE (TEXT {42}", []string{" TEXT {43}", ")"},
			`mailbox="x" append-data="CATENATE"`, "x CATENATE (TEXT {42} TEXT {43})", false,
		},
		{
			"a part without data may be the last", "a APPEND x CATENATE (TEXT {42}", []string{" URL /B/;UID=2)"},
			`mailbox="x" mailboxes="x","B" append-data="CATENATE"`, "x CATENATE (TEXT {42} URL /B/;UID=2)", true,
		},
		{
			"a URL in a literal is collected", "a APPEND x CATENATE (TEXT {42}", []string{" URL {9}"},
			`mailbox="x" append-data="CATENATE" pending={9}`, "x CATENATE (TEXT {42} URL {9}", true,
		},
		{
			"a message behind parts", "a APPEND x CATENATE (TEXT {42}", []string{") (\\Flagged) {5}", " (\\Seen) {6}"},
			`mailbox="x" flags="\\Seen" append-data="LITERAL" literal={6} pending={6} message`, `x (\Seen) {6}`, true,
		},
		{
			"REPLACE takes one message", "a REPLACE 1 x {5}", []string{" {6}"},
			"BAD at 23: the end of the command", "", false,
		},
		{
			"of parts too", "a REPLACE 1 x CATENATE (TEXT {5}", []string{")"},
			`mailbox="x" set=1 append-data="CATENATE"`, "1 x CATENATE (TEXT {5})", false,
		},
		{
			"only one space stands between messages", "a APPEND x {5}", []string{"  {6}"},
			"BAD at 11: an argument", "", false,
		},
		{"nothing but a message follows a message", "a APPEND x {5}", []string{" (\\Deleted)"}, "BAD at 21: a literal", "", false},
		{"what follows is not the mailbox's name", "a APPEND x {5}", []string{"y {3}"}, "BAD at 10: a space", "", false},
		{"nor stands text at its end", "a APPEND x {5}", []string{"(\\Deleted) {3}"}, "BAD at 10: a space", "", false},
		{"the list of parts is open", "a APPEND x CATENATE (TEXT {5}", []string{""}, "BAD at 31: the end of a list", "", false},
		{"parts end before the message does", "a APPEND x CATENATE (TEXT {5}", []string{") TEXT {3}"}, "BAD at 33: a literal", "", false},
	} {
		t.Run(tc.note, func(t *testing.T) {
			var p Parser
			c, err := p.Parse([]byte(tc.command), Mode{})
			for _, behind := range tc.behind {
				if err != nil || !c.Message {
					t.Fatalf("%v before %q", err, behind)
				}
				c, err = p.Continue(c, []byte(behind), Mode{})
			}
			if e, ok := errors.AsType[*Error](err); ok {
				if got := fmt.Sprintf("BAD at %d: %s", e.Offset, e.Want); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				return
			}
			if got := describe(c); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if got := headers(c); got != tc.args || c.Adds() != tc.adds {
				t.Errorf("got %q, adds %v; want %q, %v", got, c.Adds(), tc.args, tc.adds)
			}
			if last := tc.behind[len(tc.behind)-1]; string(c.Raw[c.From:]) != last {
				t.Errorf("from %d on stands %q, want %q", c.From, c.Raw[c.From:], last)
			}
		})
	}
}

// headers are the arguments of c as they were sent, literals as their headers.
func headers(c *Command) string {
	var b strings.Builder
	from := len(c.Tag) + 1 + len(c.Name) + 1
	for _, token := range c.Args {
		if token.Kind != wire.Literal {
			continue
		}
		brace := strings.LastIndexByte(string(c.Raw[:token.Start]), '{')
		b.Write(c.Raw[from:brace])
		b.Write(token.Header.Append(nil))
		from = int(token.End)
	}
	b.Write(c.Raw[from:])
	return b.String()
}
