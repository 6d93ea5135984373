package e2e

import (
	"strings"
	"testing"
)

// A command costs one question, however many responses it has: its decision holds for them too.
func TestOneQuestionPerCommand(t *testing.T) {
	const messages = 1000
	b := newBed(t, setup{})
	b.server.deliver(t, b.user, "INBOX", numbered("many", messages)...)
	c := b.connect()
	c.login(b.user)
	c.ok("a1 SELECT INBOX")
	before := len(b.judge.of(b.user))
	c.send("a2 FETCH 1:1000 (FLAGS UID ENVELOPE BODY.PEEK[])\r\n")
	lines := 0
	for {
		r := c.response()
		if strings.HasPrefix(r, "a2 OK") {
			break
		}
		lines++
	}
	if lines != messages {
		t.Errorf("%d responses, want %d", lines, messages)
	}
	if n := len(b.judge.of(b.user)) - before; n != 1 {
		t.Errorf("%d questions, want 1", n)
	}
	c.logout()
}
