package pep

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// acceptsAtOnce is how many connections a loop accepts before its sessions get their turn.
	acceptsAtOnce = 16
	// The bounds of the pause when no connection can be accepted. Most likely there are no file descriptors left: sessions that end
	// give some back.
	minAcceptPause, maxAcceptPause = 5 * time.Millisecond, time.Second
)

// acceptor accepts a listener's connections on the loops, whichever is free.
type acceptor struct {
	server   *Server
	listener *Listener
	reactors []*reactor
	addr     net.Addr

	mu sync.RWMutex // held for writing where fd changes
	fd int          // a duplicate of the listener's, for the loops alone; -1: it is closed
	// inherits: those who connect get the options that inherited has set. Who was waiting before does not.
	inherits atomic.Bool
	paused   bool // the loops are not told of connections
	pause    time.Duration

	once sync.Once
	done chan struct{}
	err  error // why it ended, once done is closed
}

// acceptor has the loops accept from a listener; nil: it is none that they can, and a goroutine has to.
func (s *Server) acceptor(l *Listener) (*acceptor, error) {
	var c syscall.Conn
	switch k := l.Listener.(type) {
	case *net.TCPListener:
		c = k
	case *net.UnixListener:
		c = k
	default: // it may do more than accept
		return nil, nil
	}
	fd, err := duplicate(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &acceptor{server: s, listener: l, reactors: s.reactors, addr: l.Listener.Addr(), fd: fd, done: make(chan struct{})}
	if s.draining {
		a.end(ErrClosed)
		return a, nil
	}
	s.acceptors[a] = struct{}{}
	s.listeners[l.Listener] = nil
	inherited(fd)
	if err := a.watch(); err != nil {
		a.end(err)
	}
	return a, nil
}

// watch has the loops told of connections.
func (a *acceptor) watch() error {
	for _, r := range a.reactors {
		if err := r.listen(a.fd, a); err != nil {
			return err
		}
	}
	return nil
}

// ready accepts what is there, on a loop.
func (a *acceptor) ready(readiness) {
	for range acceptsAtOnce {
		conn, err := a.accept()
		switch {
		case err == nil:
			a.server.admit(a.listener, conn)
		case err == syscall.EAGAIN:
			a.inherits.Store(true)
			return
		case a.server.closed():
			return
		case lost(err):
		default:
			a.failed(err)
			return
		}
	}
}

// lost tells that it was one connection that failed (accept(2)).
func lost(err error) bool {
	return err == syscall.ECONNABORTED || err == syscall.EINTR || err == syscall.EPROTO
}

// accept takes one connection. Whoever closes the acceptor waits for it, and so for the session that it counts.
func (a *acceptor) accept() (*fdConn, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.fd < 0 {
		return nil, syscall.EAGAIN
	}
	fd, peer, err := acceptFD(a.fd)
	if err != nil {
		return nil, err
	}
	if !a.inherits.Load() {
		setOptions(fd)
	}
	a.server.running.Add(1)
	c := &fdConn{reactor: a.server.reactor(), fd: fd, remote: address(peer), local: a.addr}
	if _, ok := a.addr.(*net.TCPAddr); ok {
		c.local = localAddress(fd) // that of the listener may be all addresses
	}
	return c, nil
}

// failed pauses where accepting will do again, and ends where it will not.
func (a *acceptor) failed(err error) {
	if errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSOCK) {
		a.end(err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.paused || a.fd < 0 {
		return
	}
	a.server.tell(&Event{Name: AcceptFailed, Listener: a.listener.Name, Err: err})
	a.paused = true
	a.pause = min(max(2*a.pause, minAcceptPause), maxAcceptPause)
	a.unwatch()
	time.AfterFunc(a.pause, a.resume)
}

// resume ends a pause.
func (a *acceptor) resume() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd < 0 {
		return
	}
	a.paused = false
	if err := a.watch(); err != nil {
		go a.end(err)
		return
	}
	// The next pause is longer only if nothing comes of this one.
	time.AfterFunc(2*a.pause, a.recovered)
}

func (a *acceptor) recovered() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.paused {
		a.pause = 0
	}
}

// unwatch has the loops told of no more connections. a.mu is held for writing.
func (a *acceptor) unwatch() {
	for _, r := range a.reactors {
		r.unlisten(a.fd)
	}
}

// end stops accepting; err is what Serve returns.
func (a *acceptor) end(err error) {
	a.once.Do(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.paused {
			a.unwatch() // the socket outlives its duplicate, and so would the loops' interest in it
		}
		_ = syscall.Close(a.fd)
		a.fd, a.err = -1, err
		close(a.done)
	})
}
