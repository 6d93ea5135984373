package pep

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/spans"
)

// relay is all that a session holds, in one piece: what is allocated by itself among what a command takes for a moment keeps a page
// of the heap from being given back.
//
// It runs one session: whenever a socket of its is ready, a question is answered, or its time has come. What is to be done then is
// done at once, without waiting for anything, and by whoever brought it.
type relay struct {
	server   *Server
	listener *Listener
	reactor  *reactor
	about    about
	place    place
	met      [2]meeting     // of each leg, until the peer has said something
	spans    *spans.Session // nil: it is not traced

	mu   sync.Mutex
	sess session.Session
	conn *pdp.Connection // own, until STARTTLS
	own  own
	legs [2]leg
	// asking is the context of the questions in flight, of which there are asked; nil: it was not needed. busy are they and handshakes.
	asking      *asking
	asked, busy int32
	// active is when the session was last not idle; since is when the client last had no login to show.
	active, since moment
	// parted is when the client was told the end.
	parted moment
	// trickled is what the client has sent since, of a command that is not whole.
	trickled uint64
	armed    moment // when watch is called
	slot     int32  // of the reactor's timers
	stirring bool   // active is to be now
	over     bool
	ended    *Event
}

// asking is the context of questions in flight.
type asking struct {
	context.Context
	cancel context.CancelFunc
}

// own is the connection with its addresses.
type own struct {
	pdp.Connection
	ends [2]net.TCPAddr
	ips  [2][net.IPv6len]byte
}

// keep is a copy of an address.
func (o *own) keep(i int, a net.Addr) net.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || len(tcp.IP) > len(o.ips[i]) {
		return a
	}
	o.ends[i] = *tcp
	o.ends[i].IP = o.ips[i][:copy(o.ips[i][:], tcp.IP)]
	return &o.ends[i]
}

// about is whose events these are.
type about struct {
	session, client, proxy string
	listener               *Listener
}

// failed is the event that the server failed.
func (a *about) failed(reason string, err error) *Event {
	e := a.event(UpstreamFailed, err)
	e.Reason = reason
	return e
}

// event is an event of that name.
func (a *about) event(name string, err error) *Event {
	return &Event{Name: name, Session: a.session, Listener: a.listener.Name, Client: a.client, Proxy: a.proxy, Err: err}
}

func newRelay(s *Server, l *Listener, c pdp.Connection, about about, p *place) *relay {
	var id []string
	if l.Upstream.ID {
		id = serverID(&c)
	}
	r := &relay{
		server:   s,
		listener: l,
		about:    about,
		place:    *p,
		active:   now(),
		since:    now().add(-time.Since(c.Connected)),
	}
	r.sess.Init(l.session(), id)
	r.spans = spans.Begin(context.Background(), s.opt.Tracer, &c)
	c.Client, c.Local = r.own.keep(0, c.Client), r.own.keep(1, c.Local)
	r.own.Connection = c
	r.conn = r.own.Prepare()
	for i := range r.legs {
		r.legs[i] = leg{relay: r, side: session.Side(i), fd: -1}
	}
	return r
}

// start has the session run from now on. upstream is the connection to the server; nil: it is made now, or err says why there is none.
func (r *relay) start(client, upstream net.Conn, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if upstream != nil {
		err = r.legs[session.Server].take(upstream)
	}
	if err != nil {
		r.unreachable(err)
	}
	if err := r.legs[session.Client].take(client); err != nil {
		r.sess.Abort("the client's connection failed", "", err)
	}
	if !r.server.add(r) {
		r.sess.Abort("shutdown", shutdownText, nil)
	}
	for i := range r.legs {
		if l := &r.legs[i]; l.fd >= 0 {
			if err := r.reactor.add(l); err != nil {
				r.failed(l, err)
			}
		}
	}
	if upstream == nil && !r.sess.Closing(session.Server) {
		r.dial()
	}
	r.rearm()
	if c := &r.legs[session.Client]; r.legs[session.Server].dialing && c.tls == nil && !c.watched {
		c.readable = false // if there is something, the loop is told of it, now that it watches
		return
	}
	r.run()
}

// ready is called on the loop when a leg's socket is: what has come is read. What is to be sent is sent by resume, which comes next.
func (r *relay) ready(l *leg, is readiness, s *scratch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.readable = l.readable || is.read
	l.writable = l.writable || is.write
	l.ending = l.ending || is.end
	if l.dialing && (is.write || is.end) {
		r.dialed()
	}
	if r.over || !is.read || l.fd < 0 {
		return
	}
	s.lend(r)
	if r.receive(l, s) {
		r.ask(s)
		r.tell(s)
	}
	l.settle()
}

// resume is called on the loop where something is to be done.
func (r *relay) resume(s *scratch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runWith(s)
}

// run does all that can be done now, outside of the loop. r.mu is held.
func (r *relay) run() {
	s := scratches.Get().(*scratch)
	r.runWith(s)
	scratches.Put(s)
}

// turns is how often a session reads and writes before others get their turn.
const turns = 16

// runWith is run with a scratch. r.mu is held.
func (r *relay) runWith(s *scratch) {
	if r.over {
		return
	}
	s.lend(r)
	for turn := 0; r.turn(s) && r.more(); turn++ {
		if turn == turns {
			r.reactor.later(r)
			break
		}
	}
	r.push()
	s.reclaim(r)
	r.sess.Rest()
	r.stirred()
	if r.legs[session.Client].fd < 0 && r.legs[session.Server].fd < 0 {
		if r.asking != nil {
			r.asking.cancel() // a question in flight is of no use to anyone now
		}
		if r.busy == 0 {
			r.finish(s)
		}
	}
}

// turn reads what is there, and does what it leads to; false: nothing could be done.
func (r *relay) turn(s *scratch) (moved bool) {
	for i := range r.legs {
		moved = r.receive(&r.legs[i], s) || moved
	}
	r.ask(s)
	r.tell(s)
	for i := range r.legs {
		moved = r.send(&r.legs[i], s) || moved
	}
	r.upgrade()
	r.close()
	return moved
}

// more tells that another turn may do something. Most have done all there is.
func (r *relay) more() bool {
	for i := range r.legs {
		switch l := &r.legs[i]; {
		case l.readable, l.tls != nil, l.upgrading != nil, r.sess.Closing(l.side):
			return true
		case l.writable && r.backlog(l) > 0:
			return true
		}
	}
	return r.sess.Pending()
}

// receive gives the machine what a side says; false: it says nothing that could be taken.
func (r *relay) receive(l *leg, s *scratch) bool {
	if l.fd < 0 || l.broken && !l.parting {
		return false
	}
	if r.sess.Closing(l.side) {
		return r.leftover(l, s)
	}
	n := r.sess.Wants(l.side)
	if n == 0 || l.eof {
		return false
	}
	to := &r.legs[l.side.Other()]
	switch waits := r.backlog(to); {
	case waits >= readSize, to.pipe != nil, l.bulky && waits > 0 && r.sess.Coming(l.side) > 0:
		return false // first that goes on
	case waits == 0 && to.fd >= 0 && !to.broken:
		if n := r.sess.Passing(l.side); n > 0 {
			return r.pass(l, n, s)
		}
	}
	buf := s.input()
	if l.bulky {
		n = min(n, headSize)
	}
	got, err := l.receive(buf[:min(n, len(buf))], s)
	if got == 0 && err == nil {
		return false
	}
	r.feed(l, buf[:got], err)
	l.bulky = r.sess.Long(l.side) || l.bulky && got < headSize
	return true
}

// feed gives the machine what was read.
func (r *relay) feed(l *leg, p []byte, err error) {
	if len(p) > 0 {
		if l.side == session.Client && l.read == 0 && looksIntroduced(p) {
			r.server.tell(r.about.event(session.ClientViolation.String(), errIntroduced))
			r.sess.Abort("a PROXY header from who is not trusted with one", "protocol violation", errIntroduced)
		}
		r.count(l, len(p))
		r.sess.Feed(l.side, p)
	}
	if err != nil {
		l.eof = true
		if errors.Is(err, io.EOF) {
			err = nil
		}
		r.sess.EOF(l.side, err)
		r.rearm()
	}
}

// count notes octets that were read.
func (r *relay) count(l *leg, n int) {
	if l.read == 0 {
		r.server.loops.gone(r.met[l.side], l.side) // it is no loop: what comes round says nothing before it is noticed
		r.met[l.side] = 0
	}
	l.read += uint64(n)
	if o := r.listener.Octets; o != nil {
		o[l.side].Add(uint64(n))
	}
	r.moved(l.side, n)
}

// ask puts the machine's questions.
func (r *relay) ask(s *scratch) {
	for {
		var ok bool
		if s.asked, ok = r.sess.Ask(); !ok {
			return
		}
		r.put(s.asked.ID, &s.asked.Question)
	}
}

// context is that of the questions in flight.
func (r *relay) context() context.Context {
	if r.asking == nil {
		ctx, cancel := context.WithCancel(context.Background())
		r.asking = &asking{ctx, cancel}
	}
	return r.asking.Context
}

// put puts one.
func (r *relay) put(id uint64, q *session.Question) {
	r.stir()
	var ctx context.Context
	if r.spans != nil {
		ctx = r.spans.Ask(r.context(), q)
	}
	if reuser := r.server.reuser; reuser != nil {
		if d, ok := reuser.Reuse(r.conn, q); ok {
			r.spans.Answer(q.First, q.Kind, d, nil)
			r.sess.Resolve(id, d, nil)
			return
		}
	}
	if ctx == nil {
		ctx = r.context()
	}
	r.asked++
	r.busy++
	first, kind := q.First, q.Kind
	r.server.opt.Decider.Ask(ctx, r.conn, *q, func(d *session.Decision, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy--
		if r.asked--; r.asked == 0 {
			r.asking.cancel()
			r.asking = nil
		}
		r.spans.Answer(first, kind, d, err)
		r.sess.Resolve(id, d, err)
		r.run()
	})
}

// tell passes the machine's events on.
func (r *relay) tell(s *scratch) {
	for {
		told, ok := r.sess.Event()
		if !ok {
			return
		}
		if r.spans.Tell(told) {
			continue
		}
		e := &s.event
		*e = Event{Session: r.about.session, Listener: r.listener.Name, Client: r.about.client, Proxy: r.about.proxy, User: r.sess.User()}
		e.add(told)
		switch told.Type {
		case session.Ended:
			if told.Reason == session.ServerClosed {
				r.server.tell(r.about.failed(upstreamClosed, told.Err))
			}
			// It is told when the connections are closed, with the sums.
			ended := *e
			r.ended = &ended
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
	r.run()
}

// finish is the end: both connections are closed, and nothing is under way. r.mu is held.
func (r *relay) finish(s *scratch) {
	r.over = true
	r.tell(s)
	r.reactor.timers.drop(r)
	if reuser := r.server.reuser; reuser != nil {
		reuser.End(r.conn)
	}
	if r.ended != nil {
		r.ended.Took = time.Since(r.conn.Connected)
		r.ended.FromClient, r.ended.FromServer = r.legs[session.Client].read, r.legs[session.Server].read
		r.server.tell(r.ended)
		r.spans.End(r.ended.Reason, r.ended.Err)
	}
	r.server.remove(r)
	for side, m := range r.met {
		r.server.loops.gone(m, session.Side(side))
	}
	r.server.left(&r.place)
}
