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
	// why says for what reason nothing else of it passes.
	why string
}{
	{"LF ends a line", "a1 NOOP\na2 CREATE PWNED\r\n", unframed, "", crlf},
	{"CR ends a line", "a1 NOOP\ra2 CREATE PWNED\r\n", bad, "", crlf},
	{"two spaces", "a1  CREATE PWNED\r\n", bad, "", space},
	{"tab", "a1\tCREATE PWNED\r\n", anyBad, "", space},
	{"space before the tag", " a1 CREATE PWNED\r\n", anyBad, "", space},
	{"space at the end", "a1 CREATE PWNED \r\n", bad, "", space},
	{"no space before a list", "a1 STORE 1 FLAGS(\\Deleted)\r\n", bad, "", space},
	{"argument of NOOP", "a1 NOOP argument\r\n", bad, "", noArguments},
	{"NUL at the end", "a1 NOOP\x00\r\n", bad, "", nul},
	{"NUL in a mailbox", "a1 DELETE PWNED\x00BOX\r\n", bad, "", nul},
	{"8-bit atom", "a1 CREATE PWN\xc3\x84D\r\n", bad, "", ascii},
	{"8-bit tag", "\xc3\xa4 CREATE PWNED\r\n", anyBad, "", ascii},
	{"control in an atom", "a1 CREATE PWNED\x1a\r\n", bad, "", ascii},
	{"tag +", "+ CREATE PWNED\r\n", anyBad, "", tag},
	{"tag *", "* CREATE PWNED\r\n", anyBad, "", tag},
	{"tag with +", "a+b CREATE PWNED\r\n", anyBad, "", tag},
	{"script for a tag", "<script> CREATE PWNED\r\n", anyBad, "", reflects},
	{"long tag", strings.Repeat("a", 65) + " CREATE PWNED\r\n", anyBad, "", longTag},
	{"command by prefix", "a1 CREATEX PWNED\r\n", bad, "a1 CREATEX PWNED\r\n", wholeNames},
	{"command in Unicode's upper case", "a1 \u017felect PWNED\r\n", bad, "", ascii},
	{"DONE outside of IDLE", "DONE\r\n", []string{"DONE BAD"}, "", noCommand},
	{"HTTP", "GET /?CREATE HTTP/1.1\r\n" + pwned, []string{"* BAD", "* BYE"}, "", reflects},

	{"{05+}", "a1 CREATE {05+}\r\nPWNED\r\n", unframed, "", size},
	{"{}", "a1 CREATE {}\r\n" + pwned, unframed, "", size},
	{"{+}", "a1 CREATE {+}\r\n" + pwned, unframed, "", size},
	{"{+5}", "a1 CREATE {+5}\r\nPWNED\r\n", unframed, "", size},
	{"{5 +}", "a1 CREATE {5 +}\r\nPWNED\r\n", unframed, "", size},
	{"{ 5}", "a1 CREATE { 5}\r\nPWNED\r\n", unframed, "", size},
	{"{5 }", "a1 CREATE {5 }\r\nPWNED\r\n", unframed, "", size},
	{"{5-}", "a1 CREATE {5-}\r\nPWNED\r\n", unframed, "", size},
	{"{-1}", "a1 CREATE {-1}\r\n" + pwned, unframed, "", size},
	{"{5++}", "a1 CREATE {5++}\r\nPWNED\r\n", unframed, "", size},
	{"{0x5}", "a1 CREATE {0x5}\r\nPWNED\r\n", unframed, "", size},
	{"2^31", "a1 CREATE {2147483648+}\r\nPWNED\r\n" + pwned, tooBig, "", bound},
	{"2^32+5", "a1 CREATE {4294967301+}\r\nPWNED\r\n" + pwned, tooBig, "", bound},
	{"2^64+5", "a1 CREATE {18446744073709551621+}\r\nPWNED\r\n" + pwned, unframed, "", size},
	{"2^63", "a1 APPEND INBOX {9223372036854775808+}\r\n" + pwned, unframed, "", size},
	{"LF behind a header", "a1 CREATE {5+}\nPWNED\r\n", unframed, "", crlf},
	{"CR behind a header", "a1 CREATE {5+}\rPWNED\r\n", bad, "", crlf},
	{"literal behind a string", "a1 LIST \"\"{5+}\r\nPWNED\r\n", bad, "", space},
	{"literal in an atom", "a1 CREATE ab{16+}\r\n" + pwned + "\r\n", bad, "", brace},
	{"synchronizing literal in an atom", "a1 CREATE ab{16}\r\n", bad, "", brace},
	{"literal8 where there is none", "a1 CREATE ~{5+}\r\nPWNED\r\n", bad, "", literal8},
	{"literal for a tag", "{16+}\r\n" + pwned + " NOOP\r\n", anyBad, "", place},
	{"literal for a command", "a1 {16+}\r\n" + pwned + "\r\n", bad, "", place},
	{"literal behind an unknown command", "a1 XUNKNOWN {16+}\r\n" + pwned + "\r\n", bad, "a1 XUNKNOWN {16}\r\n", synchronizing},
	{"literal behind NOOP", "a1 NOOP x {16+}\r\n" + pwned + "\r\n", bad, "", swallowed},
	{"literal behind a stray parenthesis", "a1 LIST ) {16+}\r\n" + pwned + "\r\n", bad, "", swallowed},
	{"APPEND with a bad date", "a1 APPEND INBOX \"date\" {16+}\r\n" + pwned + "\r\n", bad, "", swallowed},
	{"APPEND with an open list", "a1 APPEND INBOX (\\Seen {16+}\r\n" + pwned + "\r\n", bad, "", swallowed},
	{"APPEND with an open list, synchronizing", "a1 APPEND INBOX (\\Seen {16}\r\n", bad, "", swallowed},
	{"literal behind a literal of a bad command", "a1 NOOP {1+}\r\nx {16+}\r\n" + pwned + "\r\n", bad, "", swallowed},
	{"CRLF in a string", "a1 CREATE \"PW\r\n", bad, "", quoted},
	{"escape of a letter", `a1 CREATE "\PWNED"` + "\r\n", bad, "", quoted},
	{"string that does not end", `a1 CREATE "PWNED` + "\r\n", bad, "", quoted},
	{"other text in IDLE", "a1 IDLE\r\n" + pwned, []string{"+ idling", "a1 BAD"}, "a1 IDLE\r\nDONE\r\n", done},

	{"DONE with the IDLE", "a1 IDLE\r\nDONE\r\n", []string{"+ idling", "a1 OK"}, "a1 IDLE\r\nDONE\r\n", held},
	{"done", "a1 IDLE\r\ndone\r\n", []string{"+ idling", "a1 OK"}, "a1 IDLE\r\nDONE\r\n", "passes as DONE"},
	{"DONE and a space", "a1 IDLE\r\nDONE \r\n", []string{"+ idling", "a1 BAD"}, "a1 IDLE\r\nDONE\r\n", done},
	{"DONE and a bare LF", "a1 IDLE\r\nDONE\n", []string{"+ idling", "* BYE"}, "a1 IDLE\r\n", crlf},
	{"APPEND to a mailbox that is not there", "a1 APPEND nosuch {16+}\r\n" + pwned + "\r\n", []string{"a1 NO [TRYCREATE]"}, "a1 APPEND nosuch {16}\r\n", synchronizing},

	{"COMPRESS", "a1 COMPRESS DEFLATE\r\n", []string{"a1 NO"}, "", sight},
	{"STARTTLS after login", "a1 STARTTLS\r\n", []string{"a1 BAD"}, "", state},
	{"LOGIN after login", "a1 LOGIN x y\r\n", bad, "", state},
	{"AUTHENTICATE after login", "a1 AUTHENTICATE PLAIN\r\n", bad, "", state},
	{"FETCH where nothing is selected", "a1 FETCH 1 BODY[]\r\n", bad, "", state},
	{"deep list", "a1 LIST " + strings.Repeat("(", 1000) + "\r\n", bad, "", bound},
	{"long line", "a1 CREATE " + strings.Repeat("A", 70_000) + "\r\n", []string{"* BYE [TOOBIG]"}, "", bound},
}

// The reasons. Sections are those of RFC 9051.
const (
	crlf          = "a line ends in CRLF (section 9)"
	space         = "one space parts arguments (section 9)"
	noArguments   = "it has no arguments (section 6.1.2)"
	nul           = "no string has a NUL but literal8 (section 9)"
	ascii         = "atoms and tags are US-ASCII without controls (section 9)"
	tag           = "\"+\" and \"*\" begin what servers say (section 9, tag)"
	reflects      = "nothing that a page made a browser say is repeated"
	longTag       = "a tag has 64 octets at most"
	wholeNames    = "passes as an unknown command: names are compared as a whole"
	noCommand     = "no command without a tag"
	size          = "a literal's size has digits only, no leading zero, and 63 bits (section 9, literal)"
	bound         = "over a bound (limits)"
	brace         = "no atom has a brace (section 9)"
	literal8      = "literal8 where RFC 3516 has it"
	place         = "no literal stands here (section 9)"
	synchronizing = "the server invites it, or nothing of it comes (RFC 7888 section 3)"
	swallowed     = "what a refused command announced is not read as commands (RFC 7888 section 3)"
	quoted        = "a quoted string has no line ends, and escapes quotes and backslashes only (section 9)"
	done          = "IDLE ends with DONE (RFC 2177)"
	held          = "DONE waits for the server's \"+\""
	sight         = "the dataplane could no longer read the stream"
	state         = "not in this state (section 3)"
)

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
