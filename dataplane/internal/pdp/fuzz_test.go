package pdp

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// FuzzDecision: whatever an answer holds, it becomes a fault or a decision that the question allows.
func FuzzDecision(f *testing.F) {
	for _, d := range []*deciderv1.Decision{
		{},
		{Id: "1", Outcome: 1, Verdict: &deciderv1.Decision_Request{Request: 1}, ImapStateNew: 3, Text: []byte("x")},
		{Id: "1", Outcome: 1, Verdict: &deciderv1.Decision_Response{Response: 5}, Untagged: [][]byte{nil},
			Rows:         []*deciderv1.ResponseRow{{Tag: 3, Name: "*", Verdict: 6}},
			Capabilities: []*deciderv1.CapabilityVerdict{{Name: "IDLE", Verdict: 1}}},
		{Id: "1", Outcome: 2, Error: &deciderv1.PolicyError{Kind: 4, Line: 1}},
	} {
		b, err := proto.Marshal(d)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(1), 0)
		f.Add(b, uint8(2), 1)
	}
	f.Fuzz(func(t *testing.T, b []byte, kind uint8, capabilities int) {
		in := new(deciderv1.Decision)
		if proto.Unmarshal(b, in) != nil {
			return
		}
		q := &session.Question{Kind: session.Kind(kind%4 + 1)}
		if capabilities%2 != 0 {
			q.Capabilities = []string{"IDLE"}
		}
		d := decision(q, in)
		if d.Fault != nil {
			return
		}
		request, response := d.Request != 0, d.Response != 0
		switch {
		case d.ID == "" || in.Outcome != deciderv1.Outcome_OUTCOME_POLICY:
			t.Error("a decision without id or outcome")
		case request != (q.Kind == session.Command) || request == response:
			t.Errorf("%v, %v on a %v", d.Request, d.Response, q.Kind)
		case d.Request > session.ReqRewrite || d.Response == session.RspPolicy || d.Response > session.RspAbort:
			t.Errorf("%v, %v", d.Request, d.Response)
		case len(d.Capabilities) != len(q.Capabilities):
			t.Errorf("%d verdicts on %d capabilities", len(d.Capabilities), len(q.Capabilities))
		case d.Old > syntax.Logout || d.New > syntax.Logout:
			t.Errorf("states %v, %v", d.Old, d.New)
		case len(d.Text) > maxText || len(d.Untagged) > maxUntagged || len(d.Code) > maxName:
			t.Error("a text over the bound")
		}
	})
}

// FuzzQuestion: every command that parses can be asked about, and no password is in the question.
func FuzzQuestion(f *testing.F) {
	for _, s := range []string{
		"a1 LOGIN demo hunter2hunter2", "a1 LOGIN {4}\r\ndemo {14+}\r\nhunter2hunter2", "a1 UID FETCH 1:*,3 (FLAGS BODY.PEEK[TEXT]<0.9>)",
		"a1 APPEND x (\\Seen) {9}", "a1 XYZZY 1,2:3 ((\"a\\\\b\" {1}\r\n\xff))", "a1 AUTHENTICATE PLAIN AGEAaHVudGVyMmh1bnRlcjI=",
	} {
		f.Add([]byte(s))
	}
	c := connection()
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p syntax.Parser
		cmd, err := p.Parse(raw, syntax.Mode{UTF8: true, Literal8: true})
		if err != nil {
			return
		}
		b, err := proto.Marshal(question(c, session.Question{Kind: session.Command, Old: 1, New: 1, Command: cmd}))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range [][]byte{cmd.Password, cmd.InitialResponse} {
			// A short one may stand in the question for another reason, and the tag or the user's name may be the password.
			public := string(cmd.Tag) + " " + cmd.User + " " + cmd.Mechanism
			if len(secret) > 8 && bytes.Contains(b, secret) && !strings.Contains(public, string(secret)) {
				t.Errorf("%q is in the question about %q", secret, raw)
			}
		}
	})
}
