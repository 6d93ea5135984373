package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// hears sends a command and reads as many responses as are given, of which each begins like that.
func (c *terminal) hears(command string, responses ...string) {
	c.t.Helper()
	c.send(command + "\r\n")
	for _, want := range responses {
		if got := c.response(); !strings.HasPrefix(got, want) {
			c.t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

// Every verdict of policy, seen from both legs; and a refusal's way from the client's NO through the dataplane's log into the
// decision log.
func TestPolicy(t *testing.T) {
	server, user := dovecot(t), "reader-"+newUser()
	server.deliver(t, user, "INBOX", mail["plain"])
	direct := server.direct(t, user)
	must(t, direct.Create("Secret", nil).Wait())
	must(t, direct.Create("Open", nil).Wait())
	must(t, direct.Logout().Wait())

	b := newBed(t, setup{judge: newJudge(t, "testdata/policy/verdicts"), user: user, altered: true})
	c := b.connect()
	if got := c.response(); !strings.HasSuffix(got, "] Welcome to the example IMAP proxy\r\n") || strings.Contains(got, " IDLE ") {
		t.Errorf("greeting: %q", got)
	}
	c.hears("a1 CAPABILITY", "* CAPABILITY IMAP4rev1\r\n", "a1 OK CAPABILITY completed\r\n")
	if got := c.do("a2 LOGIN " + user + " " + password); !strings.HasPrefix(got, "OK [CAPABILITY ") || strings.Contains(got, " IDLE ") {
		t.Errorf("login: %q", got)
	}
	if got := c.do("a3 SELECT INBOX"); !strings.HasPrefix(got, "OK [READ-ONLY]") {
		t.Errorf("select: %q", got)
	}
	c.hears("a4 DELETE Open", "a4 NO [NOPERM] folders here are permanent\r\n")
	c.hears("a5 CREATE New", "a5 NO [OVERQUOTA] no more folders\r\n")
	c.hears("a6 SUBSCRIBE Open\r\na7 NOOP", "a7 OK")
	c.hears("a8 STATUS Open (MESSAGES)", "a8 OK")
	c.hears("a9 CHECK", "a9 OK checked\r\n")
	c.hears(`b1 LIST "" (Secret Open)`, `* LIST () "/" Open`, "b1 OK")
	c.hears("b2 SEARCH ALL", "b2 NO [NOPERM] nothing to be found here\r\n")
	c.hears("b3 IDLE", "b3 NO ")
	c.hears("b4 EXPUNGE", "* BYE ")
	c.end()

	reached := []string{
		"a2 LOGIN " + user + " " + password, "a3 EXAMINE INBOX", "a7 NOOP", "a8 STATUS Open (MESSAGES)", "a9 CHECK", `b1 LIST "" (Secret Open)`, "b2 SEARCH ALL",
	}
	if got := strings.Split(string(b.lastOnServerLeg().from(false)), "\r\n"); !slices.Equal(got, append(reached, "")) {
		t.Errorf("the server got %q, want %q", got, reached)
	}

	logged := records(t, b.log.bytes(), map[string]any{"msg": "decision", "command": "DELETE"})
	if len(logged) != 1 {
		t.Fatalf("DELETE is %d times in the dataplane's log", len(logged))
	}
	b.judge.stop()
	decisions, err := os.ReadFile(b.judge.records)
	must(t, err)
	found := records(t, decisions, map[string]any{"decision_id": logged[0]["decision"]})
	if len(found) != 1 {
		t.Fatalf("decision %v is %d times in the decision log", logged[0]["decision"], len(found))
	}
	for path, want := range map[string]string{
		"result.verdict": "IMAP_REQ_REJECT", "result.text": "folders here are permanent", "result.reason": "legal hold 17/2026",
		"result.row": `request["DELETE"]`, "input.command.mailbox": "Open", "input.session.user": user,
	} {
		if got := at(found[0], path); got != want {
			t.Errorf("%s is %v, want %s, in %v", path, got, want, found[0])
		}
	}
	if logged[0]["reason"] != "legal hold 17/2026" {
		t.Errorf("the dataplane's log has %v", logged[0])
	}
}

// at is the value at a path of keys.
func at(record map[string]any, path string) any {
	var v any = record
	for key := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}
