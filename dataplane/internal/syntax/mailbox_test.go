package syntax

import (
	"fmt"
	"testing"
)

// TestOneMailboxOneName: however a client spells a mailbox, policy sees one value.
func TestOneMailboxOneName(t *testing.T) {
	spellings := map[string][]string{
		"INBOX": {
			`INBOX`, `inbox`, `Inbox`, `iNbOx`, `inboX`,
			`"INBOX"`, `"inbox"`, `"iNBOX"`, `"INBOx"`,
			"{5}\r\nINBOX", "{5}\r\ninbox", "{5+}\r\nInBoX", "{5+}\r\nINBOX",
		},
		"Secret": {`Secret`, `"Secret"`, "{6}\r\nSecret", "{6+}\r\nSecret"},
		`a"b\c`:  {`"a\"b\\c"`, "{5}\r\na\"b\\c", "{5+}\r\na\"b\\c"},
		"Entwürfe/R&D": {
			`Entw&APw-rfe/R&-D`, `"Entw&APw-rfe/R&-D"`, "{17}\r\nEntw&APw-rfe/R&-D", "{17+}\r\nEntw&APw-rfe/R&-D",
		},
	}
	commands := []string{"SELECT %s", "EXAMINE %s", "STATUS %s (MESSAGES)", "COPY 1 %s", "UID MOVE 1 %s", "APPEND %s {3}", "GETACL %s"}
	var p Parser
	for want, forms := range spellings {
		for _, form := range forms {
			for _, command := range commands {
				raw := fmt.Appendf(nil, "a "+command, form)
				c, err := p.Parse(raw, Mode{})
				if err != nil {
					t.Errorf("%q: %v", raw, err)
				} else if c.Mailbox == nil || *c.Mailbox != want {
					t.Errorf("%q: %s", raw, describe(c))
				}
			}
		}
	}
}

// TestCanonical: INBOX is folded as a whole name only.
func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"inbox": "INBOX", "INBOX": "INBOX", "inbox/x": "inbox/x", "x/inbox": "x/inbox", "inbo": "inbo", "inboxx": "inboxx",
		"": "", "\u0131nbox": "\u0131nbox", " inbox": " inbox",
	} {
		if got := Canonical(name); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", name, got, want)
		}
	}
}
