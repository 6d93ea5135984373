package verdict_test

import (
	"bytes"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Whatever a policy returns, it is a fault, or a decision that has a verdict, a verdict for each capability, and only text
// that stays within its line.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"row": []}`,
		`{"row": ["request", "X"], "value": ["IMAP_REQ_REJECT", "no", "NOPERM"], "reason": "because", "imap_state_new": "logout"}`,
		`{"row": ["request", "X"], "value": ["IMAP_REQ_RESPOND", "OK done", ["CAPABILITY IMAP4rev1", "3 EXISTS", "OK [X] y"]]}`,
		`{"row": ["request", "X"], "rule": "f", "value": ["IMAP_REQ_REWRITE", "EXAMINE INBOX"]}`,
		`{"row": ["response", "GREETING"], "value": ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome"], "capabilities": [{"name": "IDLE", "row": ["capability", "*"], "value": "IMAP_CAP_ACCEPT"}]}`,
		`{"row": ["x"], "value": "IMAP_RSP_ACCEPT", "responses": {"own": {"UNTAGGED": {"FETCH": ["IMAP_RSP_REWRITE", "x"]}}, "any": {"*": {"*": ["IMAP_RSP_POLICY", "f"]}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := ast.ValueFromReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, kind := range []string{"greeting", "command", "untagged", "unsolicited", "tagged"} {
			q := question(kind, "IDLE")
			d := new(deciderv1.Decision)
			if fault := verdict.Parse(q, result, d); fault != nil {
				if p := fault.Proto(); p.GetKind() == 0 || p.GetMessage() == "" {
					t.Errorf("fault %v", p)
				}
				continue
			}
			if d.GetVerdict() == nil || d.GetResponse() == deciderv1.ImapRsp_IMAP_RSP_POLICY {
				t.Errorf("%s: decision without a verdict: %v", kind, d)
			}
			if asked := kind == "greeting" || kind == "tagged"; asked != (len(d.GetCapabilities()) == 1) {
				t.Errorf("%s: capabilities %v", kind, d.GetCapabilities())
			}
			texts := append([][]byte{d.GetText(), d.GetCode()}, d.GetUntagged()...)
			for _, r := range d.GetRows() {
				texts = append(texts, r.GetText())
			}
			for _, text := range texts {
				if bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) || bytes.HasSuffix(text, []byte("{5}")) {
					t.Errorf("%s: text %q", kind, text)
				}
			}
		}
	})
}
