package pep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"time"
)

// pulse has an answer of a listener's accepting goroutine.
type pulse chan struct{}

// prodded are listeners whose Accept can be woken.
type prodded interface{ SetDeadline(time.Time) error }

// answer is called with Accept's error; true: it was Alive that woke it.
func (p pulse) answer(l net.Listener, err error) bool {
	at, ok := l.(prodded)
	if !ok || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	_ = at.SetDeadline(time.Time{})
	select {
	case p <- struct{}{}:
	default:
	}
	return true
}

// Alive tells that clients would be accepted and served: each loop answers, and each goroutine that accepts, and no lock that sessions share is
// held for good. The error says what does not answer before ctx is done. One call at a time.
func (s *Server) Alive(ctx context.Context) error {
	free := make(chan map[net.Listener]pulse, 1)
	go func() {
		s.admission.sessions()
		free <- s.current()
	}()
	var all map[net.Listener]pulse
	select {
	case all = <-free:
	case <-ctx.Done():
		return errors.New("pep: the sessions do not answer")
	}
	for _, r := range s.loopsNow() {
		answer := make(chan struct{})
		r.ping(answer)
		select {
		case <-answer:
		case <-r.done:
		case <-ctx.Done():
			return errors.New("pep: a loop does not answer")
		}
	}
	for l, p := range all {
		at, ok := l.(prodded)
		if !ok || p == nil {
			continue
		}
		select {
		case <-p: // of a call that did not wait for it
		default:
		}
		if at.SetDeadline(time.Unix(1, 0)) != nil {
			continue // closed
		}
		select {
		case <-p:
		case <-ctx.Done():
			if !s.closed() {
				return fmt.Errorf("pep: the listener on %v does not accept", l.Addr())
			}
		}
	}
	return nil
}

// current are the listeners.
func (s *Server) current() map[net.Listener]pulse {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.listeners)
}

// loopsNow are the loops.
func (s *Server) loopsNow() []*reactor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reactors
}
