package audit

import (
	"encoding/json"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// info is a decision as OPA's decision log takes it: input is the input document, result what the dataplane was told,
// without the rows kept for responses, which the revision tells. masked says that there may be rules that change input.
func info(a *engine.Answer, candidate *engine.Shadow, masked bool, txn storage.Transaction) (*server.Info, error) {
	i := &server.Info{
		Txn:        txn,
		DecisionID: a.Decision.GetId(),
		Bundles:    a.Bundles,
		Path:       "imap/main/decision",
		TraceID:    a.TraceID,
		SpanID:     a.SpanID,
		Custom:     custom(a, candidate),
		Timestamp:  a.Time,
	}
	if a.Repeat == nil {
		i.Metrics = took{metrics.NoOp(), a.Took.Nanoseconds()}
	}
	if a.Input != nil {
		var doc any = document{a.Input}
		if masked {
			// Masks change maps and slices in place, and leave all else as it is without a word.
			var err error
			if doc, err = ast.JSON(a.Input); err != nil {
				return nil, err
			}
		}
		i.Input, i.InputAST = &doc, a.Input
	}
	r := result(a.Decision)
	i.Results = &r
	if a.Question.GetObserve() {
		i.MappedResults = obeyed(a.Question)
	}
	if f := a.Decision.GetError(); f != nil {
		i.Error = faultError{f}
	}
	if len(a.Nondeterministic) != 0 {
		var c any = a.Nondeterministic
		i.NDBuiltinCache = &c
	}
	return i, nil
}

// obeyed is what a dataplane that observes does, whatever the result.
func obeyed(q *deciderv1.Question) *any {
	var r any = map[string]any{"verdict": deciderv1.ImapRsp_IMAP_RSP_ACCEPT.String()}
	if input.KindOf(q) == input.Command {
		r = map[string]any{"verdict": deciderv1.ImapReq_IMAP_REQ_ACCEPT.String()}
	}
	return &r
}

// Result is a decision as records have it, of types that JSON has.
func Result(d *deciderv1.Decision) any { return result(d) }

// FaultDocument is a fault of the policy as records have it; nil: there is none.
func FaultDocument(d *deciderv1.Decision) any {
	if f := d.GetError(); f != nil {
		return faultError{f}
	}
	return nil
}

// result is a decision as a document, with only the types that OPA's plugin takes without a detour through JSON.
func result(d *deciderv1.Decision) any {
	r := map[string]any{"outcome": verdict.OutcomeName(d.GetOutcome())}
	text := func(key, value string) {
		if value != "" {
			r[key] = value
		}
	}
	text("verdict", verdict.Name(d))
	text("text", string(d.GetText()))
	text("code", string(d.GetCode()))
	if lines := d.GetUntagged(); len(lines) != 0 {
		list := make([]any, len(lines))
		for i, l := range lines {
			list[i] = string(l)
		}
		r["untagged"] = list
	}
	if cs := d.GetCapabilities(); len(cs) != 0 {
		m := make(map[string]any, len(cs))
		for _, c := range cs {
			m[c.GetName()] = c.GetVerdict().String()
		}
		r["capabilities"] = m
	}
	text("imap_state_old", state(d.GetImapStateOld()))
	text("imap_state_new", state(d.GetImapStateNew()))
	text("reason", d.GetReason())
	text("row", d.GetRow())
	text("rule", d.GetRule())
	return r
}

func state(s deciderv1.ImapState) string {
	switch s {
	case deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED:
		return "not_authenticated"
	case deciderv1.ImapState_IMAP_STATE_AUTHENTICATED:
		return "authenticated"
	case deciderv1.ImapState_IMAP_STATE_SELECTED:
		return "selected"
	case deciderv1.ImapState_IMAP_STATE_LOGOUT:
		return "logout"
	}
	return ""
}

// took is a decision's only metric, under the name that OPA's own server gives it.
type took struct {
	metrics.Metrics
	ns int64
}

// All implements metrics.Metrics.
func (t took) All() map[string]any {
	return map[string]any{"timer_server_handler_ns": t.ns}
}

// faultError is a fault of policy as the record's error. It marshals to its fields.
type faultError struct{ *deciderv1.PolicyError }

// Error implements error.
func (e faultError) Error() string {
	s := verdict.KindName(e.GetKind()) + ": " + e.GetMessage()
	if e.GetRow() != "" {
		s = e.GetRow() + ": " + s
	}
	if e.GetFile() != "" {
		s = e.GetFile() + ":" + strconv.FormatUint(uint64(e.GetLine()), 10) + ": " + s
	}
	return s
}

// MarshalJSON implements json.Marshaler.
func (e faultError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Kind    string `json:"kind"`
		Message string `json:"message"`
		File    string `json:"file,omitempty"`
		Line    uint32 `json:"line,omitempty"`
		Row     string `json:"row,omitempty"`
	}{verdict.KindName(e.GetKind()), e.GetMessage(), e.GetFile(), e.GetLine(), e.GetRow()})
}
