package e2e

import (
	"strings"
	"testing"
	"time"
)

// While the decider is away commands are answered NO [UNAVAILABLE] and do not reach the server; the session lives, and goes on
// by itself when the decider is back. A new client is told BYE.
func TestDeciderAway(t *testing.T) {
	j := newJudge(t, defaultPolicy)
	b := newBed(t, setup{judge: j, altered: true})
	b.server.deliver(t, b.user, "INBOX", mail["plain"])
	c := b.connect()
	c.login(b.user)
	c.ok("a1 SELECT INBOX")

	j.stop()
	for _, command := range []string{"b1 NOOP", "b2 APPEND INBOX {11+}\r\nb3 DELETE x", "b4 STORE 1 FLAGS (\\Deleted)"} {
		if answer := c.do(command); !strings.HasPrefix(answer, "NO [UNAVAILABLE]") {
			t.Errorf("%s: %s", command, answer)
		}
	}
	if answer := b.connect().response(); !strings.HasPrefix(answer, "* BYE [UNAVAILABLE]") {
		t.Errorf("greeting: %s", answer)
	}

	j.start()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		answer := c.do("c1 NOOP")
		if strings.HasPrefix(answer, "OK") {
			break
		}
		if !strings.HasPrefix(answer, "NO [UNAVAILABLE]") || time.Now().After(end) {
			t.Fatalf("not back: %s", answer)
		}
	}
	c.ok("c2 FETCH 1:* FLAGS")
	c.logout()
	again := b.connect()
	again.login(b.user)
	again.logout()

	for _, leg := range b.serverLeg.all() {
		leg.wait(t)
		if got := string(leg.from(false)); strings.Contains(got, "\r\nb") || strings.HasPrefix(got, "b") {
			t.Errorf("the server got %q", got)
		}
	}
}
