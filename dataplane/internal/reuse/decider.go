package reuse

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Decider is a pdp.Reuser.
type Decider struct {
	opt Options
	// now is what is kept of the revision in force; nil: no revision is.
	now    atomic.Pointer[generation]
	book   *book
	counts *counters
	clock  func() time.Time
}

// New starts to send reports. Nothing is reused before Revise has named a revision.
func New(o Options) *Decider {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Decider{opt: o, clock: time.Now, counts: new(counters)}
	if o.After != nil {
		d.counts = o.After.counts
	}
	d.book = newBook(o, d.counts)
	return d
}

// Revise says what revision is in force on all replicas from now on; empty: none.
func (d *Decider) Revise(revision string) {
	var next *generation
	if revision != "" {
		next = newGeneration(revision, d.opt.Memory, &d.counts.evicted)
	}
	if before := d.now.Swap(next); before != nil {
		d.counts.invalidated.Add(uint64(before.decisions.EstimatedSize()))
	}
}

// Close sends what has not been, until ctx is done. Nothing is reused any more. The error says what was lost.
func (d *Decider) Close(ctx context.Context) error { return d.book.close(ctx) }

// Ask implements pdp.Decider.
func (d *Decider) Ask(ctx context.Context, c *pdp.Connection, q session.Question, done func(*session.Decision, error)) {
	g := d.now.Load()
	d.opt.Decider.Ask(ctx, c, q, func(a *session.Decision, err error) {
		if a != nil {
			d.received(g, c, &q, a)
		}
		done(a, err)
	})
}

// received keeps an answer to a question that was put while g was in force.
func (d *Decider) received(g *generation, c *pdp.Connection, q *session.Question, a *session.Decision) {
	in, ok := a.Source.(*deciderv1.Decision)
	if !ok { // it is not the decider's
		return
	}
	if why := d.keep(g, c, q, a, in); why != "" {
		d.counts.notReusable(why)
	}
}

// keep says why it does not keep the answer; "": it does.
func (d *Decider) keep(g *generation, c *pdp.Connection, q *session.Question, a *session.Decision, in *deciderv1.Decision) string {
	switch r := in.Reuse; {
	case a.Fault != nil || in.Outcome != deciderv1.Outcome_OUTCOME_POLICY:
		return notFault
	case r == nil:
		return reason(in.NoReuse)
	case r.LeaseMs == 0:
		return notLease
	case c.Strict:
		return notStrict
	case g == nil || g != d.now.Load() || a.Revision != g.revision:
		return notRevision
	}
	if !g.keep(c, q, newEntry(a, in, d.clock())) {
		return notField
	}
	return ""
}

// Reuse implements pdp.Reuser.
func (d *Decider) Reuse(c *pdp.Connection, q *session.Question) (*session.Decision, bool) {
	g := d.now.Load()
	if c.Strict || g == nil {
		why := askedStrict
		if g == nil {
			why = askedRevision
		}
		d.counts.asked[why].Add(1)
		return nil, false
	}
	now := d.clock()
	e, why := g.find(c, q, now)
	if e == nil {
		d.counts.asked[why].Add(1)
		return nil, false
	}
	out := d.book.enter(c, q, e, now)
	if out == nil {
		d.counts.asked[askedFull].Add(1)
		return nil, false
	}
	return out, true
}

// End implements pdp.Reuser.
func (d *Decider) End(c *pdp.Connection) { d.book.end(c) }
