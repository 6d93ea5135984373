package pep

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
)

// Server runs the sessions of all listeners.
type Server struct {
	opt       Options
	reuser    pdp.Reuser // nil: Options.Decider is none
	admission *admission
	loops     *loops

	// starting ends when Shutdown begins: what is not a session yet then does not become one.
	starting context.Context
	stop     context.CancelFunc

	mu        sync.Mutex
	draining  bool
	listeners map[net.Listener]pulse // nil: the loops accept
	acceptors map[*acceptor]struct{}
	relays    map[*relay]struct{}
	running   sync.WaitGroup
	reactors  []*reactor
	next      atomic.Uint32
}

// ErrClosed is what Serve returns after Drain or Shutdown.
var ErrClosed = errors.New("pep: server closed")

const (
	shutdownText = "[UNAVAILABLE] the service is shutting down"
	tooManyText  = "too many sessions"
)

// New makes a server.
func New(o Options) *Server {
	s := &Server{
		opt:       o,
		listeners: map[net.Listener]pulse{},
		acceptors: map[*acceptor]struct{}{},
		relays:    map[*relay]struct{}{},
	}
	s.reuser, _ = o.Decider.(pdp.Reuser)
	if o.After == nil {
		s.admission, s.loops = newAdmission(o.Sessions), newLoops()
	} else {
		s.admission, s.loops = o.After.admission, o.After.loops
	}
	s.starting, s.stop = context.WithCancel(context.Background())
	return s
}

// Serve accepts clients until Drain or Shutdown, or until the listener fails for good.
func (s *Server) Serve(l Listener) error {
	l.shared = l.Session.Filled()
	l.shared.Progress = s.opt.Tracer != nil
	l.Upstream.direct = !l.Session.ServerTLS && sockaddr(l.Upstream.Network, l.Upstream.Address) != nil
	beat, err := s.begin(l.Listener)
	if err != nil {
		return errors.Join(err, l.Listener.Close())
	}
	defer s.running.Done()
	defer l.Listener.Close()
	if a, err := s.acceptor(&l); a != nil || err != nil {
		if err == nil {
			<-a.done
			err = a.err
		}
		return err
	}
	var wait time.Duration
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			if s.closed() {
				return ErrClosed
			}
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			if beat.answer(l.Listener, err) {
				continue
			}
			// Most likely there are no file descriptors left. Sessions that end give some back.
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			s.tell(&Event{Name: AcceptFailed, Listener: l.Name, Err: err})
			select {
			case <-time.After(wait):
			case <-s.starting.Done():
			}
			continue
		}
		wait = 0
		s.running.Add(1)
		s.admit(&l, conn)
	}
}

// begin registers a listener, unless it is too late, and starts the loops with the first.
func (s *Server) begin(l net.Listener) (pulse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return nil, ErrClosed
	}
	for len(s.reactors) < runtime.NumCPU() {
		r, err := newReactor(s.opt.BusyPoll)
		if err != nil {
			return nil, err
		}
		s.reactors = append(s.reactors, r)
	}
	beat := make(pulse, 1)
	s.listeners[l] = beat
	s.running.Add(1)
	return beat, nil
}

// reactor is the one whose turn it is to get a session.
func (s *Server) reactor() *reactor {
	return s.reactors[s.next.Add(1)%uint32(len(s.reactors))]
}

// closed tells that no one is accepted any more.
func (s *Server) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// close stops accepting; s.mu is held.
func (s *Server) close() {
	s.draining = true
	for a := range s.acceptors {
		a.end(ErrClosed)
	}
	for l := range s.listeners {
		_ = l.Close()
	}
}

// admit gives a connection, which counts as running already, its session if there may be one more.
func (s *Server) admit(l *Listener, c net.Conn) {
	p, bound := s.admission.enter()
	if p == nil {
		s.sendAway(l, c, &Event{Name: TooMany, Listener: l.Name, Client: c.RemoteAddr().String(), Reason: bound}, tooManyText)
		s.running.Done()
		return
	}
	if k, ok := c.(*fdConn); ok && !l.waits(k) {
		s.session(l, c, p)
		return
	}
	go s.session(l, c, p)
}

// left gives a connection's place back.
func (s *Server) left(p *place) {
	p.leave()
	s.running.Done()
}

// add registers a session, which Shutdown will end; false: it has begun, and will not.
func (s *Server) add(r *relay) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relays[r] = struct{}{}
	return s.starting.Err() == nil
}

func (s *Server) remove(r *relay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.relays, r)
}

// TakeOver makes the server's bounds those of all sessions, with the ones of the servers before.
func (s *Server) TakeOver() { s.admission.bind(s.opt.Sessions) }

// Sessions is how many there are, with those of the servers before.
func (s *Server) Sessions() int { return s.admission.sessions() }

// Refuse stops accepting: the listeners are closed.
func (s *Server) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

// Drain stops accepting, and waits until the sessions have ended by themselves. When ctx is done first, it returns ctx's error,
// and they go on.
func (s *Server) Drain(ctx context.Context) error {
	s.Refuse()
	select {
	case <-s.ended():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Shutdown stops accepting, tells all clients BYE, and waits until their sessions have ended. When ctx is done first, it
// cuts them, and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stop()
	s.close()
	relays := s.all()
	s.mu.Unlock()
	for _, r := range relays {
		r.abort("shutdown", shutdownText)
	}

	ended := s.ended()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	relays = s.all()
	s.mu.Unlock()
	for _, r := range relays {
		r.cut()
	}
	<-ended
	return ctx.Err()
}

// ended is closed when all sessions have ended. The listeners are closed.
func (s *Server) ended() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		s.mu.Lock()
		reactors := s.reactors
		s.reactors = nil
		s.mu.Unlock()
		for _, r := range reactors {
			r.stop()
		}
		close(ended)
	}()
	return ended
}

// all are the sessions; s.mu is held.
func (s *Server) all() []*relay {
	out := make([]*relay, 0, len(s.relays))
	for r := range s.relays {
		out = append(out, r)
	}
	return out
}

// tell gives an event to whoever listens.
func (s *Server) tell(e *Event) {
	if s.opt.OnEvent == nil {
		return
	}
	s.opt.OnEvent(e)
}
