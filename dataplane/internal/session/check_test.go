package session_test

import (
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// TestDecisionsThatAreNone: what no decider should send, and the contract's form has room for, is a policy error like any other: the
// session ends, and nothing of it passes.
func TestDecisionsThatAreNone(t *testing.T) {
	for _, tc := range []struct {
		note     string
		response bool // to a response, not to a command
		decision session.Decision
	}{
		{"no verdict on a command", false, session.Decision{ID: "d"}},
		{"an unknown verdict on a command", false, session.Decision{ID: "d", Request: 99}},
		{"a verdict on a response, on a command", false, session.Decision{ID: "d", Response: session.RspAccept}},
		{"an unknown state", false, session.Decision{ID: "d", Request: session.ReqAccept, Old: 99}},
		{"an unknown new state", false, session.Decision{ID: "d", Request: session.ReqAccept, New: 99}},
		{"no verdict on a response", true, session.Decision{ID: "d"}},
		{"POLICY returned by POLICY", true, session.Decision{ID: "d", Response: session.RspPolicy}},
		{"an unknown verdict on a response", true, session.Decision{ID: "d", Response: 99}},
		{"an unknown state at a response", true, session.Decision{ID: "d", Response: session.RspAccept, Old: 99}},
		{"verdicts on capabilities that were not asked about", true, session.Decision{ID: "d", Response: session.RspAccept, Capabilities: []bool{true}}},
	} {
		t.Run(tc.note, func(t *testing.T) {
			s := in(t, syntax.Authenticated)
			for _, ok := s.Event(); ok; _, ok = s.Event() {
			}
			say(s, session.Client, "a LIST \"\" *\r\n")
			a, ok := s.Ask()
			if !ok {
				t.Fatal("no question")
			}
			if tc.response {
				s.Resolve(a.ID, &session.Decision{ID: "d", Request: session.ReqAccept, Rows: rows(session.RspPolicy)}, nil)
				s.Take(session.Server, nil)
				say(s, session.Server, "* LIST () \"/\" Secret\r\n")
				if a, ok = s.Ask(); !ok {
					t.Fatal("no question")
				}
			}
			s.Resolve(a.ID, &tc.decision, nil)
			if out := string(s.Take(session.Client, nil)); out != "* BYE policy error\r\n" || !s.Closing(session.Client) {
				t.Errorf("the client got %q", out)
			}
			if out := s.Take(session.Server, nil); len(out) > 0 {
				t.Errorf("the server got %q", out)
			}
			faults := 0
			for e, ok := s.Event(); ok; e, ok = s.Event() {
				if e.Type == session.PolicyFault {
					faults++
				}
			}
			if faults != 1 {
				t.Errorf("%d policy errors", faults)
			}
		})
	}
}

// TestCapabilityVerdicts: there is one for each capability, or the session ends.
func TestCapabilityVerdicts(t *testing.T) {
	for n := range 4 {
		s := session.New(session.Config{})
		say(s, session.Server, "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n")
		a, _ := s.Ask() // about IMAP4REV1, IDLE, LITERAL+
		s.Resolve(a.ID, &session.Decision{ID: "d", Response: session.RspAccept, Capabilities: make([]bool, n)}, nil)
		if greeted := strings.HasPrefix(string(s.Take(session.Client, nil)), "* OK "); greeted != (n == 3) {
			t.Errorf("%d verdicts: greeted %v", n, greeted)
		}
	}
}

// TestLateAnswers: an answer to what was not asked, or a second one, changes nothing; no answer at all is one without a decision.
func TestLateAnswers(t *testing.T) {
	s := in(t, syntax.Authenticated)
	say(s, session.Client, "a NOOP\r\n")
	a, _ := s.Ask()
	s.Resolve(a.ID+1, accepts, nil)
	if out := s.Take(session.Server, nil); len(out) > 0 {
		t.Errorf("the server got %q", out)
	}
	s.Resolve(a.ID, nil, nil)
	s.Resolve(a.ID, accepts, nil)
	if out := string(s.Take(session.Client, nil)); out != "a NO [UNAVAILABLE] policy service unavailable\r\n" {
		t.Errorf("the client got %q", out)
	}
	if out := s.Take(session.Server, nil); len(out) > 0 {
		t.Errorf("the server got %q", out)
	}
}

// TestAbort: whoever runs the session ends it, with BYE, and only once.
func TestAbort(t *testing.T) {
	s := in(t, syntax.Authenticated)
	s.Abort("shutdown", "server going down", nil)
	s.Abort("again", "again", nil)
	s.EOF(session.Client, nil)
	if out := string(s.Take(session.Client, nil)); out != "* BYE server going down\r\n" || !s.Closing(session.Server) {
		t.Errorf("the client got %q", out)
	}
	if !s.Greeted() || s.Snapshot().Identity.Mechanism != "PREAUTH" {
		t.Errorf("greeted %v, %+v", s.Greeted(), s.Snapshot())
	}
}
