package rego_test

import (
	"os"
	"strings"
	"testing"
)

// The policies in README.md, with what they say of two commands.
func TestReadmePolicies(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for part := range strings.SplitSeq(string(text), "```rego\npackage imap.policy\n") {
		if policy, _, ok := strings.Cut(part, "```"); ok && strings.Contains(policy, "request[") {
			blocks = append(blocks, policy)
		}
	}
	wants := [][2]string{
		{`"IMAP_REQ_ACCEPT"`, `["IMAP_REQ_REJECT", "not yours"]`},
		{`"IMAP_REQ_ACCEPT"`, `"IMAP_REQ_ACCEPT"`},
	}
	if len(blocks) != len(wants) {
		t.Fatalf("%d policies, want %d", len(blocks), len(wants))
	}
	const selectSecret = `{"kind": "command", "session": {"delimiter": "/"},
		"command": {"name": "SELECT", "known": true, "mailbox": "Secret"}}`
	for i, policy := range blocks {
		eval := query(t, "data.imap.main.decision.value", compile(t, policy))
		for j, input := range []string{fetch, selectSecret} {
			got, err := eval(value(t, input))
			if want := value(t, wants[i][j]); err != nil || got == nil || got.Compare(want) != 0 {
				t.Errorf("policy %d, command %d: got %v (error %v), want %v", i+1, j+1, got, err, want)
			}
		}
	}
}
