package session_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// fetching is a session in which a FETCH is in flight, accepted with rows.
func fetching(tb testing.TB) *session.Session {
	s := session.New(session.Config{})
	say(s, session.Server, "* PREAUTH ready\r\n")
	settle(s)
	say(s, session.Client, "s SELECT INBOX\r\n")
	settle(s)
	say(s, session.Server, "s OK done\r\n")
	say(s, session.Client, "f FETCH 1:1000 (FLAGS)\r\n")
	settle(s)
	s.Take(session.Client, nil)
	if out := s.Take(session.Server, nil); !bytes.HasSuffix(out, []byte("f FETCH 1:1000 (FLAGS)\r\n")) {
		tb.Fatalf("the server got %q", out)
	}
	return s
}

// TestOneQuestionPerCommand: a thousand response lines are judged by the rows kept with the command's decision.
func TestOneQuestionPerCommand(t *testing.T) {
	s := fetching(t)
	var lines bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&lines, "* %d FETCH (FLAGS (\\Seen))\r\n", i+1)
	}
	lines.WriteString("f OK done\r\n")
	want := bytes.Clone(lines.Bytes())
	var got []byte
	for lines.Len() > 0 {
		s.Feed(session.Server, lines.Next(s.Wants(session.Server)))
		got = append(got, s.Take(session.Client, nil)...)
	}
	if a, ok := s.Ask(); ok {
		t.Errorf("asked about %s %s", a.Question.Kind, a.Question.Response.Name)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the client got %d octets, want %d", len(got), len(want))
	}
}

// TestJudgedLinesDoNotAllocate: what passes under a kept row costs no memory.
func TestJudgedLinesDoNotAllocate(t *testing.T) {
	s := fetching(t)
	line := bytes.Repeat([]byte("* 17 FETCH (UID 4711 FLAGS (\\Seen \\Answered) RFC822.SIZE 4096)\r\n"), 100)
	spare := make([]byte, 0, 64<<10)
	feed := func() {
		s.Feed(session.Server, line)
		spare = s.Take(session.Client, spare)
	}
	feed()
	feed()
	if n := testing.AllocsPerRun(100, feed); n > 1 {
		t.Errorf("%v allocations for 100 lines", n)
	}
}

func BenchmarkJudgedLines(b *testing.B) {
	s := fetching(b)
	line := bytes.Repeat([]byte("* 17 FETCH (UID 4711 FLAGS (\\Seen \\Answered) RFC822.SIZE 4096)\r\n"), 400)
	spare := make([]byte, 0, 64<<10)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		s.Feed(session.Server, line)
		spare = s.Take(session.Client, spare)
	}
}

func BenchmarkServerLiteral(b *testing.B) {
	s := fetching(b)
	say(s, session.Server, fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n", int64(1)<<62))
	data := make([]byte, 32<<10)
	spare := make([]byte, 0, 64<<10)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s.Feed(session.Server, data)
		spare = s.Take(session.Client, spare)
	}
}

func BenchmarkCommand(b *testing.B) {
	s := in2(b)
	b.ReportAllocs()
	spare := [2][]byte{}
	for b.Loop() {
		s.Feed(session.Client, []byte("a1 UID FETCH 4711 (FLAGS BODY.PEEK[HEADER.FIELDS (DATE FROM)])\r\n"))
		settle(s)
		s.Feed(session.Server, []byte("a1 OK done\r\n"))
		spare[0] = s.Take(session.Client, spare[0])
		spare[1] = s.Take(session.Server, spare[1])
		for _, ok := s.Event(); ok; _, ok = s.Event() {
		}
	}
}

func in2(b *testing.B) *session.Session {
	s := fetching(b)
	say(s, session.Server, "f OK done\r\n")
	if s.State() != syntax.Selected {
		b.Fatal(s.State())
	}
	return s
}
