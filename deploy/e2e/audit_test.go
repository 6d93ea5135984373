package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
)

// logged are how many commands the decision log has: those that were asked about, and those that were reused, by themselves or counted.
func (j *judge) logged() (asked, reused int) {
	decisions, err := os.ReadFile(j.records)
	must(j.t, err)
	ids := map[any]bool{}
	for _, r := range records(j.t, decisions, nil) {
		if at(r, "input.kind") != "command" || ids[r["decision_id"]] {
			continue
		}
		ids[r["decision_id"]] = true
		if n, ok := at(r, "custom.reuse.count").(float64); ok {
			reused += int(n)
		} else {
			asked++
		}
	}
	return asked, reused
}

// Under load every command is in the decision log exactly once: asked, reused, or counted among those of its session.
func TestAuditIsExact(t *testing.T) {
	policy := newPolicyDir(t, byUser(rand.New(rand.NewPCG(1, 2)), []string{"nobody"}, []string{"INBOX"}))
	b := newBed(t, setup{judge: newJudge(t, policy.path, longLease), altered: true, change: func(c *dataplane.Config) {
		c.Reuse.Reports.Batch, c.Reuse.Reports.Interval, c.Reuse.Reports.Aggregate = 17, 5*time.Millisecond, 20*time.Millisecond
	}})
	const sessions, rounds = 6, 40
	burst := []string{"NOOP", "STATUS INBOX (MESSAGES)", "FETCH 1 FLAGS", "CHECK", "NOOP", "SEARCH ALL", "NOOP", "STATUS INBOX (UIDNEXT)"}
	var running sync.WaitGroup
	for s := range sessions {
		c := b.connect()
		c.login(b.user)
		c.ok("select SELECT INBOX")
		running.Go(func() {
			for i := range rounds {
				var lines strings.Builder
				for k, command := range burst {
					fmt.Fprintf(&lines, "s%dr%dn%d %s\r\n", s, i, k, command)
				}
				c.send(lines.String()) // pipelined
				c.until(fmt.Sprintf("s%dr%dn%d ", s, i, len(burst)-1))
			}
			c.logout()
		})
	}
	running.Wait()
	b.stop()
	b.judge.stop()
	asked, reused := b.judge.logged()
	if sent := sessions * (3 + rounds*len(burst)); asked+reused != sent || reused < sent*3/4 {
		t.Errorf("%d commands were sent; asked %d and reused %d are recorded", sent, asked, reused)
	}
}

// A session as mail clients have them costs three questions at most, once there have been some: the decider derives what a decision
// depends on behind its first answer.
func TestQuestionsOfASession(t *testing.T) {
	b := newBed(t, setup{judge: newJudge(t, defaultPolicy, longLease)})
	b.server.deliver(t, b.user, "INBOX", numbered("many", 50)...)
	session := func() int {
		before := len(b.judge.of(b.user))
		c := b.connect()
		c.login(b.user)
		c.ok(`a1 LIST "" *`)
		for i := range 5 {
			c.ok(fmt.Sprintf("b%d STATUS INBOX (MESSAGES UIDNEXT UNSEEN)", i))
		}
		c.ok("c1 SELECT INBOX")
		for i := range 50 {
			c.ok(fmt.Sprintf("d%d UID FETCH %d (FLAGS BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT)])", i, i+1))
		}
		c.ok("e1 UID FETCH 7 (BODY[])")
		c.ok("e2 UID STORE 7 +FLAGS (\\Flagged)")
		c.send("f1 IDLE\r\n")
		c.until("+ ")
		c.send("DONE\r\n")
		c.until("f1 OK")
		c.logout()
		return len(b.judge.of(b.user)) - before
	}
	first := session()
	for range 3 {
		session()
	}
	n := session()
	t.Logf("%d questions, %d in the first session", n, first)
	if n > 3 || first <= n {
		all := b.judge.of(b.user)
		for _, d := range all[len(all)-n:] {
			t.Errorf("asked: %v %v %v", d.question, d.decision.GetReuse(), d.decision.GetNoReuse())
		}
	}
}
