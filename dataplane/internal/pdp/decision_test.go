package pdp

import (
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func decode(t *testing.T, s string) *deciderv1.Decision {
	t.Helper()
	d := new(deciderv1.Decision)
	if err := protojson.Unmarshal([]byte(s), d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecision(t *testing.T) {
	for _, c := range []struct {
		name string
		kind session.Kind
		in   string
		want session.Decision
	}{
		{"a verdict on a command", session.Command,
			`{"id": "1", "revision": "r", "outcome": "OUTCOME_POLICY", "request": "IMAP_REQ_REJECT", "text": "bm8=", "code": "TElNSVQ=",
			  "reason": "why", "row": "request[\"X\"]", "rule": "f", "imapStateOld": "IMAP_STATE_SELECTED", "imapStateNew": "IMAP_STATE_LOGOUT"}`,
			session.Decision{ID: "1", Revision: "r", Request: session.ReqReject, Text: []byte("no"), Code: []byte("LIMIT"), Reason: "why",
				Row: `request["X"]`, Rule: "f", Old: syntax.Selected, New: syntax.Logout, Rows: []session.Row{}, Capabilities: []bool{}}},
		{"a verdict on a response", session.Untagged,
			`{"id": "1", "outcome": "OUTCOME_POLICY", "response": "IMAP_RSP_DROP"}`,
			session.Decision{ID: "1", Response: session.RspDrop, Rows: []session.Row{}, Capabilities: []bool{}}},
		{"untagged lines", session.Command,
			`{"id": "1", "outcome": "OUTCOME_POLICY", "request": "IMAP_REQ_RESPOND", "text": "T0s=", "untagged": ["YQ==", "Yg=="]}`,
			session.Decision{ID: "1", Request: session.ReqRespond, Text: []byte("OK"), Untagged: [][]byte{[]byte("a"), []byte("b")},
				Rows: []session.Row{}, Capabilities: []bool{}}},
		{"response rows, in order", session.Command,
			`{"id": "1", "outcome": "OUTCOME_POLICY", "request": "IMAP_REQ_ACCEPT", "rows": [
			  {"exactCommand": true, "tag": "IMAP_TAG_UNTAGGED", "name": "FETCH", "verdict": "IMAP_RSP_POLICY"},
			  {"tag": "IMAP_TAG_TAGGED", "name": "OK", "verdict": "IMAP_RSP_REWRITE", "text": "aGk="},
			  {"tag": "IMAP_TAG_ALL", "name": "*", "verdict": "IMAP_RSP_ABORT"}]}`,
			session.Decision{ID: "1", Request: session.ReqAccept, Capabilities: []bool{}, Rows: []session.Row{
				{ExactCommand: true, Untagged: true, Name: "FETCH", Verdict: session.RspPolicy},
				{Tagged: true, Name: "OK", Verdict: session.RspRewrite, Text: []byte("hi")},
				{Tagged: true, Untagged: true, Name: "*", Verdict: session.RspAbort}}}},
		{"a fault of policy", session.Command,
			`{"id": "1", "revision": "r", "outcome": "OUTCOME_ERROR", "request": "IMAP_REQ_ACCEPT", "error":
			  {"kind": "POLICY_ERROR_KIND_ROW", "message": "m", "file": "f.rego", "line": 7, "row": "r"}}`,
			session.Decision{ID: "1", Revision: "r", Fault: &session.Fault{Kind: "row", Message: "m", File: "f.rego", Line: 7, Row: "r"}}},
		{"a fault without words", session.Command, `{"outcome": "OUTCOME_ERROR"}`,
			session.Decision{Fault: &session.Fault{Kind: "unspecified"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := decode(t, c.in)
			c.want.Source = in
			got := decision(&session.Question{Kind: c.kind}, in)
			if !reflect.DeepEqual(*got, c.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", got, got.Fault, c.want, c.want.Fault)
			}
		})
	}
}

func TestCapabilities(t *testing.T) {
	q := &session.Question{Kind: session.Greeting, Capabilities: []string{"IDLE", "MOVE", "SORT"}}
	got := decision(q, decode(t, `{"id": "1", "outcome": "OUTCOME_POLICY", "response": "IMAP_RSP_ACCEPT", "capabilities": [
		{"name": "IDLE", "verdict": "IMAP_CAP_ACCEPT"}, {"name": "MOVE", "verdict": "IMAP_CAP_DROP"}, {"name": "SORT"}]}`))
	if got.Fault != nil || !reflect.DeepEqual(got.Capabilities, []bool{true, false, false}) {
		t.Errorf("%+v %+v", got, got.Fault)
	}
}

// TestDistrust: what the contract does not allow is a fault, and never obeyed in part.
func TestDistrust(t *testing.T) {
	accept := func(change func(*deciderv1.Decision)) *deciderv1.Decision {
		d := &deciderv1.Decision{Id: "1", Outcome: deciderv1.Outcome_OUTCOME_POLICY,
			Verdict: &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}}
		change(d)
		return d
	}
	row := func(r *deciderv1.ResponseRow) *deciderv1.Decision {
		return accept(func(d *deciderv1.Decision) { d.Rows = []*deciderv1.ResponseRow{r} })
	}
	good := deciderv1.ResponseRow{Tag: deciderv1.ImapTag_IMAP_TAG_ALL, Name: "*", Verdict: deciderv1.ImapRsp_IMAP_RSP_ACCEPT}
	rsp := func(v deciderv1.ImapRsp) *deciderv1.Decision {
		return accept(func(d *deciderv1.Decision) { d.Verdict = &deciderv1.Decision_Response{Response: v} })
	}
	req := func(v deciderv1.ImapReq) *deciderv1.Decision {
		return accept(func(d *deciderv1.Decision) { d.Verdict = &deciderv1.Decision_Request{Request: v} })
	}
	long := []byte(strings.Repeat("x", maxText+1))
	for _, c := range []struct {
		name string
		kind session.Kind
		in   *deciderv1.Decision
		want string
	}{
		{"nothing", session.Command, nil, "no decision"},
		{"no outcome", session.Command, accept(func(d *deciderv1.Decision) { d.Outcome = 0 }), "outcome 0"},
		{"an unknown outcome", session.Command, accept(func(d *deciderv1.Decision) { d.Outcome = 9 }), "outcome 9"},
		{"no id", session.Command, accept(func(d *deciderv1.Decision) { d.Id = "" }), "no id"},
		{"a long id", session.Command, accept(func(d *deciderv1.Decision) { d.Id = string(long) }), "over the bound"},
		{"a long revision", session.Command, accept(func(d *deciderv1.Decision) { d.Revision = string(long) }), "over the bound"},
		{"no verdict", session.Command, accept(func(d *deciderv1.Decision) { d.Verdict = nil }), "no verdict"},
		{"an unset verdict", session.Command, req(0), "verdict 0"},
		{"POLICY for a command", session.Command, req(7), "verdict 7"},
		{"an unknown verdict", session.Command, req(99), "verdict 99"},
		{"a response's verdict for a command", session.Command, rsp(deciderv1.ImapRsp_IMAP_RSP_ACCEPT), "no verdict on a command"},
		{"a command's verdict for a greeting", session.Greeting, req(deciderv1.ImapReq_IMAP_REQ_ACCEPT), "no verdict on a greeting"},
		{"a command's verdict for a response", session.Tagged, req(deciderv1.ImapReq_IMAP_REQ_ACCEPT), "no verdict on a tagged"},
		{"POLICY for a response", session.Untagged, rsp(deciderv1.ImapRsp_IMAP_RSP_POLICY), "verdict 6"},
		{"an unknown response verdict", session.Untagged, rsp(99), "verdict 99"},
		{"a missing row", session.Command, row(nil), "verdict 0 of response row 0"},
		{"a row without verdict", session.Command, row(&deciderv1.ResponseRow{Tag: good.Tag, Name: "*"}), "verdict 0"},
		{"a row without tag", session.Command, row(&deciderv1.ResponseRow{Name: "*", Verdict: good.Verdict}), "tag 0"},
		{"a row without name", session.Command, row(&deciderv1.ResponseRow{Tag: good.Tag, Verdict: good.Verdict}), "no name"},
		{"a long row", session.Command, row(&deciderv1.ResponseRow{Tag: good.Tag, Name: "*", Verdict: good.Verdict, Text: long}), "texts"},
		{"too many rows", session.Command, accept(func(d *deciderv1.Decision) { d.Rows = make([]*deciderv1.ResponseRow, maxRows+1) }), "rows"},
		{"a capability too many", session.Command, accept(func(d *deciderv1.Decision) {
			d.Capabilities = []*deciderv1.CapabilityVerdict{{Name: "IDLE"}}
		}), "1 capability verdicts on 0"},
		{"an unknown state", session.Command, accept(func(d *deciderv1.Decision) { d.ImapStateNew = 9 }), "imap_state_new 9"},
		{"a long text", session.Command, accept(func(d *deciderv1.Decision) { d.Text = long }), "text"},
		{"a long code", session.Command, accept(func(d *deciderv1.Decision) { d.Code = long }), "code"},
		{"long untagged lines", session.Command, accept(func(d *deciderv1.Decision) { d.Untagged = [][]byte{long[1:], {'x'}} }), "untagged"},
		{"many untagged lines", session.Command, accept(func(d *deciderv1.Decision) { d.Untagged = make([][]byte, maxUntagged+1) }), "untagged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := decision(&session.Question{Kind: c.kind}, c.in)
			if got.Fault == nil || got.Fault.Kind != "answer" || !strings.Contains(got.Fault.Message, c.want) {
				t.Fatalf("%+v %+v, want a fault that says %q", got, got.Fault, c.want)
			}
		})
	}

	asked := &session.Question{Kind: session.Greeting, Capabilities: []string{"IDLE"}}
	for name, vs := range map[string][]*deciderv1.CapabilityVerdict{
		"a capability too few":         nil,
		"another capability":           {{Name: "MOVE"}},
		"a missing capability verdict": {nil},
		"an unknown verdict":           {{Name: "IDLE", Verdict: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			d := rsp(deciderv1.ImapRsp_IMAP_RSP_ACCEPT)
			d.Capabilities = vs
			if got := decision(asked, d); got.Fault == nil {
				t.Errorf("%+v, want a fault", got)
			}
		})
	}
}

func TestLoggedTextsAreCut(t *testing.T) {
	d := decode(t, `{"id": "1", "outcome": "OUTCOME_POLICY", "request": "IMAP_REQ_REJECT"}`)
	d.Reason = strings.Repeat("é", maxLogged)
	got := decision(&session.Question{Kind: session.Command}, d)
	if got.Fault != nil || len(got.Reason) > maxLogged+3 || !strings.HasSuffix(got.Reason, "é...") {
		t.Errorf("%d octets, %+v", len(got.Reason), got.Fault)
	}
}
