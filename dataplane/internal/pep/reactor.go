package pep

import (
	"sync"
	"time"
)

// readiness is what a socket is ready for.
type readiness struct {
	read, write bool
	// end: the peer has closed its side, or the connection is broken.
	end bool
}

// reactor is a loop that runs the sessions whose sockets it has: those that have something to do, one after the other, for a bounded
// time each. An idle session costs it nothing but its place.
type reactor struct {
	poll    *poller
	scratch scratch

	mu    sync.Mutex
	legs  []*leg // by file descriptor
	again []*relay
	woken bool // it will look at again
	ended bool
	done  chan struct{}
}

func newReactor(busy time.Duration) (*reactor, error) {
	p, err := newPoller(busy)
	if err != nil {
		return nil, err
	}
	r := &reactor{poll: p, done: make(chan struct{})}
	go r.run()
	return r, nil
}

// stop ends it. It has no sessions any more.
func (r *reactor) stop() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.poll.wake()
	<-r.done
}

// add has a leg's socket watched, from now on.
func (r *reactor) add(l *leg) error {
	r.mu.Lock()
	for l.fd >= len(r.legs) {
		r.legs = append(r.legs, make([]*leg, max(64, len(r.legs)))...)
	}
	r.legs[l.fd] = l
	r.mu.Unlock()
	return r.poll.add(l.fd)
}

// remove forgets a leg, whose socket is about to be closed or to be used otherwise.
func (r *reactor) remove(l *leg) {
	r.poll.remove(l.fd)
	r.mu.Lock()
	r.legs[l.fd] = nil
	r.mu.Unlock()
}

// later has a session run on the loop.
func (r *reactor) later(s *relay) {
	r.mu.Lock()
	r.again = append(r.again, s)
	wake := !r.woken
	r.woken = true
	r.mu.Unlock()
	if wake {
		r.poll.wake()
	}
}

func (r *reactor) run() {
	defer close(r.done)
	defer r.poll.close()
	type event struct {
		leg *leg
		readiness
	}
	var events []event
	var again []*relay
	for {
		events = events[:0]
		r.mu.Lock()
		look := len(r.again) > 0
		r.mu.Unlock()
		if err := r.poll.wait(look, func(fd int, ready readiness) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if l := r.legs[fd]; l != nil {
				events = append(events, event{l, ready})
			}
		}); err != nil {
			panic(err) // the descriptor is no poller: nothing can be done, and nobody would be served
		}
		r.mu.Lock()
		again, r.again = r.again, again[:0]
		r.woken = false
		ended := r.ended
		r.mu.Unlock()
		if ended {
			return
		}
		// All that has come is read before anything is sent: peers that are woken one by one have one thing to do each time.
		for _, e := range events {
			e.leg.relay.ready(e.leg, e.readiness, &r.scratch)
		}
		for _, s := range again {
			s.resume(&r.scratch)
		}
		for _, e := range events {
			e.leg.relay.resume(&r.scratch)
		}
	}
}
