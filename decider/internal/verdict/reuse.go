package verdict

import (
	"math"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// reuse reads what the policy says of reuse: a lease of so many seconds, which is left in the decision's, or that there is none.
func (p *parser) reuse(lease, noStore ast.Value) *Fault {
	if noStore != nil {
		is, ok := noStore.(ast.Boolean)
		if !ok {
			return rowFault([]string{"no_store"}, noStore, "%s is neither true nor false", show(noStore))
		}
		if is {
			p.decision.NoReuse = deciderv1.NoReuse_NO_REUSE_NO_STORE
		}
	}
	if lease == nil {
		return nil
	}
	n, _ := lease.(ast.Number)
	seconds, ok := n.Float64()
	if !ok || !(seconds >= 0) {
		return rowFault([]string{"lease"}, lease, "%s is not a number of seconds", show(lease))
	}
	ms := uint32(min(seconds*1000, math.MaxUint32))
	if ms == 0 {
		p.decision.NoReuse = deciderv1.NoReuse_NO_REUSE_NO_STORE
	}
	p.decision.Reuse = &deciderv1.Reuse{LeaseMs: ms}
	return nil
}
