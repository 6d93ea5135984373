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

// source is a socket that a loop watches for someone else than a session.
type source interface {
	// ready is called on the loop.
	ready(readiness)
}

// reactor is a loop that runs the sessions whose sockets it has: those that have something to do, one after the other, for a bounded
// time each. An idle session costs it nothing but its place.
type reactor struct {
	poll    *poller
	scratch scratch
	timers  timers

	mu   sync.Mutex
	legs []*leg // by file descriptor
	// others are the sockets that no session has, or not yet.
	others map[int]source
	pings  []chan<- struct{}
	again  []*relay
	woken  bool // it will look at again
	ended  bool
	done   chan struct{}
}

func newReactor(busy time.Duration) (*reactor, error) {
	p, err := newPoller(busy)
	if err != nil {
		return nil, err
	}
	r := &reactor{poll: p, others: map[int]source{}, done: make(chan struct{})}
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
	delete(r.others, l.fd)
	r.mu.Unlock()
	if l.watched {
		return nil
	}
	return r.poll.add(l.fd)
}

// forget forgets a leg, whose socket is about to be closed. That takes it out of the poller, too, for there is no duplicate.
func (r *reactor) forget(l *leg) {
	r.mu.Lock()
	if l.fd < len(r.legs) && r.legs[l.fd] == l {
		r.legs[l.fd] = nil
	}
	r.mu.Unlock()
}

// lend has a leg's socket watched for who waits for it now.
func (r *reactor) lend(l *leg, to source) {
	r.mu.Lock()
	r.legs[l.fd] = nil
	r.others[l.fd] = to
	r.mu.Unlock()
}

// keep has s told of a socket.
func (r *reactor) keep(fd int, s source) {
	r.mu.Lock()
	r.others[fd] = s
	r.mu.Unlock()
}

// watch has a socket watched.
func (r *reactor) watch(fd int, s source) error {
	r.keep(fd, s)
	return r.poll.add(fd)
}

// unwatch is for one that is about to be closed.
func (r *reactor) unwatch(fd int) {
	r.mu.Lock()
	delete(r.others, fd)
	r.mu.Unlock()
}

// listen has a listening socket watched, as other loops may, too.
func (r *reactor) listen(fd int, s source) error {
	r.keep(fd, s)
	return r.poll.listen(fd)
}

// unlisten ends that. The socket may outlive fd, so that the poller must be told.
func (r *reactor) unlisten(fd int) {
	r.poll.remove(fd)
	r.unwatch(fd)
}

// ping has the loop close a channel.
func (r *reactor) ping(answer chan<- struct{}) {
	r.mu.Lock()
	r.pings = append(r.pings, answer)
	r.mu.Unlock()
	r.poll.wake()
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
	type other struct {
		source
		is readiness
	}
	var events []event
	var others []other
	var again []*relay
	for {
		clear(others)
		events, others = events[:0], others[:0]
		r.mu.Lock()
		look := len(r.again) > 0
		r.mu.Unlock()
		if err := r.poll.wait(look, func(fd int, ready readiness) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if fd < len(r.legs) && r.legs[fd] != nil {
				events = append(events, event{r.legs[fd], ready})
			} else if s := r.others[fd]; s != nil {
				others = append(others, other{s, ready})
			}
		}); err != nil {
			panic(err) // the descriptor is no poller: nothing can be done, and nobody would be served
		}
		r.mu.Lock()
		again, r.again = r.again, again[:0]
		r.woken = false
		ended := r.ended
		for _, answer := range r.pings {
			close(answer)
		}
		r.pings = nil
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
		for _, o := range others {
			o.ready(o.is)
		}
	}
}
