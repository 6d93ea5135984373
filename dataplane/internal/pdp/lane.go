package pdp

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// lane carries questions to one replica: a stream, or the calls to it where there are none. Its fields are guarded by
// Client.mu.
type lane struct {
	replica *replica
	// queue is what has not been sent yet. Sending to it does not block, for choose has looked.
	queue chan *flight
	// open are the questions put to it and not answered.
	open map[uint64]*flight
	// heard is when it last said anything; zero: never.
	heard time.Time
	// silent is since when it should have; zero: it is well.
	silent time.Time
	// parting: it takes questions only where no other does. leaving is then closed.
	parting bool
	leaving chan struct{}
	// retired: it takes none, and ends when those it has are answered.
	retired bool
	cancel  context.CancelFunc
	// why is what broke it; nil: nothing did.
	why error
	// worker answers a question by a call; nil: the lane is a stream. idle is how many wait for one.
	worker func()
	idle   int
}

func newLane(r *replica, cancel context.CancelFunc) *lane {
	return &lane{
		replica: r,
		queue:   make(chan *flight, r.client.opt.InFlight),
		open:    map[uint64]*flight{},
		leaving: make(chan struct{}),
		cancel:  cancel,
	}
}

// take puts a question in the queue.
func (l *lane) take(f *flight) {
	f.lanes = append(f.lanes, l)
	f.begun(l)
	f.since = time.Now()
	f.pending++
	l.open[f.id] = f
	l.queue <- f
	switch {
	case l.worker == nil:
	case l.idle > 0:
		l.idle--
	default:
		l.replica.client.running.Go(l.worker)
	}
}

// next prepares to send a question: it gives its form on this lane, and how long its answer may take; nil: none is wanted any more.
func (c *Client) next(l *lane, f *flight) (q *deciderv1.Question, left time.Duration) {
	attempt, left, wanted := c.wanted(l, f)
	if !wanted {
		return nil, 0
	}
	q = question(f.conn, f.question)
	q.Attempt = attempt
	if c.opt.Tracer != nil {
		c.mu.Lock()
		f.carry(attempt, q)
		c.mu.Unlock()
	}
	return q, left
}

// wanted tells whether a question is still to be sent; attempt is how often it was put before.
func (c *Client) wanted(l *lane, f *flight) (attempt uint32, left time.Duration, wanted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left = time.Until(f.until)
	if f.settled || left <= 0 {
		if l.open[f.id] != nil {
			delete(l.open, f.id)
			f.pending--
			f.ended(l, errNever)
		}
		return 0, 0, false
	}
	return uint32(slices.Index(f.lanes, l)), left, true
}

// hear notes that the lane has said something.
func (c *Client) hear(l *lane) {
	first := l.heard.IsZero()
	l.heard, l.silent, l.replica.silent = time.Now(), time.Time{}, false
	if first { // now it is known to work
		c.relieve()
	}
}

// answered brings the decision on a question that is open on the lane.
func (c *Client) answered(l *lane, id uint64, d *deciderv1.Decision) {
	c.mu.Lock()
	c.hear(l)
	f, first := l.open[id], false
	if f != nil {
		delete(l.open, id)
		f.pending--
		f.ended(l, nil)
		first = c.settle(f, nil, nil)
	}
	if !first {
		c.counts.Late++
	}
	c.mu.Unlock()
	if first {
		f.done(decision(&f.question, d), nil)
	}
}

// unanswered says that there will be no answer to a question that is open on the lane. said: the decider says so.
func (c *Client) unanswered(l *lane, id uint64, why error, said bool) {
	c.mu.Lock()
	if said {
		c.hear(l)
	}
	f, last := l.open[id], false
	if f != nil {
		delete(l.open, id)
		last = c.missed(f, l, why, lossOf(l, why))
	}
	c.mu.Unlock()
	if last {
		f.done(f.decision, f.err)
	}
}

// add puts a new lane to use. It reports false if its replica has gone meanwhile.
func (c *Client) add(l *lane) bool {
	var lost []*flight
	defer func() { tell(lost) }()
	c.mu.Lock()
	defer c.mu.Unlock()
	r := l.replica
	if c.closing || r.parted {
		return false
	}
	r.failing = false
	c.lanes = append(c.lanes, l)
	for f := range c.waiting {
		delete(c.waiting, f)
		if err := c.put(f); err != nil && c.giveUp(f, err) {
			lost = append(lost, f)
		}
	}
	return true
}

// relieve retires the lanes that are parting, where others are known to work.
func (c *Client) relieve() {
	if !slices.ContainsFunc(c.lanes, func(l *lane) bool {
		return !l.parting && !l.heard.IsZero() && l.silent.IsZero() && !l.replica.silent
	}) {
		return
	}
	for _, l := range slices.Clone(c.lanes) {
		if l.parting {
			c.retire(l)
		}
	}
}

// leave makes a lane the last choice.
func (l *lane) leave() {
	if !l.parting {
		l.parting = true
		close(l.leaving)
	}
}

// retire takes a lane out of use. What is open on it is still answered.
func (c *Client) retire(l *lane) {
	if l.retired {
		return
	}
	l.retired = true
	l.leave()
	c.lanes = slices.DeleteFunc(c.lanes, func(o *lane) bool { return o == l })
	close(l.queue)
	time.AfterFunc(2*c.opt.Deadline, l.cancel) // a replica that stands still would hold it for ever
}

// broke ends a lane that the transport has lost. Its questions go to others.
func (c *Client) broke(l *lane, why error) {
	var lost []*flight
	c.mu.Lock()
	if !l.retired {
		l.why = why
		l.replica.plain = l.replica.plain || status.Code(why) == codes.Unimplemented
	}
	c.retire(l)
	for id, f := range l.open {
		delete(l.open, id)
		if c.missed(f, l, why, broken) {
			lost = append(lost, f)
		}
	}
	c.mu.Unlock()
	l.cancel()
	tell(lost)
}
