package pep

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// fdConn is a socket that a loop has accepted, or a session has given away for a handshake, as those see it who wait for what comes: a header
// of the PROXY protocol, a handshake. The loop is asked to watch it when somebody waits for the first time.
type fdConn struct {
	reactor       *reactor
	remote, local net.Addr

	mu          sync.Mutex
	fd          int  // -1: closed, or taken
	watched     bool // by the loop
	read, write waiter
}

// waiter is who waits for one direction of an fdConn.
type waiter struct {
	told  chan struct{} // that it is worth another look; nil: nobody has waited
	until time.Time     // the deadline; zero: none
}

// tell has the waiter look again. fdConn.mu is held.
func (w *waiter) tell() {
	select {
	case w.told <- struct{}{}:
	default: // it is told already, or there is none
	}
}

// Read implements net.Conn.
func (c *fdConn) Read(p []byte) (n int, err error) {
	if n, err = c.do(&c.read, readFD, p); n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Write implements net.Conn.
func (c *fdConn) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = c.do(&c.write, func(fd int, p []byte) (int, error) { return writeFD(fd, p, false) }, p[n:])
		n += m
	}
	return n, err
}

// do calls until that does not say that it would have to wait.
func (c *fdConn) do(w *waiter, call func(int, []byte) (int, error), p []byte) (int, error) {
	for {
		n, told, until, err := c.try(w, call, p)
		if told == nil {
			return n, err
		}
		if until.IsZero() {
			<-told
			continue
		}
		late := time.NewTimer(time.Until(until))
		select {
		case <-told:
		case <-late.C:
		}
		late.Stop()
	}
}

// try calls once. told is what to wait for before the next; nil: the call is done.
func (c *fdConn) try(w *waiter, call func(int, []byte) (int, error), p []byte) (n int, told chan struct{}, until time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.fd < 0:
		return 0, nil, until, net.ErrClosed
	case !w.until.IsZero() && !time.Now().Before(w.until):
		return 0, nil, until, os.ErrDeadlineExceeded
	}
	if n, err = call(c.fd, p); err != syscall.EAGAIN {
		return n, nil, until, err
	}
	if w.told == nil {
		w.told = make(chan struct{}, 1)
	}
	if !c.watched {
		if err := c.reactor.watch(c.fd, c); err != nil {
			return 0, nil, until, err
		}
		c.watched = true
	}
	return 0, w.told, w.until, nil
}

// ready is called on the loop.
func (c *fdConn) ready(is readiness) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if is.read {
		c.read.tell()
	}
	if is.write {
		c.write.tell()
	}
}

// take gives the socket to a leg; watched: the loop tells of it already, and the leg is to be told instead.
func (c *fdConn) take() (fd int, watched bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fd, watched = c.fd, c.watched
	c.fd = -1
	return fd, watched
}

// Close implements net.Conn.
func (c *fdConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd < 0 {
		return net.ErrClosed
	}
	if c.watched {
		c.reactor.unwatch(c.fd)
	}
	err := syscall.Close(c.fd)
	c.fd = -1
	c.read.tell()
	c.write.tell()
	return err
}

// LocalAddr implements net.Conn.
func (c *fdConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *fdConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *fdConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *fdConn) SetReadDeadline(t time.Time) error { return c.limit(&c.read, t) }

// SetWriteDeadline implements net.Conn.
func (c *fdConn) SetWriteDeadline(t time.Time) error { return c.limit(&c.write, t) }

func (c *fdConn) limit(w *waiter, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.until = t
	w.tell()
	return nil
}
