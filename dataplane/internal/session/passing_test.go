package session_test

import (
	"fmt"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// A long literal that is let through is told of once, on the side that it comes from.
func TestLong(t *testing.T) {
	s := fetching(t)
	long := func(side session.Side, want bool) {
		t.Helper()
		if got := s.Long(side); got != want {
			t.Errorf("the %s's: %v, want %v", side, got, want)
		}
	}
	long(session.Server, false)
	for _, c := range []struct {
		size int
		long bool
	}{{session.LongLiteral - 1, false}, {session.LongLiteral, true}} {
		say(s, session.Server, fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n", c.size))
		long(session.Server, c.long)
		long(session.Server, false)
		say(s, session.Server, string(make([]byte, c.size))+")\r\n")
	}
	say(s, session.Server, "f OK done\r\n")
	say(s, session.Client, fmt.Sprintf("g APPEND INBOX {%d}\r\n", session.LongLiteral))
	settle(s)
	long(session.Client, false)
	say(s, session.Server, "+ go on\r\n")
	long(session.Client, true)
	long(session.Server, false)
}
