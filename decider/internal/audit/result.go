package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatepost/gatepost/decider/internal/document"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Result is a decision as records have it, of types that JSON has.
func Result(d *deciderv1.Decision) any {
	var m document.Maps
	result(&m, nil, d)
	return m.Value()
}

// FaultDocument is a fault of the policy as records have it; nil: there is none.
func FaultDocument(d *deciderv1.Decision) any {
	if f := d.GetError(); f != nil {
		return faultError{f}
	}
	return nil
}

// result writes what the dataplane was told, without the rows kept for responses, which the revision tells.
func result(w document.Writer, name *document.Word, d *deciderv1.Decision) {
	w.BeginObject(name)
	capabilities(w, d.GetCapabilities())
	document.Text(w, keyCode, string(d.GetCode()))
	document.Text(w, keyStateNew, state(d.GetImapStateNew()))
	document.Text(w, keyStateOld, state(d.GetImapStateOld()))
	w.String(keyOutcome, verdict.OutcomeName(d.GetOutcome()))
	document.Text(w, keyReason, d.GetReason())
	document.Text(w, keyRow, d.GetRow())
	document.Text(w, keyRule, d.GetRule())
	document.Text(w, keyText, string(d.GetText()))
	if lines := d.GetUntagged(); len(lines) != 0 {
		w.BeginArray(keyUntagged)
		for _, l := range lines {
			w.String(nil, string(l))
		}
		w.EndArray()
	}
	document.Text(w, keyVerdict, verdict.Name(d))
	w.EndObject()
}

// capabilities writes the verdict on each capability, the last where one is there twice.
func capabilities(w document.Writer, cs []*deciderv1.CapabilityVerdict) {
	if len(cs) == 0 {
		return
	}
	cs = slices.Clone(cs)
	slices.SortStableFunc(cs, func(a, b *deciderv1.CapabilityVerdict) int { return strings.Compare(a.GetName(), b.GetName()) })
	w.BeginObject(keyCapabilities)
	for i, c := range cs {
		if i+1 < len(cs) && cs[i+1].GetName() == c.GetName() {
			continue
		}
		w.String(document.NewWord(c.GetName()), c.GetVerdict().String())
	}
	w.EndObject()
}

// obeyed writes what a dataplane that observes does, whatever the result.
func obeyed(w document.Writer, name *document.Word, q *deciderv1.Question) {
	w.BeginObject(name)
	if input.KindOf(q) == input.Command {
		w.String(keyVerdict, deciderv1.ImapReq_IMAP_REQ_ACCEPT.String())
	} else {
		w.String(keyVerdict, deciderv1.ImapRsp_IMAP_RSP_ACCEPT.String())
	}
	w.EndObject()
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

// fault writes a fault of policy. What is not known of where it is, is left out.
func fault(w document.Writer, name *document.Word, f *deciderv1.PolicyError) {
	w.BeginObject(name)
	document.Text(w, keyFile, f.GetFile())
	w.String(keyKind, verdict.KindName(f.GetKind()))
	if f.GetLine() != 0 {
		w.Uint(keyLine, uint64(f.GetLine()))
	}
	w.String(keyMessage, f.GetMessage())
	document.Text(w, keyRow, f.GetRow())
	w.EndObject()
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
	var j document.JSON
	fault(&j, nil, e.PolicyError)
	return j.Text, nil
}
