package pep

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// asleep is a listener whose Accept does not come back before it is closed, whatever the deadline.
type asleep struct {
	net.Listener
	woken context.Context
	wake  context.CancelFunc
}

func (l *asleep) Accept() (net.Conn, error) { <-l.woken.Done(); return nil, net.ErrClosed }

func (l *asleep) SetDeadline(time.Time) error { return nil }

func (l *asleep) Close() error { l.wake(); return l.Listener.Close() }

// TestAlive: a server is alive as long as its accepting goroutines answer and its locks are free.
func TestAlive(t *testing.T) {
	serve := func(l net.Listener) *Server {
		s := New(Options{Sessions: Sessions{All: 1, BeforeLogin: 1, PerNetwork: 1}})
		done := make(chan error, 1)
		go func() { done <- s.Serve(Listener{Listener: l}) }()
		t.Cleanup(func() {
			if err := s.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			if err := <-done; err != ErrClosed {
				t.Errorf("Serve: %v", err)
			}
		})
		for len(s.current()) == 0 {
			time.Sleep(time.Millisecond)
		}
		return s
	}
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}

	s := serve(listen())
	for range 3 {
		if err := s.Alive(context.Background()); err != nil {
			t.Error(err)
		}
	}
	s.mu.Lock()
	err := s.Alive(soon())
	s.mu.Unlock()
	if err == nil || !strings.Contains(err.Error(), "the sessions do not answer") {
		t.Errorf("with its lock held: %v", err)
	}
	if err := s.Alive(context.Background()); err != nil {
		t.Errorf("with its lock free again: %v", err)
	}

	woken, wake := context.WithCancel(context.Background())
	if err := serve(&asleep{listen(), woken, wake}).Alive(soon()); err == nil || !strings.Contains(err.Error(), "does not accept") {
		t.Errorf("with an Accept that does not answer: %v", err)
	}
}
