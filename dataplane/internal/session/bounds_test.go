package session_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// flood feeds a side the same piece again and again, as far as it is taken, with a number for "#"; what is asked is answered with d,
// nil: never. Nothing of the output is taken.
func flood(s *session.Session, side session.Side, piece []byte, pieces int, d *session.Decision) {
	for i := range pieces {
		for rest := bytes.Replace(piece, []byte("#"), strconv.AppendInt(nil, int64(i), 10), 1); len(rest) > 0; {
			n := min(s.Wants(side), len(rest))
			if n == 0 {
				return
			}
			s.Feed(side, rest[:n])
			rest = rest[n:]
			for _, ok := s.Event(); ok; _, ok = s.Event() {
			}
			if d == nil {
				continue
			}
			for a, ok := s.Ask(); ok; a, ok = s.Ask() {
				answer := *d
				answer.Capabilities = make([]bool, len(a.Question.Capabilities))
				s.Resolve(a.ID, &answer, nil)
			}
		}
	}
}

// held is what a session keeps in memory, in octets.
func held(make func() *session.Session) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(s)
	return max(after.HeapAlloc, before.HeapAlloc) - before.HeapAlloc
}

var (
	rejects = &session.Decision{ID: "d", Request: session.ReqReject, Response: session.RspAccept, Rows: rows(session.RspAccept)}
	accepts = &session.Decision{ID: "d", Request: session.ReqAccept, Response: session.RspAccept, Rows: rows(session.RspAccept)}
	asksAll = &session.Decision{ID: "d", Request: session.ReqAccept, Response: session.RspAccept, Rows: rows(session.RspPolicy)}
)

// TestHostileInputIsBounded: whatever a peer sends, as long as it likes, and however little it reads, a session holds less than
// 4 MiB with the default limits. Hazard 9.
func TestHostileInputIsBounded(t *testing.T) {
	const bound = 4 << 20
	x := func(n int) string { return strings.Repeat("x", n) }
	client := func(d *session.Decision, pieces int, piece string) func() *session.Session {
		return func() *session.Session {
			s := in(t, 3)
			flood(s, session.Client, []byte(piece), pieces, d)
			return s
		}
	}
	server := func(d *session.Decision, command string, pieces int, piece string) func() *session.Session {
		return func() *session.Session {
			s := in(t, 3)
			flood(s, session.Client, []byte(command), 1, d)
			s.Take(session.Server, nil)
			flood(s, session.Server, []byte(piece), pieces, d)
			return s
		}
	}
	for _, tc := range []struct {
		note string
		make func() *session.Session
	}{
		{"nothing", client(nil, 0, "")},
		{"a line without an end", client(nil, 1000, x(1<<16))},
		{"open lists without an end", client(nil, 1000, "a# XFOO "+strings.Repeat("(", 1<<16))},
		{"commands that are not answered", client(nil, 10_000, "a# NOOP\r\n")},
		{"commands of many arguments that are not answered", client(nil, 1000, "a# XFOO"+strings.Repeat(" x", 9_999)+"\r\n")},
		{"commands of many lists that are not answered", client(nil, 1000, "a# XFOO"+strings.Repeat(" (x)", 4_999)+"\r\n")},
		{"long commands that are not answered", client(nil, 1000, "a# XFOO "+x(65_000)+"\r\n")},
		{"commands with many literals", client(nil, 1000, "a# XFOO"+strings.Repeat(" {8000+}\r\n"+x(8000), 15)+"\r\n")},
		{"a literal without an end", client(nil, 1000, "a# XFOO {8000+}\r\n"+x(4000))},
		{"a message that the server does not take", func() *session.Session {
			s := client(accepts, 1, "a APPEND x {200000000+}\r\n")()
			say(s, session.Server, "+ go on\r\n")
			flood(s, session.Client, []byte(x(1<<16)), 1000, accepts)
			return s
		}},
		{"messages behind messages", func() *session.Session {
			s := client(accepts, 1, "a APPEND x {10+}\r\n")()
			for range 10_000 {
				say(s, session.Server, "+ go on\r\n")
				flood(s, session.Client, []byte(x(10)+" (x) {10+}\r\n"), 1, accepts)
				s.Take(session.Server, nil)
			}
			return s
		}},
		{"parts behind parts", func() *session.Session {
			s := client(accepts, 1, "a APPEND x CATENATE (TEXT {10+}\r\n")()
			for range 10_000 {
				say(s, session.Server, "+ go on\r\n")
				flood(s, session.Client, []byte(x(10)+" URL /"+x(60_000)+"/;UID=1 TEXT {10+}\r\n"), 1, accepts)
				s.Take(session.Server, nil)
			}
			return s
		}},
		{"rejected messages", client(rejects, 10_000, "a# APPEND x {100+}\r\n"+x(100)+"\r\n")},
		{"rejected commands whose answers are not read", client(rejects, 100_000, "a# NOOP\r\n")},
		{"rejected commands inside of a response", func() *session.Session {
			s := server(accepts, "f FETCH 1 BODY[]\r\n", 1, "* 1 FETCH (BODY[] {1000000000}\r\n")()
			s.Take(session.Client, nil)
			flood(s, session.Client, []byte("a# NOOP\r\n"), 100_000, rejects)
			return s
		}},
		{"SASL responses", func() *session.Session {
			s := in(t, 1)
			flood(s, session.Client, []byte("a AUTHENTICATE CRAM-MD5\r\n"), 1, accepts)
			flood(s, session.Server, []byte("+ YWJj\r\n"), 1, accepts)
			flood(s, session.Client, []byte(strings.Repeat("QUFB", 15_000)+"\r\n"), 1000, accepts)
			return s
		}},
		{"ENABLE again and again", func() *session.Session {
			s := in(t, 2)
			for i := range 10_000 {
				say(s, session.Client, fmt.Sprintf("a ENABLE X%d\r\n", i))
				settle(s)
				say(s, session.Server, fmt.Sprintf("* ENABLED X%d\r\na OK done\r\n", i))
				s.Take(session.Client, nil)
				s.Take(session.Server, nil)
				for _, ok := s.Event(); ok; _, ok = s.Event() {
				}
			}
			return s
		}},
		{"a response line without an end", server(accepts, "f NOOP\r\n", 1000, "* OK "+x(1<<16))},
		{"responses that the client does not read", server(accepts, "f NOOP\r\n", 100_000, "* OK "+x(1000)+"\r\n")},
		{"a message that the client does not read", server(accepts, "f FETCH 1 BODY[]\r\n", 100_000, "* 1 FETCH (BODY[] {1000000000}\r\n"+x(1<<16))},
		{"a list of capabilities", server(accepts, "f CAPABILITY\r\n", 100, "* CAPABILITY"+strings.Repeat(" A", 9_000)+"\r\n")},
		{"a list of too many capabilities", server(accepts, "f CAPABILITY\r\n", 100, "* CAPABILITY"+strings.Repeat(" A", 500_000)+"\r\n")},
		{"responses that are asked about", server(asksAll, "f LIST \"\" *\r\n", 100, "* LIST "+strings.Repeat("(", 500_000)+"\r\n")},
		{"special uses without an end", server(accepts, "f LIST \"\" *\r\n", 100_000, "* LIST (\\All \\Junk \\Sent) \"/\" #\r\n")},
		{"literals in a response that is not answered", func() *session.Session {
			s := server(asksAll, "f LIST \"\" *\r\n", 0, "")()
			flood(s, session.Server, []byte("* LIST"+strings.Repeat(" {8000}\r\n"+x(8000), 1000)+"\r\n"), 10, nil)
			return s
		}},
		{"arguments in a response that is not answered", func() *session.Session {
			s := server(asksAll, "f LIST \"\" *\r\n", 0, "")()
			flood(s, session.Server, []byte("* LIST"+strings.Repeat(" x", 400_000)+"\r\n"), 10, nil)
			return s
		}},
	} {
		t.Run(tc.note, func(t *testing.T) {
			n := held(tc.make)
			t.Logf("%d octets", n)
			if n > bound {
				t.Errorf("a session holds %d octets", n)
			}
		})
	}
}

// TestOutputIsBounded: the client is not read while the server does not take what it got. Setting Output.
func TestOutputIsBounded(t *testing.T) {
	s := session.New(session.Config{Limits: session.Limits{Output: 1000}})
	say(s, session.Server, "* PREAUTH ready\r\n")
	settle(s)
	say(s, session.Client, "a APPEND x {5000+}\r\n")
	settle(s)
	s.Take(session.Client, nil)
	s.Take(session.Server, nil)
	say(s, session.Server, "+ go on\r\n")
	if n := s.Wants(session.Client); n < 2000 {
		t.Fatalf("wants %d octets", n)
	}
	say(s, session.Client, strings.Repeat("x", 2000))
	if n := s.Wants(session.Client); n != 0 {
		t.Errorf("wants %d octets of the client, though the server takes none", n)
	}
	if got := len(s.Take(session.Server, nil)); got != 1000 {
		t.Errorf("%d octets wait for the server", got)
	}
	s.Feed(session.Client, nil)
	if got := len(s.Take(session.Server, nil)); got != 1000 {
		t.Errorf("%d octets wait for the server, want the others", got)
	}
	if n := s.Wants(session.Client); n == 0 {
		t.Error("the client is not read any more")
	}
}

// TestHeldCommandsAreBounded: commands that wait for their answers take so much, and the client is not read then. Setting Held.
func TestHeldCommandsAreBounded(t *testing.T) {
	s := session.New(session.Config{Limits: session.Limits{Held: 10_000}})
	say(s, session.Server, "* PREAUTH ready\r\n")
	settle(s)
	for i := range 6 {
		say(s, session.Client, fmt.Sprintf("a%d XFOO %s\r\n", i, strings.Repeat("x", 3000)))
	}
	asked := 0
	for _, ok := s.Ask(); ok; _, ok = s.Ask() {
		asked++
	}
	if asked == 0 || asked > 3 {
		t.Errorf("%d commands are held", asked)
	}
}

// TestHeldIsWhatCommandsTake: the memory that commands take is counted with all that was parsed of them, be it ranges, keys, flags,
// names or fields. Setting Held, of which one command may be over.
func TestHeldIsWhatCommandsTake(t *testing.T) {
	many := func(piece string, n int) string { return strings.Repeat(piece, n) }
	for _, command := range []string{
		"a# FETCH 1:2" + many(",3:4", 4000) + " (FLAGS)\r\n",
		"a# SEARCH" + many(" SEEN", 8000) + "\r\n",
		"a# STORE 1 +FLAGS (x" + many(" y", 8000) + ")\r\n",
		"a# FETCH 1 (UID" + many(" BODY[1]", 3000) + ")\r\n",
		"a# LIST \"\" (x" + many(" y", 8000) + ")\r\n",
		"a# ESEARCH IN (mailboxes (x" + many(" y", 8000) + ")) ALL\r\n",
		"a# ID (\"a\" NIL" + many(" \"a\" \""+many("b", 1024)+"\"", 29) + ")\r\n",
		"a# ENABLE x" + many(" y", 8000) + "\r\n",
		"a# XFOO" + many(" (x)", 4000) + "\r\n",
		"a# SELECT x\r\n",
	} {
		t.Run(command[3:12], func(t *testing.T) {
			empty := held(func() *session.Session { return in(t, 3) })
			var s *session.Session
			n := held(func() *session.Session {
				s = in(t, 3)
				flood(s, session.Client, []byte(command), 1000, nil)
				return s
			})
			const bound = 2 << 20 // twice the default: one command may be over it, and the reader's buffers are not counted
			if n -= min(n, empty); n > bound {
				t.Errorf("%d octets are held", n)
			}
			if _, asked := s.Ask(); !asked {
				t.Errorf("not asked: %.80s", s.Take(session.Client, nil))
			}
		})
	}
}

// TestLongestID: 30 fields of the lengths that RFC 2971 section 3.3 allows fit in a line.
func TestLongestID(t *testing.T) {
	var id bytes.Buffer
	id.WriteString("a ID (")
	for i := range 30 {
		fmt.Fprintf(&id, "\"%030d\" \"%s\" ", i, strings.Repeat("v", 1024))
	}
	s := in(t, 1)
	say(s, session.Client, strings.TrimSuffix(id.String(), " ")+")\r\n")
	if a, ok := s.Ask(); !ok || len(a.Question.Command.ID) != 30 {
		t.Errorf("not asked: %s", s.Take(session.Client, nil))
	}
}
