package decider

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Decide answers one question, as the gRPC service does.
func (d *Decider) Decide(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
	ctx, span := d.asked(ctx, q)
	a, err := d.engine.Decide(ctx, q)
	if err == nil {
		d.complete(ctx, span, &a)
		err = d.record(ctx, &a)
	}
	answerSpan(span, err)
	if err != nil {
		d.metrics.unanswered(err)
		return nil, err
	}
	d.decided(ctx, q, &a)
	return a.Decision, nil
}

// Ask is Decide for one who does not wait: done is called once, on any goroutine, the caller's own included. It must be quick.
func (d *Decider) Ask(ctx context.Context, q *deciderv1.Question, done func(*deciderv1.Decision, error)) {
	ctx, span := d.asked(ctx, q)
	answer := func(dec *deciderv1.Decision, err error) {
		answerSpan(span, err)
		if err != nil {
			d.metrics.unanswered(err)
		}
		done(dec, err)
	}
	err := d.engine.Submit(ctx, q, func(a engine.Answer, err error) { d.answered(ctx, span, q, a, err, answer) })
	if err != nil {
		answer(nil, err)
	}
}

// answered has an answer recorded and passes it on. It runs on one of the engine's workers, which must not wait for the log.
func (d *Decider) answered(ctx context.Context, span trace.Span, q *deciderv1.Question, a engine.Answer, err error, done func(*deciderv1.Decision, error)) {
	if err != nil {
		done(nil, err)
		return
	}
	d.complete(ctx, span, &a)
	if d.cfg.Audit.Sync {
		done = d.onceRecorded(ctx, q, &a, done)
	}
	taken, err := d.audit.Offer(&a)
	if err == nil && !taken {
		go func() { d.put(ctx, q, &a, d.audit.Put(ctx, &a), done) }()
		return
	}
	d.put(ctx, q, &a, err, done)
}

// put passes on an answer whose record was put in the queue, or why it was not. What waits for its record is passed on by that.
func (d *Decider) put(ctx context.Context, q *deciderv1.Question, a *engine.Answer, err error, done func(*deciderv1.Decision, error)) {
	switch {
	case err != nil:
		done(nil, err)
	case !d.cfg.Audit.Sync:
		done(d.heard(ctx, q, a))
	}
}

// record has an answer recorded, and waits for that: until its record is in the queue, or, with Audit.Sync, until it is written.
func (d *Decider) record(ctx context.Context, a *engine.Answer) error {
	if !d.cfg.Audit.Sync {
		return d.audit.Put(ctx, a)
	}
	written := make(chan error, 1)
	a.Recorded = func(err error) { written <- err }
	if err := d.audit.Put(ctx, a); err != nil {
		return err
	}
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// onceRecorded has the answer passed on when its record is written. The result is done, which is called only once: by that, by the
// end of ctx, or by the caller.
func (d *Decider) onceRecorded(ctx context.Context, q *deciderv1.Question, a *engine.Answer, done func(*deciderv1.Decision, error)) func(*deciderv1.Decision, error) {
	var once sync.Once
	first := func(dec *deciderv1.Decision, err error) { once.Do(func() { done(dec, err) }) }
	stop := context.AfterFunc(ctx, func() { first(nil, ctx.Err()) })
	a.Recorded = func(err error) {
		if !stop() {
			return
		}
		if err != nil {
			first(nil, err)
			return
		}
		first(d.heard(ctx, q, a))
	}
	return first
}

// complete adds to an answer what only its record needs.
func (d *Decider) complete(ctx context.Context, span trace.Span, a *engine.Answer) {
	d.evaluated(ctx, span, a)
	if d.shadow != nil {
		// The candidate is to see every question.
		a.Decision.Reuse, a.Decision.NoReuse = nil, deciderv1.NoReuse_NO_REUSE_OFF
		a.Shadow = d.shadow.decide(d.shadowSpan(ctx), a)
	}
}

// heard is decided for a goroutine that is not the question's own: a panic of OnDecision costs this answer only.
func (d *Decider) heard(ctx context.Context, q *deciderv1.Question, a *engine.Answer) (dec *deciderv1.Decision, err error) {
	defer func() {
		if r := recover(); r != nil {
			d.opts.Log.Error("panic", slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
			dec, err = nil, fmt.Errorf("decider: panic: %v", r)
		}
	}()
	d.decided(ctx, q, a)
	return a.Decision, nil
}

// decided tells all who listen of a decision that is recorded.
func (d *Decider) decided(ctx context.Context, q *deciderv1.Question, a *engine.Answer) {
	d.metrics.count(q, a)
	d.log(ctx, q, a.Decision, a.Took)
	if d.opts.OnDecision != nil {
		d.opts.OnDecision(q, a.Decision, a.Took)
	}
}

// Info says who answers, and by what policy.
func (d *Decider) Info() server.Info {
	f := d.engine.Force()
	return server.Info{Revision: f.Revision, Since: f.Since, Changed: f.Changed, ID: d.id}
}
