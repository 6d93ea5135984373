package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"

	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Answer is a decision with what its record needs.
type Answer struct {
	Question *deciderv1.Question
	Decision *deciderv1.Decision
	// Input is what policy saw. Nil: it saw nothing.
	Input ast.Value
	// Document is the input as JSON, of a decision that was made before, by another Input. Nil: it is that of Question and Input.
	Document []byte
	// Bundles are the revisions that decided.
	Bundles map[string]server.BundleInfo
	// Repeat says that the decision was made before, and of what it is one; nil: it is new.
	Repeat *Repeat
	// Time is when the evaluation began, Took how long it and the making of input and decision took.
	Time time.Time
	Took time.Duration
	// Nondeterministic are the results of nondeterministic builtin functions, where OPA's configuration wants them
	// logged; else nil.
	Nondeterministic builtins.NDBCache
	// TraceID and SpanID are the asker's, in hex; empty: unknown.
	TraceID, SpanID string
	// Recorded is told once when the record is written, or that it is lost. It must be quick. Nil: nobody waits.
	Recorded func(error)
	// Shadow gives what a candidate decides, once, if that comes at all. Nil: there is no candidate.
	Shadow <-chan Shadow
}

// Shadow is what a candidate decides on a question beside the policy in force.
type Shadow struct {
	// Decision is nil where there is none.
	Decision *deciderv1.Decision
	// Differs says if obeying it would have been something else.
	Differs bool
	Took    time.Duration
	// Err is why there is no decision.
	Err error
}

// Evaluate is Decide on the caller's own goroutine.
func (e *Engine) Evaluate(ctx context.Context, q *deciderv1.Question) (Answer, error) {
	return e.EvaluateCase(ctx, Case{Question: q, Tracers: e.cfg.Tracers})
}

// Case is a question to be decided under given circumstances. Only Question is required.
type Case struct {
	// Question is what is asked. With an Input it need have no more than input.Outline gives.
	Question *deciderv1.Question
	// Input is what policy sees. Nil: what Question says.
	Input ast.Value
	// Time is what policy has for the time. Zero: now.
	Time time.Time
	// Nondeterministic are results of nondeterministic builtin functions, which are taken from it and put into it. Nil: they
	// are called each time.
	Nondeterministic builtins.NDBCache
	// Tracers see the evaluation.
	Tracers []topdown.QueryTracer
}

// EvaluateCase is Evaluate under given circumstances.
func (e *Engine) EvaluateCase(ctx context.Context, c Case) (Answer, error) {
	q := c.Question
	a := Answer{Question: q, Input: c.Input, Time: c.Time, Nondeterministic: c.Nondeterministic, Decision: new(deciderv1.Decision)}
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	began := time.Now()
	id, err := uuid.NewV7()
	if err != nil {
		return Answer{}, fmt.Errorf("engine: decision id: %w", err)
	}
	s, fault, err := e.evaluate(ctx, q, &a, c.Tracers)
	if err != nil {
		return Answer{}, err
	}
	a.Decision.Outcome = deciderv1.Outcome_OUTCOME_POLICY
	if fault != nil {
		policy.Locate(s.compiler, fault)
		// What else was read before the fault showed is no decision.
		a.Decision = &deciderv1.Decision{
			Outcome: deciderv1.Outcome_OUTCOME_ERROR,
			Row:     a.Decision.GetRow(),
			Rule:    a.Decision.GetRule(),
			Error:   fault.Proto(),
		}
	}
	a.Decision.Id, a.Decision.Revision = id.String(), s.revision
	e.reusable(ctx, s, &a)
	a.Bundles = s.bundles
	a.Took = time.Since(began)
	return a, nil
}

// evaluate makes the input, if a has none, runs the query and reads its result into a. A panic in any of it is a fault.
func (e *Engine) evaluate(ctx context.Context, q *deciderv1.Question, a *Answer, tracers []topdown.QueryTracer) (s *snapshot, fault *verdict.Fault, err error) {
	txn, err := e.store.NewTransaction(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer e.store.Abort(ctx, txn)
	s = e.current.Load()
	if !e.ready.Load() {
		return nil, nil, ErrNotReady
	}
	defer func() {
		if r := recover(); r != nil {
			e.cfg.Log.Error("panic in an evaluation", slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
			fault = internalFault(fmt.Sprintf("panic: %v", r))
		}
	}()
	if a.Input == nil {
		if a.Input, err = input.Build(q); err != nil {
			return nil, nil, err
		}
	}

	limited, cancel := context.WithTimeout(ctx, e.cfg.Deadline)
	defer cancel()
	external := topdown.NewCancel()
	defer context.AfterFunc(limited, external.Cancel)()
	if a.Nondeterministic == nil && e.nondeterministic.Load() {
		a.Nondeterministic = builtins.NDBCache{}
	}
	options := []rego.EvalOption{
		rego.EvalTransaction(txn),
		rego.EvalParsedInput(a.Input),
		rego.EvalTime(a.Time),
		rego.EvalMetrics(metrics.NoOp()),
		rego.EvalExternalCancel(external),
		rego.EvalInterQueryBuiltinValueCache(e.values),
		rego.EvalNDBuiltinCache(a.Nondeterministic),
	}
	for _, t := range tracers {
		options = append(options, rego.EvalQueryTracer(t))
	}
	rs, err := s.query.Eval(limited, options...)
	switch {
	case err != nil && ctx.Err() != nil:
		// Whoever asked went away, or asked for less time than the engine gives.
		return nil, nil, ctx.Err()
	case err != nil && limited.Err() != nil:
		return s, deadlineFault(err, e.cfg.Deadline), nil
	case err != nil:
		return s, evaluationFault(err), nil
	case len(rs) == 0:
		return s, undefinedFault(), nil
	}
	result := rs[0].Expressions[0].Value.(ast.Value)
	return s, verdict.Parse(q, result, a.Decision), nil
}
