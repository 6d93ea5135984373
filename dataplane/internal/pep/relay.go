package pep

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/spans"
)

// relay runs one session.
type relay struct {
	server   *Server
	listener *Listener
	about    Event // whose events these are
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup // writers, closers and questions
	place    *place
	spans    *spans.Session // nil: it is not traced

	mu   sync.Mutex
	wake *sync.Cond // something changed that a reader may wait for
	sess *session.Session
	conn *pdp.Connection
	legs [2]leg
	// active is when the session was last not idle; since is when the client last had no login to show.
	active, since time.Time
	// trickled is what the client has sent since, of a command that is not whole.
	trickled uint64
	watchdog *time.Timer
	ended    Event
}

// leg is one side's connection.
type leg struct {
	conn net.Conn // nil: it never came about
	// reading ends when nothing more is read from conn.
	reading chan struct{}
	// writing: a goroutine writes to conn, and will write what comes meanwhile.
	writing bool
	// spare is what the machine's output goes into while the last is being written.
	spare []byte
	// broken: conn takes no more octets.
	broken bool
	// closing: it is closed, or about to be.
	closing bool
	eof     bool
	read    uint64
}

func newRelay(s *Server, l *Listener, c pdp.Connection, about Event, p *place) *relay {
	now := time.Now()
	cfg := l.Session
	if l.Upstream.ID {
		cfg.ServerID = serverID(&c)
	}
	cfg.Progress = s.opt.Tracer != nil
	r := &relay{
		server:   s,
		listener: l,
		about:    about,
		sess:     session.New(cfg),
		place:    p,
		conn:     c.Prepare(),
		active:   now,
		since:    c.Connected,
	}
	r.wake = sync.NewCond(&r.mu)
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.spans = spans.Begin(r.ctx, s.opt.Tracer, &c)
	for i := range r.legs {
		r.legs[i].reading = make(chan struct{})
	}
	return r
}

// run serves the session until both connections are closed.
func (r *relay) run() {
	defer r.cancel()
	r.mu.Lock()
	r.watchdog = time.AfterFunc(r.server.opt.Timeouts.Login, r.watch)
	r.pump(nobody)
	r.mu.Unlock()

	go r.read(session.Server)
	r.read(session.Client)
	<-r.legs[session.Server].reading
	r.watchdog.Stop()
	r.cancel() // a question in flight is of no use to anyone now
	r.running.Wait()
	if reuser := r.server.reuser; reuser != nil {
		reuser.End(r.conn)
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended.Took = time.Since(r.conn.Connected)
	r.ended.FromClient, r.ended.FromServer = r.legs[session.Client].read, r.legs[session.Server].read
	r.server.tell(r.ended)
	r.spans.End(r.ended.Reason, r.ended.Err)
}

// nobody is the side that no caller of pump writes to itself.
const nobody session.Side = 2

// pump carries out all that the machine wants. r.mu is held, but not while the caller writes to the side that it gives.
func (r *relay) pump(own session.Side) {
	r.ask()
	r.tell()
	for _, side := range []session.Side{session.Client, session.Server} {
		if side == own {
			continue
		}
		if out := r.take(side); out != nil {
			r.running.Go(func() { r.write(side, out) })
		}
	}
	if own != nobody {
		if out := r.take(own); out != nil {
			r.mu.Unlock()
			r.write(own, out)
			r.mu.Lock()
		}
	}
	r.closeLegs()
	r.wake.Broadcast()
}

// take is what the machine has for a side, which the caller must then write; nil: nothing, or another goroutine writes.
func (r *relay) take(side session.Side) []byte {
	l := &r.legs[side]
	if l.writing {
		return nil
	}
	if l.conn == nil || l.broken {
		r.sess.Take(side, nil)
		return nil
	}
	out := r.sess.Take(side, l.spare)
	if out != nil {
		l.writing, l.spare = true, nil
	}
	return out
}

// ask puts the machine's questions.
func (r *relay) ask() {
	for a, ok := r.sess.Ask(); ok; a, ok = r.sess.Ask() {
		r.put(a.ID, a.Question)
	}
}

// put puts one. It is not part of ask, whose variables would then be allocated even where there is no question.
func (r *relay) put(id uint64, q session.Question) {
	r.stir()
	ctx := r.ctx
	if r.spans != nil {
		ctx = r.spans.Ask(ctx, &q)
	}
	if reuser := r.server.reuser; reuser != nil {
		if d, ok := reuser.Reuse(r.conn, q); ok {
			r.spans.Answer(q.First, q.Kind, d, nil)
			r.sess.Resolve(id, d, nil)
			return
		}
	}
	r.running.Add(1)
	first, kind := q.First, q.Kind // q itself would then be allocated even where it is reused
	r.server.opt.Decider.Ask(ctx, r.conn, q, func(d *session.Decision, err error) {
		defer r.running.Done()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.spans.Answer(first, kind, d, err)
		r.sess.Resolve(id, d, err)
		r.pump(nobody)
	})
}

// tell passes the machine's events on.
func (r *relay) tell() {
	for {
		s, ok := r.sess.Event()
		if !ok {
			return
		}
		if r.spans.Tell(s) {
			continue
		}
		e := r.about
		e.User = r.sess.Snapshot().Identity.User
		e.add(s)
		switch s.Type {
		case session.Ended:
			if s.Reason == session.ServerClosed {
				r.server.tell(r.about.failed(upstreamClosed, s.Err))
			}
			// It is told when the connections are closed, with the sums.
			r.ended = e
			continue
		case session.StateChanged:
			r.stateChanged()
		}
		r.server.tell(e)
	}
}

// abort ends the session for a reason outside of the protocol.
func (r *relay) abort(reason, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sess.Abort(reason, text, nil)
	r.pump(nobody)
}
