package pdp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// flight is a question on its way. It is put to one lane; to another where that one breaks, has no policy, or falls silent;
// and settled once, by the first answer. What arrives later is counted and thrown away.
type flight struct {
	id       uint64 // the same on every lane
	ctx      context.Context
	conn     *Connection
	question session.Question
	until    time.Time
	done     func(*session.Decision, error)

	// Guarded by Client.mu.
	lanes    []*lane   // it was put to
	attempts []attempt // on them, where they are traced
	since    time.Time // when it was put to the last of them
	pending  int       // those that have neither answered nor broken
	alarm    *time.Timer
	why      error       // the last one broke
	forget   func() bool // about ctx
	settled  bool
	decision *session.Decision
	err      error
}

// tell tells the sessions what became of their questions. mu is not held.
func tell(fs []*flight) {
	for _, f := range fs {
		f.done(f.decision, f.err)
	}
}

// launch starts a question. On an error it is not on its way, and done is not called. mu is held.
func (c *Client) launch(f *flight) error {
	if c.open >= c.opt.InFlight {
		return fmt.Errorf("%w: %d questions in flight", ErrOverloaded, c.open)
	}
	c.asked++
	f.id = c.asked
	if err := c.put(f); err != nil {
		return err
	}
	c.open++
	f.alarm = time.AfterFunc(min(c.opt.Silence, c.opt.Deadline), func() { c.rang(f) })
	f.forget = context.AfterFunc(f.ctx, func() { c.canceled(f) })
	return nil
}

// put gives the question to a lane, or lets it wait for one while there is hope. The error says why neither. mu is held.
func (c *Client) put(f *flight) error {
	l, full := c.choose(f)
	switch {
	case c.closing || len(f.lanes) == maxAttempts:
	case l != nil:
		l.take(f)
		return nil
	case full:
		return fmt.Errorf("%w: every stream has %d questions in flight", ErrOverloaded, c.opt.InFlight)
	case c.hope():
		c.waiting[f] = struct{}{}
		return nil
	}
	return c.unavailable()
}

// elsewhere puts the question to a replica in good health that it was not put to yet, where there is one. mu is held.
func (c *Client) elsewhere(f *flight) bool {
	l, _ := c.choose(f)
	if c.closing || len(f.lanes) == maxAttempts || l == nil || l.rank(f) != fresh {
		return false
	}
	l.take(f)
	return true
}

// settle ends the question, and reports whether it had not been before: then the caller tells the session, when it no longer
// holds mu.
func (c *Client) settle(f *flight, d *session.Decision, err error) bool {
	if f.settled {
		return false
	}
	f.settled, f.decision, f.err = true, d, err
	f.forget()
	delete(c.waiting, f)
	if f.pending == 0 {
		f.alarm.Stop()
	} else { // lanes that never answer must not count it for ever
		f.alarm.Reset(c.opt.Deadline + time.Second)
	}
	c.open--
	if c.closing && c.open == 0 {
		close(c.empty)
	}
	return true
}

// giveUp settles the question for want of an answer. Where what broke the last lane may have been the question itself, that
// counts and not the failure mode: a peer must not choose it. mu is held.
func (c *Client) giveUp(f *flight, err error) bool {
	d, _ := failure(f.why)
	if d != nil {
		err = nil
	}
	return c.settle(f, d, err)
}

// missed says that a lane has no answer, and why. It reports whether that settles the question. mu is held.
func (c *Client) missed(f *flight, l *lane, why error, how loss) bool {
	f.pending--
	f.ended(l, why)
	if f.settled {
		return false
	}
	again := f.lanes[len(f.lanes)-1] == l // else it has been put to another already
	if how == broken {
		f.why = why
	}
	switch {
	case how == final:
	case again && how == broken && c.put(f) == nil:
		c.counts.Broken++
		return false
	case again && how == refused && c.elsewhere(f):
		c.counts.Refused++
		return false
	}
	d, err := failure(why)
	if d == nil && f.pending > 0 { // another may still answer
		return false
	}
	return c.settle(f, d, err)
}

// loss is how a question got no answer.
type loss uint8

const (
	// broken: the transport failed. Nobody knows whether the decider decided; deciding again does no harm.
	broken loss = iota
	// refused: the decider has no policy, or shuts down.
	refused
	// final: another would not do better.
	final
)

// lossOf is how a question got no answer that has a status of its own.
func lossOf(l *lane, why error) loss {
	switch status.Code(why) {
	case codes.Unavailable, codes.Canceled:
		if l.worker != nil && l.replica.parted {
			return broken
		}
		return refused
	}
	return final
}

// rang is called at Options.Silence, at the question's deadline, and some time after it was settled.
func (c *Client) rang(f *flight) {
	c.mu.Lock()
	now := time.Now()
	late := false
	switch {
	case f.settled:
		for _, l := range f.lanes {
			delete(l.open, f.id)
			f.ended(l, errNever)
		}
	case !now.Before(f.until):
		late = c.giveUp(f, fmt.Errorf("%w: no answer in %v", ErrDeadline, c.opt.Deadline))
	default:
		f.alarm.Reset(c.listen(f, now).Sub(now))
	}
	c.mu.Unlock()
	if late {
		f.done(f.decision, f.err)
	}
}

// listen puts the question to another replica where the lane it was put to last has fallen silent since. The result is when
// to look again. mu is held.
func (c *Client) listen(f *flight, now time.Time) time.Time {
	again := now.Add(c.opt.Silence)
	if n := len(f.lanes); n > 0 && f.lanes[n-1].open[f.id] != nil {
		l := f.lanes[n-1]
		heard := f.since
		if l.heard.After(heard) {
			heard = l.heard
		}
		if at := heard.Add(c.opt.Silence); at.After(now) {
			again = at
		} else {
			c.suspect(l, now)
			if c.elsewhere(f) {
				c.counts.Silent++
			}
		}
	}
	if f.until.Before(again) {
		return f.until
	}
	return again
}

// canceled is called when the session has ended.
func (c *Client) canceled(f *flight) {
	_, err := failure(status.FromContextError(f.ctx.Err()).Err())
	c.mu.Lock()
	won := c.settle(f, nil, err)
	c.mu.Unlock()
	if won {
		f.done(nil, err)
	}
}

// choose is the lane that fits the question best, each in its turn; nil: there is none, and full says that there would be. mu
// is held.
func (c *Client) choose(f *flight) (best *lane, full bool) {
	least, turn := unfit, c.turn
	for i := range c.lanes {
		l := c.lanes[(c.turn+i)%len(c.lanes)]
		r := l.rank(f)
		if r == unfit {
			continue
		}
		if len(l.open) >= c.opt.InFlight || len(l.queue) == cap(l.queue) {
			full = true
			continue
		}
		if r < least {
			best, least, turn = l, r, c.turn+i+1
		}
		if r == fresh {
			break
		}
	}
	c.turn = turn
	return best, full
}

// rank orders lanes for a question; the least fits best.
type rank uint8

const (
	// fresh: nothing speaks against it.
	fresh rank = iota
	// tried: the question was put to another lane of its replica.
	tried
	// parting: it drains, or its replica is about to go.
	parting
	// silent: it or its replica says nothing.
	silent
	// unfit: the question was put to it.
	unfit
)

func (l *lane) rank(f *flight) rank {
	switch {
	case slices.Contains(f.lanes, l):
		return unfit
	case !l.silent.IsZero() || l.replica.silent:
		return silent
	case l.parting:
		return parting
	case slices.ContainsFunc(f.lanes, func(o *lane) bool { return o.replica.address == l.replica.address }):
		return tried
	}
	return fresh
}
