package reuse

import (
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Audit is how reuses are recorded where a command has these effects, a set as the library has it: one by one what reads content or
// changes anything, and together what does neither.
func Audit(effects ast.Value) deciderv1.ReuseAudit {
	set, ok := effects.(ast.Set)
	if !ok || set.Diff(harmless).Len() != 0 {
		return deciderv1.ReuseAudit_REUSE_AUDIT_EACH
	}
	return deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
}

var harmless = ast.NewSet(ast.StringTerm("reads_metadata"))

// audit derives how reuses of decisions on an event are recorded. Where that depends on the question, what it depends on is added to
// the fields: all who share a decision are to be recorded alike.
func (d *Dependencies) audit(p Policy, e Event) {
	d.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_EACH
	if len(p.Effects) == 0 || e.Command == other {
		return
	}
	effects := newDerivation(p, e)
	modes := map[deciderv1.ReuseAudit]bool{}
	effects.ref(frame{}, p.Effects, func(v *ast.Term, _ bool) {
		if known(v) {
			modes[Audit(v.Value)] = true
			return
		}
		modes[deciderv1.ReuseAudit_REUSE_AUDIT_EACH], modes[deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE] = true, true
	})
	_, byArguments := effects.fields[deciderv1.InputField_INPUT_FIELD_COMMAND_ARGS]
	switch {
	case effects.refused != nil:
	case len(modes) == 0 && !e.Solicited:
		// No command, no effects.
		d.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
	case len(modes) == 1:
		for d.Audit = range modes {
		}
	case len(modes) == 2 && !byArguments:
		// Of arguments none is like another.
		d.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_UNSPECIFIED
		maps.Copy(effects.fields, d.From)
		d.From = effects.fields
		d.Fields = slices.Sorted(maps.Keys(d.From))
	}
}
