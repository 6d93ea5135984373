package session_test

import (
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// A client that sends STARTTLS without waiting for the greeting is not read any further: what comes next belongs to the
// handshake, and must not find the shell reading for the session.
func TestStartTLSBeforeGreeting(t *testing.T) {
	s := session.New(session.Config{ClientStartTLS: session.StartTLSRequired})
	for i, c := range []byte("a1 STARTTLS\r\n") {
		if s.Wants(session.Client) == 0 {
			t.Fatalf("not read any further behind octet %d", i)
		}
		s.Feed(session.Client, []byte{c})
	}
	if n := s.Wants(session.Client); n != 0 {
		t.Fatalf("wants %d octets", n)
	}
	s.Feed(session.Server, []byte("* OK ready\r\n"))
	answer := func(d *session.Decision) {
		a, ok := s.Ask()
		if !ok {
			t.Fatal("no question")
		}
		s.Resolve(a.ID, d, nil)
		if n := s.Wants(session.Client); n != 0 {
			t.Fatalf("wants %d octets", n)
		}
	}
	answer(&session.Decision{ID: "1", Response: session.RspAccept})
	answer(&session.Decision{ID: "2", Request: session.ReqAccept})
	if side, ok := s.Upgrade(); !ok || side != session.Client {
		t.Fatal("no handshake")
	}
	if got := string(s.Take(session.Client, nil)); got != "* OK ready\r\na1 OK begin TLS now\r\n" {
		t.Fatalf("%q", got)
	}
}
