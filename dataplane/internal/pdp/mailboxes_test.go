package pdp

import (
	"slices"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// TestMailboxes: the question has every mailbox that the command names, decoded; of one without a field of its own too.
func TestMailboxes(t *testing.T) {
	for raw, want := range map[string][]string{
		"a NOOP":                    nil,
		"a LIST \"\" *":             nil,
		"a SELECT inbox":            {"INBOX"},
		"a RENAME Old Entw&APw-rfe": {"Old", "Entwürfe"},
		"a UID COPY 1 \"A/B\"":      {"A/B"},
		"a GETMETADATA \"\" /x":     {""},
		"a NOTIFY SET (subtree (A B) NONE) (mailboxes inbox NONE)": {"A", "B", "INBOX"},
		"a ESEARCH IN (mailboxes A subtree B) ALL":                 {"A", "B"},
		"a APPEND Drafts CATENATE (URL /Secret/;UID=1 TEXT {5}":    {"Drafts", "Secret"},
	} {
		var p syntax.Parser
		c, err := p.Parse([]byte(raw), syntax.Mode{})
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if got := command(c, session.Identity{}).GetMailboxes(); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

// TestContinuedCommand: of a message that has been sent, and of a part of one, the question has the size and no octets.
func TestContinuedCommand(t *testing.T) {
	var p syntax.Parser
	c, err := p.Parse([]byte("a APPEND x CATENATE (TEXT {42+}"), syntax.Mode{})
	if err != nil {
		t.Fatal(err)
	}
	if c, err = p.Continue(c, []byte(" URL {9}\r\n/A/;UID=1 TEXT {7}"), syntax.Mode{}); err != nil {
		t.Fatal(err)
	}
	parts := command(c, session.Identity{}).GetArgs()[2].GetList().GetItems()
	if sent := parts[1].GetLiteral(); sent.GetSize() != 42 || sent.Text != nil {
		t.Errorf("the part that was sent: %v", sent)
	}
	if url := parts[3].GetLiteral(); string(url.GetText()) != "/A/;UID=1" {
		t.Errorf("the URL: %v", url)
	}
	if next := parts[5].GetLiteral(); next.GetSize() != 7 || next.Text != nil {
		t.Errorf("the part to come: %v", next)
	}
}
