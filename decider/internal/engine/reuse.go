package engine

import (
	"context"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/gatepost/gatepost/decider/internal/reuse"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Reuse says how decisions may be reused.
type Reuse struct {
	// Lease is for how long a decision may be, unless policy says less. 0: not at all.
	Lease time.Duration
	// Named says which commands have dependencies derived of their own. Nil: none.
	Named func(command string) bool
	// Derived hears of each derivation and how long it took. May be nil.
	Derived func(took time.Duration)
}

// derivations is how many derivations may wait. An event whose derivation does not find room is answered without reuse and asks again.
const derivations = 256

// derivation is one that waits.
type derivation struct {
	policy *snapshot
	event  reuse.Event
}

// reusable adds to a decision how it may be reused. Of that the decision has what policy said of it.
func (e *Engine) reusable(ctx context.Context, s *snapshot, a *Answer) {
	q, d := a.Question, a.Decision
	lease := uint32(e.cfg.Reuse.Lease.Milliseconds())
	if r := d.GetReuse(); r != nil {
		lease = min(lease, r.GetLeaseMs())
	}
	d.Reuse = nil
	switch {
	case e.cfg.Reuse.Lease == 0:
		d.NoReuse = deciderv1.NoReuse_NO_REUSE_OFF
		return
	case d.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY:
		d.NoReuse = deciderv1.NoReuse_NO_REUSE_ERROR
		return
	case d.GetNoReuse() != deciderv1.NoReuse_NO_REUSE_UNSPECIFIED:
		return
	}
	event := s.reuse.Shared(reuse.EventOf(q))
	deps, first := s.reuse.Lookup(event)
	if first {
		select {
		case e.derivations <- derivation{s, event}:
		default:
			s.reuse.Put(event, nil)
		}
	}
	switch {
	case deps == nil:
		// It comes; this answer does not wait for it.
	case deps.No != deciderv1.NoReuse_NO_REUSE_UNSPECIFIED:
		d.NoReuse = deps.No
	default:
		d.Reuse = &deciderv1.Reuse{
			Fields:  deps.Fields,
			LeaseMs: lease,
			Audit:   e.auditOf(ctx, s, deps, a.Input),
		}
	}
}

// auditOf is how reuses of a decision are recorded.
func (e *Engine) auditOf(ctx context.Context, s *snapshot, deps *reuse.Dependencies, input ast.Value) deciderv1.ReuseAudit {
	if deps.Audit != deciderv1.ReuseAudit_REUSE_AUDIT_UNSPECIFIED {
		return deps.Audit
	}
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Deadline)
	defer cancel()
	rs, err := s.effects.Eval(ctx, rego.EvalParsedInput(input), rego.EvalMetrics(metrics.NoOp()))
	if err != nil || len(rs) == 0 {
		return deciderv1.ReuseAudit_REUSE_AUDIT_EACH
	}
	return reuse.Audit(rs[0].Expressions[0].Value.(ast.Value))
}

// derive derives what waits, on one goroutine, so that answers lose no more than a processor to it.
func (e *Engine) derive() {
	for {
		select {
		case w := <-e.derivations:
			if d := e.dependencies(w); d != nil {
				w.policy.reuse.Put(w.event, d)
			}
		case <-e.stop:
			return
		}
	}
}

// dependencies derives; nil: the policy is no longer in force.
func (e *Engine) dependencies(w derivation) *reuse.Dependencies {
	ctx := context.Background()
	// Data cannot change while the transaction is open.
	txn, err := e.store.NewTransaction(ctx)
	if err != nil {
		return nil
	}
	defer e.store.Abort(ctx, txn)
	if e.current.Load() != w.policy {
		return nil
	}
	begin := time.Now()
	d := reuse.Derive(reuse.Policy{
		Compiler:   w.policy.compiler,
		Entrypoint: entrypoint,
		Effects:    effects,
		Data:       func(path ast.Ref) (ast.Value, error) { return e.read(ctx, txn, path) },
	}, w.event)
	if e.cfg.Reuse.Derived != nil {
		e.cfg.Reuse.Derived(time.Since(begin))
	}
	return &d
}

// Depends derives what decisions on an event depend on, at once. It is for tools.
func (e *Engine) Depends(event reuse.Event) (*reuse.Dependencies, error) {
	if s := e.current.Load(); s != nil && e.ready.Load() {
		if d := e.dependencies(derivation{s, event}); d != nil {
			return d, nil
		}
	}
	return nil, ErrNotReady
}

// read reads base data; nil: there is none at the path.
func (e *Engine) read(ctx context.Context, txn storage.Transaction, path ast.Ref) (ast.Value, error) {
	p, err := storage.NewPathForRef(path)
	if err != nil {
		return nil, nil // no document is at a key that is no string
	}
	v, err := e.store.Read(ctx, txn, p)
	if storage.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return ast.InterfaceToValue(v)
}
