package decider

import (
	"context"
	"log/slog"
	"time"

	"github.com/open-policy-agent/opa/v1/logging"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/policy"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// shadowQueue is how many questions may wait for the candidate. It is asked no more beyond that.
const shadowQueue = 256

// shadow is a candidate. It is an engine of its own, with a store, a worker and a queue of its own, so that it can hold up
// nothing. A nil shadow does nothing.
type shadow struct {
	engine   *engine.Engine
	dir      string // of the policy; empty: bundles
	deadline time.Duration
	metrics  *metrics
	log      *slog.Logger
}

// newShadow loads the candidate, if there is one. One that does not load is left out: it must not keep the policy in force
// from deciding.
func (d *Decider) newShadow(ctx context.Context) {
	log := d.opts.Log.With(slog.Bool("shadow", true))
	conf, opa, err := d.cfg.Candidate()
	if err != nil {
		log.Error("candidate not loaded", slog.Any("error", err))
		return
	}
	if conf == nil {
		return
	}
	c := engine.Config{
		OPA:      opa.JSON,
		ID:       d.id,
		Lock:     policy.NewLock(d.cfg.Evaluation.Allow...),
		Deadline: d.cfg.Evaluation.Deadline,
		Workers:  1,
		Queue:    shadowQueue,
		Log:      log,
		Console:  logging.NewNoOpLogger(),
	}
	if !opa.Bundles {
		c.Directory = directory(conf)
	}
	e, err := engine.New(ctx, c)
	if err != nil {
		log.Error("candidate not loaded", slog.Any("error", err))
		return
	}
	d.shadow = &shadow{engine: e, dir: conf.Policy, deadline: c.Deadline, metrics: d.metrics, log: log}
}

// decide has the candidate decide what the policy in force has decided. It does not wait. span is that of it; nil: it is not traced.
func (s *shadow) decide(span trace.Span, active *engine.Answer) <-chan engine.Shadow {
	result := make(chan engine.Shadow, 1)
	// The asker has its answer and may be gone. What waited too long is of no use to the record.
	ctx, cancel := context.WithTimeout(context.Background(), 2*s.deadline)
	q, obeyed := active.Question, active.Decision
	tell := func(r engine.Shadow, outcome string) {
		cancel()
		s.metrics.shadow.WithLabelValues(deciderv1.CommandLabel(command(q)), outcome).Inc()
		shadowed(span, r)
		result <- r
	}
	err := s.engine.Submit(ctx, q, func(a engine.Answer, err error) {
		switch {
		case err != nil:
			tell(engine.Shadow{Err: err}, "missing")
		case a.Decision.GetError() != nil:
			tell(engine.Shadow{Decision: a.Decision, Differs: obeyed.GetError() == nil, Took: a.Took}, "error")
		case differ(obeyed, a.Decision):
			tell(engine.Shadow{Decision: a.Decision, Differs: true, Took: a.Took}, "different")
		default:
			tell(engine.Shadow{Decision: a.Decision, Took: a.Took}, "same")
		}
	})
	if err != nil {
		tell(engine.Shadow{Err: err}, "missing")
	}
	return result
}

// differ says if a dataplane would do something else by b than by a.
func differ(a, b *deciderv1.Decision) bool {
	return !proto.Equal(effect(a), effect(b))
}

// effect is a decision without what is only for logs.
func effect(d *deciderv1.Decision) *deciderv1.Decision {
	return &deciderv1.Decision{
		Outcome: d.GetOutcome(), Verdict: d.GetVerdict(), Text: d.GetText(), Untagged: d.GetUntagged(), Code: d.GetCode(),
		Rows: d.GetRows(), Capabilities: d.GetCapabilities(), ImapStateOld: d.GetImapStateOld(), ImapStateNew: d.GetImapStateNew(),
	}
}

// reload reads the candidate again. What is wrong with it is logged; the candidate before stays.
func (s *shadow) reload(ctx context.Context) {
	if s == nil {
		return
	}
	if _, err := s.engine.Reload(ctx); err != nil {
		s.log.Error("candidate not loaded", slog.String("in_force", s.engine.Revision()), slog.Any("error", err))
	}
}

// watch reloads the candidate's directory when it changes.
func (s *shadow) watch(ctx context.Context) {
	if s == nil || s.dir == "" {
		return
	}
	if err := policy.Watch(ctx, s.dir, s.log, func() { s.reload(ctx) }); err != nil {
		s.log.Warn("candidate is not watched; SIGHUP reloads it", slog.Any("error", err))
	}
}

// close ends the candidate. No decision may follow.
func (s *shadow) close(ctx context.Context) {
	if s != nil {
		s.engine.Close(ctx)
	}
}
