package verdict

import (
	"strings"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Name is the verdict of a decision: "IMAP_REQ_ACCEPT", ...; empty: it has none.
func Name(d *deciderv1.Decision) string {
	switch v := d.GetVerdict().(type) {
	case *deciderv1.Decision_Request:
		return v.Request.String()
	case *deciderv1.Decision_Response:
		return v.Response.String()
	}
	return ""
}

// OutcomeName is an outcome in records and metrics: "policy" or "error".
func OutcomeName(o deciderv1.Outcome) string {
	if o == deciderv1.Outcome_OUTCOME_POLICY {
		return "policy"
	}
	return "error"
}

// KindName is a kind of fault in records and metrics: "undefined", "conflict", ...
func KindName(k deciderv1.PolicyErrorKind) string {
	return strings.ToLower(strings.TrimPrefix(k.String(), "POLICY_ERROR_KIND_"))
}
