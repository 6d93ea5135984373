package pdp

import (
	"fmt"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// The bounds of what an answer may hold. What is longer is a fault, but for what only logs show, which is cut.
const (
	maxText     = 64 << 10 // octets of a text, and of all untagged lines
	maxUntagged = 1024     // lines
	maxRows     = 4096
	maxName     = 256 // octets of a name: decision, revision, response, response code
	maxLogged   = 1024
)

// decision is an answer to q, or a fault where the contract does not allow it.
func decision(q *session.Question, in *deciderv1.Decision) *session.Decision {
	if in == nil {
		return fault("answer", "no decision in the answer")
	}
	if len(in.Id) > maxName || len(in.Revision) > maxName {
		return fault("answer", "id or revision is over the bound")
	}
	out := &session.Decision{ID: in.Id, Revision: in.Revision, Source: in}
	if in.Outcome == deciderv1.Outcome_OUTCOME_ERROR {
		out.Fault = policyFault(in.Error)
		return out
	}
	if err := convert(out, q, in); err != nil {
		out.Fault = &session.Fault{Kind: "answer", Message: err.Error(), Row: cut(in.Row)}
	}
	return out
}

// convert fills in what policy decided.
func convert(out *session.Decision, q *session.Question, in *deciderv1.Decision) error {
	if in.Outcome != deciderv1.Outcome_OUTCOME_POLICY {
		return fmt.Errorf("outcome %d is unknown", in.Outcome)
	}
	if in.Id == "" {
		return fmt.Errorf("the decision has no id")
	}
	if err := verdict(out, q, in); err != nil {
		return err
	}
	var err error
	if out.Rows, err = rows(in.Rows); err != nil {
		return err
	}
	if out.Capabilities, err = capabilities(q.Capabilities, in.Capabilities); err != nil {
		return err
	}
	if out.Old, err = state("imap_state_old", in.ImapStateOld); err != nil {
		return err
	}
	if out.New, err = state("imap_state_new", in.ImapStateNew); err != nil {
		return err
	}
	if err := bounded(in); err != nil {
		return err
	}
	out.Text, out.Untagged, out.Code = in.Text, in.Untagged, in.Code
	out.Reason, out.Row, out.Rule = cut(in.Reason), cut(in.Row), cut(in.Rule)
	return nil
}

func verdict(out *session.Decision, q *session.Question, in *deciderv1.Decision) error {
	switch v := in.Verdict.(type) {
	case *deciderv1.Decision_Request:
		if q.Kind != session.Command {
			return fmt.Errorf("%v is no verdict on a %v", v.Request, q.Kind)
		}
		if out.Request = requests[v.Request]; out.Request == 0 {
			return fmt.Errorf("verdict %d on a command is unknown", v.Request)
		}
	case *deciderv1.Decision_Response:
		if q.Kind == session.Command {
			return fmt.Errorf("%v is no verdict on a command", v.Response)
		}
		if out.Response = responses[v.Response]; out.Response == 0 || out.Response == session.RspPolicy {
			return fmt.Errorf("verdict %d on a %v is unknown", v.Response, q.Kind)
		}
	default:
		return fmt.Errorf("the decision has no verdict")
	}
	return nil
}

var requests = map[deciderv1.ImapReq]session.Req{
	deciderv1.ImapReq_IMAP_REQ_ACCEPT:  session.ReqAccept,
	deciderv1.ImapReq_IMAP_REQ_REJECT:  session.ReqReject,
	deciderv1.ImapReq_IMAP_REQ_DROP:    session.ReqDrop,
	deciderv1.ImapReq_IMAP_REQ_ABORT:   session.ReqAbort,
	deciderv1.ImapReq_IMAP_REQ_RESPOND: session.ReqRespond,
	deciderv1.ImapReq_IMAP_REQ_REWRITE: session.ReqRewrite,
}

var responses = map[deciderv1.ImapRsp]session.Rsp{
	deciderv1.ImapRsp_IMAP_RSP_ACCEPT:  session.RspAccept,
	deciderv1.ImapRsp_IMAP_RSP_REJECT:  session.RspReject,
	deciderv1.ImapRsp_IMAP_RSP_DROP:    session.RspDrop,
	deciderv1.ImapRsp_IMAP_RSP_ABORT:   session.RspAbort,
	deciderv1.ImapRsp_IMAP_RSP_REWRITE: session.RspRewrite,
	deciderv1.ImapRsp_IMAP_RSP_POLICY:  session.RspPolicy,
}

func rows(in []*deciderv1.ResponseRow) ([]session.Row, error) {
	if len(in) > maxRows {
		return nil, fmt.Errorf("%d response rows are over the bound of %d", len(in), maxRows)
	}
	out := make([]session.Row, len(in))
	size := 0
	for i, r := range in {
		v := responses[r.GetVerdict()]
		if v == 0 {
			return nil, fmt.Errorf("verdict %d of response row %d is unknown", r.GetVerdict(), i)
		}
		if r.Name == "" || len(r.Name) > maxName {
			return nil, fmt.Errorf("response row %d has no name, or one over the bound", i)
		}
		if size += len(r.Text); size > maxText {
			return nil, fmt.Errorf("the texts of response rows are over the bound of %d octets", maxText)
		}
		out[i] = session.Row{ExactCommand: r.ExactCommand, Name: r.Name, Verdict: v, Text: r.Text}
		switch r.Tag {
		case deciderv1.ImapTag_IMAP_TAG_TAGGED:
			out[i].Tagged = true
		case deciderv1.ImapTag_IMAP_TAG_UNTAGGED:
			out[i].Untagged = true
		case deciderv1.ImapTag_IMAP_TAG_ALL:
			out[i].Tagged, out[i].Untagged = true, true
		default:
			return nil, fmt.Errorf("tag %d of response row %d is unknown", r.Tag, i)
		}
	}
	return out, nil
}

func capabilities(asked []string, in []*deciderv1.CapabilityVerdict) ([]bool, error) {
	if len(in) != len(asked) {
		return nil, fmt.Errorf("%d capability verdicts on %d capabilities", len(in), len(asked))
	}
	out := make([]bool, len(in))
	for i, c := range in {
		if c.GetName() != text(asked[i]) {
			return nil, fmt.Errorf("capability verdict %d is not on %s", i, cut(text(asked[i])))
		}
		switch c.Verdict {
		case deciderv1.ImapCap_IMAP_CAP_ACCEPT:
			out[i] = true
		case deciderv1.ImapCap_IMAP_CAP_DROP, deciderv1.ImapCap_IMAP_CAP_UNSPECIFIED:
		default:
			return nil, fmt.Errorf("capability verdict %d is unknown", c.Verdict)
		}
	}
	return out, nil
}

func state(field string, in deciderv1.ImapState) (syntax.State, error) {
	if in == deciderv1.ImapState_IMAP_STATE_UNSPECIFIED {
		return 0, nil
	}
	for s, v := range states {
		if v == in {
			return syntax.State(s), nil
		}
	}
	return 0, fmt.Errorf("%s %d is unknown", field, in)
}

func bounded(in *deciderv1.Decision) error {
	if len(in.Text) > maxText {
		return fmt.Errorf("the text has %d octets, over the bound of %d", len(in.Text), maxText)
	}
	if len(in.Code) > maxName {
		return fmt.Errorf("the response code has %d octets, over the bound of %d", len(in.Code), maxName)
	}
	if len(in.Untagged) > maxUntagged {
		return fmt.Errorf("%d untagged lines are over the bound of %d", len(in.Untagged), maxUntagged)
	}
	size := 0
	for _, l := range in.Untagged {
		size += len(l)
	}
	if size > maxText {
		return fmt.Errorf("the untagged lines have %d octets, over the bound of %d", size, maxText)
	}
	return nil
}

// policyFault is what the decider says went wrong in policy.
func policyFault(e *deciderv1.PolicyError) *session.Fault {
	kind := strings.ToLower(strings.TrimPrefix(e.GetKind().String(), "POLICY_ERROR_KIND_"))
	if _, known := deciderv1.PolicyErrorKind_name[int32(e.GetKind())]; !known {
		kind = "unspecified"
	}
	return &session.Fault{
		Kind:    kind,
		Message: cut(e.GetMessage()),
		File:    cut(e.GetFile()),
		Line:    e.GetLine(),
		Row:     cut(e.GetRow()),
	}
}

// fault is a decision that there is none to trust.
func fault(kind, message string) *session.Decision {
	return &session.Decision{Fault: &session.Fault{Kind: kind, Message: message}}
}

// cut bounds what logs show.
func cut(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	return strings.ToValidUTF8(s[:maxLogged], "") + "..."
}
