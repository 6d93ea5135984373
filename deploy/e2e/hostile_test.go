package e2e

import (
	"bufio"
	"strings"
	"testing"
)

// pwned is what an attacker wants to be run as a command where it is data.
const pwned = "x CREATE PWNED\r\n"

// hostile is input on which servers differ: of Dovecot, Cyrus, Courier and go-imap at least one runs what another refuses, or
// runs data as a command.
var hostile = []struct {
	name, input string
	// answers is what the client hears, response by response, each from its start. With a BYE the connection is closed, else
	// the next command works.
	answers []string
	// reaches is the part that is a command, for all that the dataplane knows, and that policy has accepted.
	reaches string
}{
	{"LF ends a line", "a1 NOOP\na2 CREATE PWNED\r\n", unframed, ""},
	{"CR ends a line", "a1 NOOP\ra2 CREATE PWNED\r\n", bad, ""},
	{"two spaces", "a1  CREATE PWNED\r\n", bad, ""},
	{"tab", "a1\tCREATE PWNED\r\n", anyBad, ""},
	{"space before the tag", " a1 CREATE PWNED\r\n", anyBad, ""},
	{"space at the end", "a1 CREATE PWNED \r\n", bad, ""},
	{"no space before a list", "a1 STORE 1 FLAGS(\\Deleted)\r\n", bad, ""},
	{"argument of NOOP", "a1 NOOP argument\r\n", bad, ""},
	{"NUL at the end", "a1 NOOP\x00\r\n", bad, ""},
	{"NUL in a mailbox", "a1 DELETE PWNED\x00BOX\r\n", bad, ""},
	{"8-bit atom", "a1 CREATE PWN\xc3\x84D\r\n", bad, ""},
	{"8-bit tag", "\xc3\xa4 CREATE PWNED\r\n", anyBad, ""},
	{"control in an atom", "a1 CREATE PWNED\x1a\r\n", bad, ""},
	{"tag +", "+ CREATE PWNED\r\n", anyBad, ""},
	{"tag *", "* CREATE PWNED\r\n", anyBad, ""},
	{"tag with +", "a+b CREATE PWNED\r\n", anyBad, ""},
	{"script for a tag", "<script> CREATE PWNED\r\n", anyBad, ""},
	{"long tag", strings.Repeat("a", 65) + " CREATE PWNED\r\n", anyBad, ""},
	{"command by prefix", "a1 CREATEX PWNED\r\n", bad, "a1 CREATEX PWNED\r\n"},
	{"command in Unicode's upper case", "a1 \u017felect PWNED\r\n", bad, ""},
	{"DONE outside of IDLE", "DONE\r\n", []string{"DONE BAD"}, ""},
	{"HTTP", "GET /?CREATE HTTP/1.1\r\n" + pwned, []string{"* BAD", "* BYE"}, ""},

	{"{05+}", "a1 CREATE {05+}\r\nPWNED\r\n", unframed, ""},
	{"{}", "a1 CREATE {}\r\n" + pwned, unframed, ""},
	{"{+}", "a1 CREATE {+}\r\n" + pwned, unframed, ""},
	{"{+5}", "a1 CREATE {+5}\r\nPWNED\r\n", unframed, ""},
	{"{5 +}", "a1 CREATE {5 +}\r\nPWNED\r\n", unframed, ""},
	{"{ 5}", "a1 CREATE { 5}\r\nPWNED\r\n", unframed, ""},
	{"{5 }", "a1 CREATE {5 }\r\nPWNED\r\n", unframed, ""},
	{"{5-}", "a1 CREATE {5-}\r\nPWNED\r\n", unframed, ""},
	{"{-1}", "a1 CREATE {-1}\r\n" + pwned, unframed, ""},
	{"{5++}", "a1 CREATE {5++}\r\nPWNED\r\n", unframed, ""},
	{"{0x5}", "a1 CREATE {0x5}\r\nPWNED\r\n", unframed, ""},
	{"2^31", "a1 CREATE {2147483648+}\r\nPWNED\r\n" + pwned, tooBig, ""},
	{"2^32+5", "a1 CREATE {4294967301+}\r\nPWNED\r\n" + pwned, tooBig, ""},
	{"2^64+5", "a1 CREATE {18446744073709551621+}\r\nPWNED\r\n" + pwned, unframed, ""},
	{"2^63", "a1 APPEND INBOX {9223372036854775808+}\r\n" + pwned, unframed, ""},
	{"LF behind a header", "a1 CREATE {5+}\nPWNED\r\n", unframed, ""},
	{"CR behind a header", "a1 CREATE {5+}\rPWNED\r\n", bad, ""},
	{"literal behind a string", "a1 LIST \"\"{5+}\r\nPWNED\r\n", bad, ""},
	{"literal in an atom", "a1 CREATE ab{16+}\r\n" + pwned + "\r\n", bad, ""},
	{"synchronizing literal in an atom", "a1 CREATE ab{16}\r\n", bad, ""},
	{"literal8 where there is none", "a1 CREATE ~{5+}\r\nPWNED\r\n", bad, ""},
	{"literal for a tag", "{16+}\r\n" + pwned + " NOOP\r\n", anyBad, ""},
	{"literal for a command", "a1 {16+}\r\n" + pwned + "\r\n", bad, ""},
	{"literal behind an unknown command", "a1 XUNKNOWN {16+}\r\n" + pwned + "\r\n", bad, "a1 XUNKNOWN {16}\r\n"},
	{"literal behind NOOP", "a1 NOOP x {16+}\r\n" + pwned + "\r\n", bad, ""},
	{"literal behind a stray parenthesis", "a1 LIST ) {16+}\r\n" + pwned + "\r\n", bad, ""},
	{"APPEND with a bad date", "a1 APPEND INBOX \"date\" {16+}\r\n" + pwned + "\r\n", bad, ""},
	{"APPEND with an open list", "a1 APPEND INBOX (\\Seen {16+}\r\n" + pwned + "\r\n", bad, ""},
	{"APPEND with an open list, synchronizing", "a1 APPEND INBOX (\\Seen {16}\r\n", bad, ""},
	{"literal behind a literal of a bad command", "a1 NOOP {1+}\r\nx {16+}\r\n" + pwned + "\r\n", bad, ""},
	{"CRLF in a string", "a1 CREATE \"PW\r\n", bad, ""},
	{"escape of a letter", `a1 CREATE "\PWNED"` + "\r\n", bad, ""},
	{"string that does not end", `a1 CREATE "PWNED` + "\r\n", bad, ""},
	{"other text in IDLE", "a1 IDLE\r\n" + pwned, []string{"+ idling", "a1 BAD"}, "a1 IDLE\r\nDONE\r\n"},

	{"COMPRESS", "a1 COMPRESS DEFLATE\r\n", []string{"a1 NO"}, ""},
	{"STARTTLS after login", "a1 STARTTLS\r\n", []string{"a1 BAD"}, ""},
	{"LOGIN after login", "a1 LOGIN x y\r\n", bad, ""},
	{"AUTHENTICATE after login", "a1 AUTHENTICATE PLAIN\r\n", bad, ""},
	{"FETCH where nothing is selected", "a1 FETCH 1 BODY[]\r\n", bad, ""},
	{"deep list", "a1 LIST " + strings.Repeat("(", 1000) + "\r\n", bad, ""},
	{"long line", "a1 CREATE " + strings.Repeat("A", 70_000) + "\r\n", []string{"* BYE [TOOBIG]"}, ""},
}

// Answers that several inputs get.
var (
	bad      = []string{"a1 BAD"}
	anyBad   = []string{"* BAD"}
	unframed = []string{"a1 BAD", "* BYE"}
	tooBig   = []string{"a1 NO [TOOBIG]", "* BYE"}
)

// Of input on which servers differ nothing reaches the server, although policy accepts all; the client is answered, and where
// the stream can still be framed the next command works.
func TestHostile(t *testing.T) {
	everything := newJudge(t, acceptAll)
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, setup{judge: everything, altered: true})
			c := b.connect()
			c.login(b.user)
			c.send(h.input)
			sent := "login LOGIN " + b.user + " " + password + "\r\n" + h.reaches
			var got []string
			if strings.HasPrefix(h.answers[len(h.answers)-1], "* BYE") {
				for r := bufio.NewReader(strings.NewReader(c.end())); ; {
					line, err := r.ReadString('\n')
					if err != nil {
						break
					}
					got = append(got, line)
				}
			} else {
				c.send("after NOOP\r\n")
				for r := ""; !strings.HasPrefix(r, "after OK"); {
					r = c.response()
					got = append(got, r)
				}
				got = got[:len(got)-1]
				c.logout()
				sent += "after NOOP\r\nlogout LOGOUT\r\n"
			}
			same := len(got) == len(h.answers)
			for i := range min(len(got), len(h.answers)) {
				same = same && strings.HasPrefix(got[i], h.answers[i])
			}
			if !same {
				t.Errorf("answered %q, want %q", got, h.answers)
			}
			if at := string(b.lastOnServerLeg().from(false)); at != sent {
				t.Errorf("the server got %q, want %q", at, sent)
			}
		})
	}
}
