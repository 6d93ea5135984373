package session_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// The inputs on which servers disagree, and more of their kind: shared/imap-facts.md section 5, in its order, and the numbered
// hazards that are inputs. A session is selected, every question is answered ACCEPT, the server says "+" to each literal. Behind each
// input comes "z NOOP", which shows whether the stream is still framed. testdata/differential.golden has what reached the server and
// what the client was told.
var differential = []struct{ hazard, note, stream string }{
	{"1", "a bare LF", "a NOOP\nb DELETE x\r\n"},
	{"1", "CR within a line", "p1 NOOP\rp2 NOOP\r\n"},
	{"2", "two spaces", "a  EXPUNGE\r\n"},
	{"2", "a tab", "a\tEXPUNGE\r\n"},
	{"2", "a leading space", " a EXPUNGE\r\n"},
	{"2", "a trailing space", "a EXPUNGE \r\n"},
	{"2", "no space before a list", "a STORE 1 +FLAGS(\\Deleted)\r\n"},
	{"", "junk behind NOOP", "a NOOP x\r\n"},
	{"1", "NUL behind the name", "a NOOP\x00\r\n"},
	{"1", "NUL in a mailbox", "a SELECT IN\x00BOX\r\n"},
	{"3", "the tag +", "+ NOOP\r\n"},
	{"3", "a tag with +", "a+b NOOP\r\n"},
	{"3", "the tag *", "* NOOP\r\n"},
	{"3", "a tag with 8-bit", "\xe9 NOOP\r\n"},
	{"3", "an empty line", "\r\n"},
	{"3", "a tag of 65 octets", strings.Repeat("t", 65) + " NOOP\r\n"},
	{"3", "a tag that is script", "<script>alert(1)</script> NOOP\r\n"},
	{"3", "8-bit in an atom", "a DELETE caf\xe9\r\n"},
	{"3", "a control in an atom", "a DELETE x\x1a\r\n"},
	{"3", "a name that only starts like one", "a EXPUNGEX\r\n"},
	{"3", "a name that Unicode folds", "a E\u017fPUNGE\r\n"},
	{"4", "CRLF in a quoted string", "a DELETE \"x\r\nb NOOP\r\n"},
	{"4", "NUL in a quoted string", "a DELETE \"x\x00y\"\r\n"},
	{"4", "an escaped ordinary character", "a DELETE \"Se\\cret\"\r\n"},
	{"4", "8-bit in a quoted string", "a DELETE \"caf\xc3\xa9\"\r\n"},
	{"5", "leading zeros", "a DELETE {05+}\r\nINBOX\r\n"},
	{"5", "no size", "a DELETE {}\r\n"},
	{"5", "no size, non-synchronizing", "a DELETE {+}\r\n"},
	{"5", "plus before the size", "a DELETE {+5}\r\nINBOX\r\n"},
	{"5", "blank before plus", "a DELETE {5 +}\r\nINBOX\r\n"},
	{"5", "blank before the size", "a DELETE { 5}\r\nINBOX\r\n"},
	{"5", "blank behind the size", "a DELETE {5 }\r\nINBOX\r\n"},
	{"5", "minus behind the size", "a DELETE {5-}\r\nINBOX\r\n"},
	{"5", "minus before the size", "a DELETE {-1}\r\n"},
	{"5", "two plus", "a DELETE {5++}\r\nINBOX\r\n"},
	{"5", "hexadecimal", "a DELETE {0x5}\r\nINBOX\r\n"},
	{"5", "2^31", "a DELETE {2147483648+}\r\nINBOX\r\n"},
	{"5", "2^32+5", "a DELETE {4294967301+}\r\nINBOX\r\n"},
	{"5", "2^64+1", "a DELETE {18446744073709551617}\r\n"},
	{"5", "2^64+5", "a DELETE {18446744073709551621+}\r\nINBOX\r\n"},
	{"5", "a bare LF behind the header", "a DELETE {5+}\nINBOX\r\n"},
	{"5", "a bare CR behind the header", "a DELETE {5+}\rx\r\n"},
	{"5", "not at the end of the line", "a COPY {1} x\r\n"},
	{"5", "a literal behind a string without a space", "a LIST \"\"{5+}\r\nINBOX\r\n"},
	{"5", "an atom with a non-synchronizing header", "a LIST \"\" ab{6+}\r\nb NOOP\r\n"},
	{"5", "an atom with a header", "a LIST \"\" ab{6}\r\nb NOOP\r\n"},
	{"5", "literal8 where none may be", "a DELETE ~{5+}\r\nINBOX\r\n"},
	{"5", "what follows a literal is the same command", "a RENAME {1+}\r\nxb NOOP\r\n"},
	{"6", "an unknown command with a literal", "a XFOO {11+}\r\nb DELETE xx\r\n"},
	{"6", "NOOP with an argument and a literal", "a NOOP x {11+}\r\nb DELETE xx\r\n"},
	{"6", "an unbalanced list and a literal", "a LIST )) {11+}\r\nb DELETE xx\r\n"},
	{"6", "APPEND with a malformed date", "a APPEND x \"yesterday\" {11+}\r\nb DELETE xx\r\n"},
	{"6", "APPEND with an open list", "a APPEND x (\\Seen {11+}\r\nb DELETE xx\r\n"},
	{"7", "the same, synchronizing: the client sends no octets", "a APPEND x (\\Seen {11}\r\nb NOOP\r\n"},
	{"7", "a command in a wrong state", "a LOGIN {5}\r\nb NOOP\r\n"},
	{"8", "a literal for a tag", "{6+}\r\nb NOOP NOOP\r\n"},
	{"8", "a literal for a name", "a {6+}\r\nb NOOP\r\n"},
	{"8", "a literal behind UID", "a UID {6+}\r\nb NOOP\r\n"},
	{"8", "a literal that looks like commands", "a DELETE {17+}\r\nx\" {99+} b LOGOUT\r\n"},
	{"8", "a message that looks like commands", "a APPEND x {23+}\r\nb EXPUNGE\r\nc DELETE y\r\n\r\n"},
	{"8", "a literal of no octets", "a DELETE {0+}\r\n\r\n"},
	{"8", "a literal that its size cuts", "a DELETE {3+}\r\nINBOX\r\n"},
	{"", "an escape that is one", "a DELETE \"a\\\\\\\"b\"\r\n"},
	{"", "DONE with the IDLE", "a IDLE\r\nDONE\r\n"},
	{"", "done", "a IDLE\r\ndone\r\n"},
	{"", "DONE and a bare LF", "a IDLE\r\nDONE\nb DELETE x\r\n"},
	{"", "DONE and a space", "a IDLE\r\nDONE \r\n"},
	{"", "a command in IDLE", "a IDLE\r\nb DELETE x\r\n"},
	{"", "a literal in IDLE", "a IDLE\r\nb APPEND x {11+}\r\nb DELETE xx\r\n"},
	{"9", "a line of 70 kB", "a DELETE " + strings.Repeat("x", 70_000) + "\r\n"},
	{"9", "51 open lists", "a XFOO " + strings.Repeat("(", 51) + "\r\n"},
	{"9", "10 001 arguments", "a XFOO" + strings.Repeat(" x", 10_001) + "\r\n"},
	{"9", "65 literals of one octet", "a XFOO" + strings.Repeat(" {1+}\r\nx", 65) + "\r\n"},
	{"", "the same tag twice in turn", "a NOOP\r\na NOOP\r\n"},
	{"12", "UID FETCH is a command of its own", "a UID FETCH 1 (FLAGS)\r\n"},
	{"12", "UID and two spaces", "a UID  FETCH 1 (FLAGS)\r\n"},
	{"12", "UID before anything unknown", "a UID FROBNICATE 1\r\n"},
	{"12", "UID alone", "a UID\r\n"},
}

func TestParserDifferentials(t *testing.T) {
	var got strings.Builder
	for _, tc := range differential {
		title := tc.note
		if tc.hazard != "" {
			title = "hazard " + tc.hazard + ": " + tc.note
		}
		whole, bytewise := against(t, tc.stream, 1<<20), against(t, tc.stream, 1)
		if whole != bytewise {
			t.Errorf("%s: the outcome depends on how the input is cut\n%s\n%s", title, whole, bytewise)
		}
		fmt.Fprintf(&got, "%s\n\t%s\n%s\n", title, abbreviated(tc.stream), whole)
	}
	const golden = "testdata/differential.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	wantRows, gotRows := strings.Split(string(want), "\n\n"), strings.Split(got.String(), "\n\n")
	for i, row := range gotRows {
		if i >= len(wantRows) || row != wantRows[i] {
			t.Errorf("differs from %s; judge the difference, then run with -update\n%s", golden, row)
		}
	}
	if len(wantRows) != len(gotRows) {
		t.Errorf("%d rows, want %d", len(gotRows), len(wantRows))
	}
}

// repeats is a text that occurs again and again.
var repeats = regexp.MustCompile(`(x{9})x+|(\({9})\(+|(t{9})t+|((?: x){9})(?: x)+|((?: \{1\+\}\\r\\nx){3})(?: \{1\+\}\\r\\nx)+`)

func abbreviated(stream string) string {
	return repeats.ReplaceAllString(strconv.Quote(stream), "$1$2$3$4$5...")
}

// against is what comes of a client's stream, with NOOP behind it: what was judged, what the server got, what the client was told.
func against(t *testing.T, stream string, cut int) string {
	s := in(t, 3)
	data := []byte(stream + "z NOOP\r\n")
	var judged []string
	var legs [2]strings.Builder
	for again := true; again; {
		again = false
		if n := min(s.Wants(session.Client), cut, len(data)); n > 0 {
			s.Feed(session.Client, data[:n])
			data, again = data[n:], true
		}
		for a, ok := s.Ask(); ok; a, ok = s.Ask() {
			judged = append(judged, string(a.Question.Command.Tag)+" "+a.Question.Command.Name)
			s.Resolve(a.ID, &session.Decision{ID: "d", Request: session.ReqAccept, Rows: rows(session.RspAccept)}, nil)
			again = true
		}
		legs[session.Client].Write(s.Take(session.Client, nil))
		if out := s.Take(session.Server, nil); len(out) > 0 {
			legs[session.Server].Write(out)
			if strings.HasSuffix(string(out), "}\r\n") || strings.HasSuffix(string(out), "IDLE\r\n") {
				say(s, session.Server, "+ go on\r\n")
			} else if string(out) == "DONE\r\n" {
				say(s, session.Server, "a OK done\r\n")
			}
			again = true
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\tjudged: %s\n", strings.Join(slices.Compact(judged), ", "))
	fmt.Fprintf(&b, "\tserver: %s\n", strconv.Quote(legs[session.Server].String()))
	fmt.Fprintf(&b, "\tclient: %s\n", strconv.Quote(legs[session.Client].String()))
	return b.String()
}
