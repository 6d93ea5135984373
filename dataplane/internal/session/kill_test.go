package session_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// act is a piece of a session: one side sends it once the session has nothing else to do.
type act struct {
	side session.Side
	data string
}

func c(lines ...string) act { return act{session.Client, strings.Join(lines, "\r\n") + "\r\n"} }
func s(lines ...string) act { return act{session.Server, strings.Join(lines, "\r\n") + "\r\n"} }

// script is a session in which there is something of everything: commands in flight, literals both ways, messages behind
// messages, an exchange, IDLE.
var script = []act{
	s("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"),
	c("a1 AUTHENTICATE PLAIN"), c("AHRpbQB0YW5z"), s("+ "), s("a1 OK [CAPABILITY IMAP4rev1 IDLE] in"),
	c("a2 SELECT {7}"), c("Archive"), s("+ go on"), s("* 3 EXISTS", "a2 OK [READ-WRITE] done"),
	c("a3 FETCH 1:2 (FLAGS BODY[])", "a4 NOOP"),
	s("* 1 FETCH (FLAGS () BODY[] {11}", "hello", "bye)"), s("* 2 FETCH (BODY[] {4}", "mail FLAGS (\\Seen))"), s("a3 OK done", "a4 OK done"),
	c("a5 APPEND Drafts (\\Seen) {5}"), s("+ go on"), c("hello (\\Draft) {6+}", "world!"), s("+ go on"), s("a5 OK [APPENDUID 1 2:3] done"),
	c("a6 APPEND Drafts {4+}", "mail"), s("a6 NO no"),
	c("a7 LIST \"\" *"), s("* LIST () \"/\" {5}", "Lists", "a7 OK done"),
	c("a8 IDLE"), s("+ idling"), s("* 4 EXISTS"), c("DONE"), s("a8 OK done"),
	c("a9 STORE 1 +FLAGS (\\Deleted)", "b1 EXPUNGE"), s("* 1 FETCH (FLAGS (\\Deleted))", "* 1 EXPUNGE", "a9 OK done", "b1 OK done"),
	c("b2 LOGOUT"), s("* BYE bye", "b2 OK done"),
}

// bench plays a script up to an octet of one side, with a decider that asks about each LIST and accepts all.
type bench struct {
	s    *session.Session
	legs [2][]byte
}

func (b *bench) settle() {
	for again := true; again; {
		again = false
		for a, ok := b.s.Ask(); ok; a, ok = b.s.Ask() {
			d := session.Decision{ID: "d", Response: session.RspAccept}
			if a.Question.Kind == session.Command {
				d = session.Decision{ID: "d", Request: session.ReqAccept, Rows: []session.Row{
					{Untagged: true, Name: "LIST", Verdict: session.RspPolicy}, {Tagged: true, Untagged: true, Name: "*", Verdict: session.RspAccept},
				}}
			}
			for range a.Question.Capabilities {
				d.Capabilities = append(d.Capabilities, true)
			}
			b.s.Resolve(a.ID, &d, nil)
			again = true
		}
		for side := range session.Side(2) {
			if out := b.s.Take(side, nil); len(out) > 0 {
				b.legs[side] = append(b.legs[side], out...)
				b.s.Feed(side.Other(), nil)
				again = true
			}
		}
		for _, ok := b.s.Event(); ok; _, ok = b.s.Event() {
		}
	}
}

// play feeds the script; before the octet at of side it stops, and tells so.
func (b *bench) play(side session.Side, at int) (stopped bool) {
	for _, a := range script {
		data := []byte(a.data)
		if a.side == side {
			if at < len(data) {
				data, stopped = data[:at], true
			}
			at -= len(data)
		}
		for len(data) > 0 && !b.s.Closing(session.Client) {
			n := min(b.s.Wants(a.side), len(data))
			if n == 0 {
				return stopped
			}
			b.s.Feed(a.side, data[:n])
			data = data[n:]
			b.settle()
		}
		if stopped {
			return true
		}
	}
	return false
}

// TestKilledAtEveryOctet drops either side before every octet that it sends, in order or by an error. The session ends; the server has
// got nothing that it would not have got; and what the client has got is the beginning of what it would have got, ended by a BYE, or
// inside of a response, where no client takes it for whole.
func TestKilledAtEveryOctet(t *testing.T) {
	whole := &bench{s: session.New(session.Config{})}
	if whole.play(session.Client, 1<<20); !whole.s.Closing(session.Client) || !bytes.HasSuffix(whole.legs[session.Client], []byte("b2 OK done\r\n")) {
		t.Fatalf("the script is not played to its end:\n%s", whole.legs[session.Client])
	}
	kills := 0
	for side := range session.Side(2) {
		for at := 0; ; at++ {
			for _, cause := range []error{nil, errors.New("reset")} {
				b := &bench{s: session.New(session.Config{})}
				if !b.play(side, at) {
					goto next
				}
				kills++
				b.s.EOF(side, cause)
				b.settle()
				if err := b.check(side, cause, whole.legs); err != nil {
					t.Fatalf("the %s is gone (%v) before octet %d: %v\nthe client got %q\nthe server got %q", side, cause, at, err,
						b.legs[session.Client], b.legs[session.Server])
				}
			}
		}
	next:
	}
	if kills < 1000 {
		t.Errorf("%d kills", kills)
	}
}

func (b *bench) check(side session.Side, cause error, whole [2][]byte) error {
	if side == session.Client && cause == nil && !b.s.Closing(session.Client) {
		// A half-close means "answer what I sent". The server is as far as it needs to be, and does not answer.
		if unanswered(b.legs) == 0 {
			return errors.New("the session waits for nothing")
		}
		b.s.EOF(session.Server, nil)
		b.settle()
	}
	client, server := b.legs[session.Client], b.legs[session.Server]
	if !b.s.Closing(session.Client) || !b.s.Closing(session.Server) {
		return errors.New("the session goes on")
	}
	if !bytes.HasPrefix(whole[session.Server], server) {
		return errors.New("the server got what it would not have got")
	}
	said, bye, hasBye := bytes.Cut(client, []byte("* BYE [UNAVAILABLE] "))
	if !bytes.HasPrefix(whole[session.Client], said) || hasBye && bytes.IndexByte(bye, '\n') != len(bye)-1 {
		return errors.New("the client got what it would not have got")
	}
	if hasBye && insideOf(said) == nil {
		return errors.New("BYE inside of a response")
	}
	if side == session.Client || hasBye || bytes.HasSuffix(client, []byte("* BYE bye\r\n")) {
		return nil
	}
	return insideOf(client)
}

// unanswered counts the commands on the server's leg that the client has no tagged answer to.
func unanswered(legs [2][]byte) (n int) {
	lines(legs[session.Server], func(line string, first bool) {
		if tag, _, _ := strings.Cut(line, " "); first && isTag(tag) && !bytes.Contains(legs[session.Client], []byte("\r\n"+tag+" ")) {
			n++
		}
	})
	return n
}

// insideOf tells that a leg ends inside of a response: in a line, in a literal, or behind one.
func insideOf(leg []byte) error {
	if len(leg) == 0 {
		return errors.New("the client hears nothing")
	}
	for len(leg) > 0 {
		line, rest, ok := bytes.Cut(leg, []byte("\r\n"))
		if !ok {
			return nil
		}
		if n := literalSize(line); n >= 0 {
			if n >= len(rest) {
				return nil
			}
			rest = rest[n:]
		}
		leg = rest
	}
	return errors.New("the client's stream ends between responses, without a BYE")
}

// literalSize is the size of the literal that a line of a response ends in; below 0: it ends in none.
func literalSize(line []byte) int {
	n := -1
	if brace := bytes.LastIndexByte(line, '{'); brace >= 0 && !status.Match(line) {
		if _, err := fmt.Sscanf(string(line[brace:]), "{%d}", &n); err != nil {
			return -1
		}
	}
	return n
}
