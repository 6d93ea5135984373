package e2e

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// recorder passes connections on to an address, and keeps what passes.
type recorder struct {
	addr string
	// secure: both its sides speak TLS, and it keeps what is inside.
	secure bool
	to     string
	// cut closes both sides of a connection when the server has said as many octets; 0: never.
	cut atomic.Int64

	mu            sync.Mutex
	conversations []*conversation
}

// conversation is what passed on one connection.
type conversation struct {
	over chan struct{} // both directions have ended

	mu    sync.Mutex
	steps []step
}

// step is octets that went one way, before any that are in a later step.
type step struct {
	fromServer bool
	octets     []byte
}

// record starts a recorder in front of an address.
func record(t testing.TB, to string, secure bool) *recorder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &recorder{addr: l.Addr().String(), secure: secure, to: to}
	if secure {
		l = tls.NewListener(l, authority.shows())
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c := &conversation{over: make(chan struct{})}
			r.mu.Lock()
			r.conversations = append(r.conversations, c)
			r.mu.Unlock()
			go r.relay(conn, c)
		}
	}()
	return r
}

func (r *recorder) relay(client net.Conn, c *conversation) {
	defer close(c.over)
	defer client.Close()
	server, err := r.dial()
	if err != nil {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { c.copy(server, client, false) })
	both.Go(func() {
		if n := r.cut.Load(); n > 0 {
			c.copy(client, limited{server, io.LimitReader(server, n)}, true)
			_ = server.Close()
			_ = client.Close()
			return
		}
		c.copy(client, server, true)
	})
	both.Wait()
}

// limited is a connection that ends early.
type limited struct {
	net.Conn
	r io.Reader
}

func (l limited) Read(p []byte) (int, error) { return l.r.Read(p) }

func (r *recorder) dial() (net.Conn, error) {
	if r.secure {
		return tls.Dial("tcp", r.to, authority.trusts())
	}
	return net.Dial("tcp", r.to)
}

// copy keeps octets before it passes them on, so that steps are in the order of cause and effect.
func (c *conversation) copy(to, from net.Conn, fromServer bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			c.add(fromServer, buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				_ = from.Close()
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			_ = to.(interface{ CloseWrite() error }).CloseWrite()
			return
		case err != nil:
			_ = to.Close()
			return
		}
	}
}

func (c *conversation) add(fromServer bool, octets []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.steps); n > 0 && c.steps[n-1].fromServer == fromServer {
		c.steps[n-1].octets = append(c.steps[n-1].octets, octets...)
		return
	}
	c.steps = append(c.steps, step{fromServer, append([]byte(nil), octets...)})
}

// from is all that went one way.
func (c *conversation) from(server bool) (octets []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.steps {
		if s.fromServer == server {
			octets = append(octets, s.octets...)
		}
	}
	return octets
}

// wait waits for the connection's end.
func (c *conversation) wait(t testing.TB) {
	t.Helper()
	select {
	case <-c.over:
	case <-time.After(patience):
		t.Fatal("a connection did not end")
	}
}

// all are the conversations so far, in the order in which they began.
func (r *recorder) all() []*conversation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*conversation(nil), r.conversations...)
}
