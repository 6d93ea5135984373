package reuse

import (
	"slices"
	"time"
	"unsafe"

	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// entry is a decision that may be reused. It does not change.
type entry struct {
	decision *session.Decision
	// counted is the decision for sessions whose reuses are counted together; nil: each is recorded.
	counted  *session.Decision
	received *deciderv1.Decision
	until    time.Time
	octets   uint32
}

func newEntry(a *session.Decision, in *deciderv1.Decision, now time.Time) *entry {
	e := &entry{decision: a, received: in, until: now.Add(time.Duration(in.Reuse.LeaseMs) * time.Millisecond)}
	if in.Reuse.Audit == deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE {
		counted := *a
		counted.Repeats = a.ID
		e.counted = &counted
	}
	// About what it takes. The decision stands in memory as it was received and as the session has it.
	e.octets = uint32(2*unsafe.Sizeof(*a)) + uint32(4*proto.Size(in)) +
		uint32(len(a.Rows))*uint32(unsafe.Sizeof(session.Row{})+unsafe.Sizeof(deciderv1.ResponseRow{}))
	return e
}

// fields are what the decision depended on, in order. It had verdicts on the question's capabilities, or it had none to give.
func (e *entry) fields(q *session.Question) []deciderv1.InputField {
	fields := slices.Clone(e.received.Reuse.Fields)
	if q.Kind != session.Command {
		fields = append(fields, deciderv1.InputField_INPUT_FIELD_RESPONSE_CAPABILITIES)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
