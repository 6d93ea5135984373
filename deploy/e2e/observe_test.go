package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane"
)

// In front of a live server, a listener that observes changes nothing of a session, whatever policy says, and hurts none while the decider
// is away; the decision log and the dataplane's own have what would have been.
func TestObserve(t *testing.T) {
	policy := t.TempDir()
	must(t, os.WriteFile(filepath.Join(policy, "policy.rego"), []byte(`package imap.policy

request["*"] := "IMAP_REQ_ABORT"

response["*"]["*"]["*"] := ["IMAP_RSP_REWRITE", "nothing"]

capability["*"] := "IMAP_CAP_DROP"
`), 0o600))
	j := newJudge(t, policy)
	b := newBed(t, setup{judge: j, observed: true, change: func(c *dataplane.Config) { c.Listeners[0].Observe = true }})
	b.server.deliver(t, b.user, "INBOX", mail["plain"])
	dialogue := func(c *terminal) {
		t.Helper()
		if greeting := c.until("* "); !strings.Contains(greeting, "IDLE") {
			t.Errorf("greeting: %s", greeting)
		}
		for _, command := range []string{
			"a1 LOGIN " + b.user + " " + password, "a2 SELECT INBOX", "a3 FETCH 1 (FLAGS BODY.PEEK[])", "a4 CREATE x", "a5 DELETE x", "a6 EXPUNGE",
		} {
			if answer := c.do(command); !strings.HasPrefix(answer, "OK") {
				t.Errorf("%s: %s", command, answer)
			}
		}
		c.logout()
	}
	dialogue(b.connect())
	asked := len(j.of(b.user))
	j.stop()
	dialogue(b.connect())

	decisions, err := os.ReadFile(j.records)
	must(t, err)
	recorded := records(t, decisions, nil)
	aborted := 0
	for _, r := range recorded {
		if at(r, "custom.observe") != true || at(r, "mapped_result.verdict") == nil {
			t.Errorf("record %v", r)
		}
		if at(r, "result.verdict") == "IMAP_REQ_ABORT" {
			aborted++
		}
	}
	if aborted != 7 || asked != len(recorded) {
		t.Errorf("%d of %d records of %d decisions have an abort, want the 7 commands", aborted, len(recorded), asked)
	}
	log := b.log.bytes()
	if n := len(records(t, log, map[string]any{"msg": "decision", "observed": true, "verdict": "IMAP_REQ_ABORT"})); n != 7 {
		t.Errorf("%d aborts are in the dataplane's log", n)
	}
	if len(records(t, log, map[string]any{"msg": "decision", "observed": true, "verdict": "IMAP_RSP_REWRITE"})) == 0 {
		t.Error("no row is in the dataplane's log")
	}
	if n := len(records(t, log, map[string]any{"msg": "decider_failed", "observed": true, "command": "EXPUNGE"})); n != 1 {
		t.Errorf("the missing answer on EXPUNGE is %d times in the dataplane's log", n)
	}
}
