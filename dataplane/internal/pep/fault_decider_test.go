package pep

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// TestDeciderFaults: whatever the decider does wrong, whatever it was asked about, what has no verdict does not pass, the client
// sees that, and when the decider is back it is used again, by the session if it lives and by the next.
func TestDeciderFaults(t *testing.T) {
	defer baseline(t)()
	t.Run("faults", func(t *testing.T) {
		for _, fault := range deciderFaults {
			for _, kind := range []string{atGreeting, atCommand, atUntagged, atUnsolicited, atTagged} {
				for mode, failure := range map[string]session.FailureMode{"reject": session.FailReject, "abort": session.FailAbort} {
					t.Run(fault.name+" at "+kind+", "+mode, func(t *testing.T) {
						t.Parallel()
						newFaultBed(t, fault, kind, failure).run()
					})
				}
			}
		}
	})
}

// faultBed is a bed whose decider has a fault at one kind of event. Both peers are recorded.
type faultBed struct {
	*bed
	t              *testing.T
	decider        *faulty
	kind           string
	failure        session.FailureMode
	client, server *recorder
	// said and got are what the client and the server must have, all in all.
	said, got string
}

func newFaultBed(t *testing.T, fault deciderFault, kind string, failure session.FailureMode) *faultBed {
	b := &faultBed{t: t, kind: kind, failure: failure}
	b.decider = &faulty{t: t, socket: filepath.Join(t.TempDir(), "d.sock"), at: kind, fault: fault}
	b.decider.start()
	t.Cleanup(b.decider.stop)
	asks, err := pdp.Dial(pdp.Options{Address: "unix:" + b.decider.socket, Deadline: deciderDeadline, InFlight: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { asks.Close() })
	b.bed = newBed(t, func(o *Options, l *Listener) {
		o.Decider = asks
		l.Session.Failure = failure
	})
	b.client = record(t, b.dial().conn)
	b.server = record(t, b.accept().conn)
	return b
}

func (b *faultBed) run() {
	b.upToTheFault()
	lives := b.wanted()
	b.client.await(b.t, b.said)
	if !lives {
		b.client.all(b.t)
		b.server.all(b.t)
	}
	time.Sleep(50 * time.Millisecond) // a late answer is here now
	if got := upToCode(b.client.soFar()); got != b.said {
		b.t.Errorf("the client got %q, want %q", got, b.said)
	}
	if got := b.server.soFar(); got != b.got {
		b.t.Errorf("the server got %q, want %q", got, b.got)
	}
	b.decider.recover()
	if lives {
		b.goesOn(b.client, b.server, "a2")
	}
	b.startsAgain()
}

// upToTheFault has the dialogue up to what the decider is asked about when it has its fault.
func (b *faultBed) upToTheFault() {
	b.say(b.server, "* OK ready\r\n")
	if b.kind == atGreeting {
		return
	}
	b.said = "* OK ready\r\n"
	b.client.await(b.t, b.said)
	b.got = "a0 LOGIN demo secret\r\n"
	b.say(b.client, b.got)
	b.server.await(b.t, b.got)
	b.say(b.server, "a0 OK done\r\n")
	b.said += "a0 OK done\r\n"
	b.client.await(b.t, b.said)
	if b.kind == atUnsolicited {
		b.say(b.server, "* FLAGS (\\Seen)\r\n")
		return
	}
	b.say(b.client, "a1 NOOP\r\n")
	if b.kind == atCommand {
		return
	}
	b.got += "a1 NOOP\r\n"
	b.server.await(b.t, b.got)
	b.say(b.server, "* FLAGS (\\Seen)\r\na1 OK done\r\n")
	if b.kind == atTagged {
		b.said += "* FLAGS (\\Seen)\r\n"
	}
}

// wanted adds what the client must see of the fault, and tells whether the session lives.
func (b *faultBed) wanted() (lives bool) {
	const away = "[UNAVAILABLE]"
	switch {
	case b.decider.fault.nonsense:
		b.event("policy_error")
		b.said += "* BYE policy error\r\n"
		return false
	case b.failure == session.FailAbort || b.kind == atGreeting:
		b.said += "* BYE " + away
	case b.kind != atUnsolicited: // of which nobody waits for an end
		b.said += "a1 NO " + away
	}
	if e := b.event("decider_failed"); e.Verdict != b.failure.String() || e.Err == nil {
		b.t.Errorf("%+v", e)
	}
	return b.failure == session.FailReject && b.kind != atGreeting
}

// upToCode leaves out the text of a last line that says UNAVAILABLE.
func upToCode(s string) string {
	if last := strings.LastIndex(strings.TrimSuffix(s, "\r\n"), "\n") + 1; strings.Contains(s[last:], "[UNAVAILABLE]") {
		before, _, _ := strings.Cut(s[last:], "]")
		return s[:last] + before + "]"
	}
	return s
}

// goesOn sends a command until it is let through.
func (b *faultBed) goesOn(client, server *recorder, tag string) {
	b.t.Helper()
	command := tag + " CAPABILITY\r\n"
	for end := time.Now().Add(patience); !strings.Contains(server.soFar(), command); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatal("the decider is back and not used")
		}
		answers := strings.Count(client.soFar(), tag+" NO")
		b.say(client, command)
		for strings.Count(client.soFar(), tag+" NO") == answers && !strings.Contains(server.soFar(), command) && time.Now().Before(end) {
			time.Sleep(time.Millisecond)
		}
	}
	b.say(server, tag+" OK done\r\n")
	client.await(b.t, tag+" OK done\r\n")
}

// startsAgain has another session, or as many as it takes.
func (b *faultBed) startsAgain() {
	b.t.Helper()
	for end := time.Now().Add(patience); ; {
		client, server := record(b.t, b.dial().conn), record(b.t, b.accept().conn)
		b.say(server, "* OK ready\r\n")
		for client.soFar() == "" && time.Now().Before(end) {
			time.Sleep(time.Millisecond)
		}
		if strings.HasPrefix(client.soFar(), "* OK ready") {
			b.goesOn(client, server, "b1")
			return
		}
		if time.Now().After(end) {
			b.t.Fatal("the decider is back and not used")
		}
		client.all(b.t)
	}
}

func (b *faultBed) say(at *recorder, lines string) {
	b.t.Helper()
	if _, err := io.WriteString(at.conn, lines); err != nil {
		b.t.Fatal(err)
	}
}
