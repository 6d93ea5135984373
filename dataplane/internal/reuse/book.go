package reuse

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// book has the records of reuses until the decider has them.
type book struct {
	opt    Options
	counts *counters

	// octets is what the records take, of records their number: those that are queued, counted in, or being sent.
	octets  atomic.Uint64
	records atomic.Int64
	// counting are the records that are counted in, in shards so that sessions do not wait for each other.
	counting [shards]shard

	mu    sync.Mutex
	queue []*record
	// full is told that there is a batch.
	full chan struct{}

	closed  atomic.Bool
	closing chan struct{}
	sender  *sender
	done    chan struct{}
	dropped lately
}

const shards = 64

type shard struct {
	mu       sync.Mutex
	sessions map[*pdp.Connection]map[*entry]*record
	_        [64]byte // none shares a cache line
}

// record is one reuse, or several.
type record struct {
	// decision is the session's, for one reuse.
	decision    session.Decision
	id          string
	conn        *pdp.Connection
	question    session.Question
	entry       *entry
	count       uint64
	first, last int64 // in microseconds since the Unix epoch
	octets      uint64
}

func newBook(o Options, c *counters) *book {
	b := &book{
		opt:     o,
		counts:  c,
		full:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	for i := range b.counting {
		b.counting[i].sessions = map[*pdp.Connection]map[*entry]*record{}
	}
	b.sender = newSender(o, c)
	go b.run()
	return b
}

// enter records a reuse, and returns the session's decision; nil: it cannot be recorded.
func (b *book) enter(c *pdp.Connection, q *session.Question, e *entry, now time.Time) *session.Decision {
	if e.counted != nil {
		return b.count(c, q, e, now.UnixMicro())
	}
	r := &record{decision: *e.decision, id: newID(), conn: c, question: *q, entry: e, count: 1, first: now.UnixMicro()}
	r.decision.ID, r.decision.Repeats = r.id, e.decision.ID
	r.last = r.first
	switch b.reserve(r) {
	case roomNone:
		return nil
	case roomTaken:
		b.put(r)
	}
	b.counts.each.Add(1)
	return &r.decision
}

// count counts a reuse in.
func (b *book) count(c *pdp.Connection, q *session.Question, e *entry, now int64) *session.Decision {
	s := b.shard(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.sessions[c][e]; r != nil {
		r.count++
		r.last = now
		b.counts.aggregated.Add(1)
		return e.counted
	}
	r := &record{id: newID(), conn: c, question: *q, entry: e, count: 1, first: now, last: now}
	switch b.reserve(r) {
	case roomNone:
		return nil
	case roomTaken:
		if s.sessions[c] == nil {
			s.sessions[c] = map[*entry]*record{}
		}
		s.sessions[c][e] = r
	}
	b.counts.aggregated.Add(1)
	return e.counted
}

func (b *book) shard(c *pdp.Connection) *shard {
	// Sessions' ids are random text; an allocation's address is as good where they are not.
	return &b.counting[(uintptr(unsafe.Pointer(c))>>6)%shards]
}

type room uint8

const (
	// roomNone: the reuse must not be.
	roomNone room = iota
	// roomTaken: there is room for the record, and it is taken.
	roomTaken
	// roomDropped: there is none, and the reuse is not recorded.
	roomDropped
)

// reserve takes room for a record.
func (b *book) reserve(r *record) room {
	r.octets = r.size()
	for used := b.octets.Load(); ; used = b.octets.Load() {
		switch {
		case r.octets > maxRecord || b.closed.Load():
			return roomNone
		case used+r.octets <= b.opt.Queue:
			if b.octets.CompareAndSwap(used, used+r.octets) {
				b.records.Add(1)
				return roomTaken
			}
		case !b.opt.Drop:
			return roomNone
		default:
			if n := b.counts.dropped.Add(1); b.dropped.now() {
				b.opt.Log.Error("reuses of decisions not recorded", "total", n)
			}
			return roomDropped
		}
	}
}

// release gives the room of records back.
func (b *book) release(rs []*record) {
	var octets uint64
	for _, r := range rs {
		octets += r.octets
	}
	b.octets.Add(-octets)
	b.records.Add(-int64(len(rs)))
}

// put queues records.
func (b *book) put(rs ...*record) {
	b.mu.Lock()
	b.queue = append(b.queue, rs...)
	n := len(b.queue)
	b.mu.Unlock()
	if n >= b.opt.Batch {
		select {
		case b.full <- struct{}{}:
		default:
		}
	}
}

// end queues what was counted in for a session.
func (b *book) end(c *pdp.Connection) {
	s := b.shard(c)
	s.mu.Lock()
	rs := values(s.sessions[c])
	delete(s.sessions, c)
	s.mu.Unlock()
	if len(rs) > 0 {
		b.put(rs...)
	}
}

// sweep queues all that was counted in.
func (b *book) sweep() {
	for i := range b.counting {
		s := &b.counting[i]
		var rs []*record
		s.mu.Lock()
		for _, of := range s.sessions {
			rs = append(rs, values(of)...)
		}
		clear(s.sessions)
		s.mu.Unlock()
		if len(rs) > 0 {
			b.put(rs...)
		}
	}
}

func values(m map[*entry]*record) (rs []*record) {
	for _, r := range m {
		rs = append(rs, r)
	}
	return rs
}

// run sends what is queued.
func (b *book) run() {
	defer close(b.done)
	tick := time.NewTicker(b.opt.Interval)
	defer tick.Stop()
	swept := time.Now()
	for last := false; !last; {
		select {
		case <-b.full:
		case <-tick.C:
		case <-b.closing:
			last = true
		}
		if now := time.Now(); last || now.Sub(swept) >= b.opt.Aggregate {
			b.sweep()
			swept = now
		}
		b.mu.Lock()
		rs := b.queue
		b.queue = nil
		b.mu.Unlock()
		b.sender.send(rs, b.release)
	}
}

// close sends what is left.
func (b *book) close(ctx context.Context) error {
	b.closed.Store(true)
	close(b.closing)
	defer context.AfterFunc(ctx, b.sender.giveUp)()
	<-b.done
	b.sender.giveUp()
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []*deciderv1.Reused // of sessions that have outlived it
	for _, r := range b.queue {
		left = append(left, r.report())
	}
	b.sender.lose(left, errClosed)
	if n := b.sender.lost; n > 0 {
		return fmt.Errorf("reuse: records of %d reuses were lost", n)
	}
	return nil
}

// maxRecord bounds a record. What is over it is asked.
const maxRecord = 1 << 20

// size is about what the record takes, with what it refers to.
func (r *record) size() uint64 {
	n := uint64(unsafe.Sizeof(*r)) + 512
	if c := r.question.Command; c != nil {
		n += uint64(unsafe.Sizeof(*c)) + 2*uint64(len(c.Raw)) + uint64(len(c.Args))*uint64(unsafe.Sizeof(wire.Token{}))
	}
	if p := r.question.Response; p != nil {
		n += uint64(unsafe.Sizeof(*p)) + uint64(len(p.Raw)) + uint64(len(p.Args))*uint64(unsafe.Sizeof(wire.Token{}))
	}
	return n
}

// newID is a record's decision id.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
