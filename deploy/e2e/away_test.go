package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
)

// While the decider is away commands are answered NO [UNAVAILABLE] and do not reach the server; the session lives, and goes on
// by itself when the decider is back. A new client is told BYE. So it is where nothing is reused.
func TestDeciderAway(t *testing.T) {
	j := newJudge(t, defaultPolicy)
	b := newBed(t, setup{judge: j, altered: true, change: func(c *dataplane.Config) { c.Reuse.Enabled = false }})
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

// While the decider is away what it has decided is reused as long as the lease is, and recorded when it is back; what it has not is answered
// NO [UNAVAILABLE].
func TestReuseWhileAway(t *testing.T) {
	j := newJudge(t, defaultPolicy, longLease)
	b := newBed(t, setup{judge: j, altered: true, change: func(c *dataplane.Config) {
		c.Reuse.Reports.Batch, c.Reuse.Reports.Interval, c.Reuse.Reports.Aggregate = 5, 5*time.Millisecond, 5*time.Millisecond
	}})
	c := b.connect()
	c.login(b.user)
	for i := 0; len(b.repeats()) == 0; i++ { // the decider derives behind its first answer what it depended on
		c.ok(fmt.Sprintf("a%d NOOP", i))
	}
	before := len(b.repeats())
	j.stop()
	const many = 50
	for i := range many {
		c.ok(fmt.Sprintf("b%d NOOP", i))
	}
	if answer := c.do("c1 STATUS INBOX (MESSAGES)"); !strings.HasPrefix(answer, "NO [UNAVAILABLE]") {
		t.Errorf("STATUS: %s", answer)
	}
	if n := len(b.repeats()) - before; n != many {
		t.Errorf("%d reuses, want %d", n, many)
	}
	j.start()
	for end := time.Now().Add(patience); !strings.HasPrefix(c.do("d1 STATUS INBOX (MESSAGES)"), "OK"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not back")
		}
	}
	c.logout()
}
