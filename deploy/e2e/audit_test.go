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

// Under the default policy an APPEND is asked about as one of a message, whatever mailbox, flags, date and size it has: what it makes the
// message of is all that its decision depends on. So is each further message of one command.
func TestAppendsAreAskedOnce(t *testing.T) {
	b := newBed(t, setup{judge: newJudge(t, defaultPolicy, longLease), altered: true})
	c := b.connect()
	c.login(b.user)
	const message = "Subject: x\r\n\r\n"
	n := 0
	asked := func() (found []decided) {
		for _, d := range b.judge.of(b.user) {
			if d.question.GetCommand().GetName() == "APPEND" {
				found = append(found, d)
			}
		}
		return found
	}
	store := func(args, body string) {
		n++
		c.ok(fmt.Sprintf("a%d APPEND %s {%d+}\r\n%s", n, args, len(message+body), message+body))
	}
	// What a decision depends on is derived behind the first.
	for all := asked(); len(all) == 0 || all[len(all)-1].decision.GetReuse() == nil; all = asked() {
		store("INBOX", "")
	}
	before := len(asked())
	c.ok("m1 CREATE Saved")
	for i := range 20 {
		store("INBOX", strings.Repeat("x", i))
		store(`Saved (\Seen)`, "y")
		store(fmt.Sprintf(`INBOX (\Draft $MDNSent) "%02d-Jan-2026 12:00:%02d +0000"`, i+1, i), strings.Repeat("z", 1000*i))
	}
	c.ok(fmt.Sprintf("m2 APPEND INBOX (\\Seen) {%[1]d+}\r\n%[2]s (\\Flagged) {%[1]d+}\r\n%[2]s {%[1]d+}\r\n%[2]s", len(message), message))
	if more := asked()[before:]; len(more) != 0 {
		t.Errorf("%d of 63 messages were asked about; the first: %v %v", len(more), more[0].question, more[0].decision)
	}
	// One of parts is another question.
	if got := c.do(`m3 APPEND INBOX CATENATE (URL "/INBOX/;UID=1")`); !strings.HasPrefix(got, "NO [NOPERM] CATENATE is not available") {
		t.Errorf("APPEND of parts: %q", got)
	}
	if more := asked()[before:]; len(more) != 1 {
		t.Errorf("APPEND of parts was asked about %d times", len(more))
	}
	c.logout()
}
