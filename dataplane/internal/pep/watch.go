package pep

import (
	"os"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// silent is when the session has been silent, or without login, for too long. r.mu is held.
func (r *relay) silent() (at moment, reason, text string) {
	t := r.server.opt.Timeouts
	switch {
	case r.legs[session.Client].eof:
		return r.active.add(t.HalfClosed), "silent after the client closed its side", ""
	case r.sess.LoggedIn():
		return r.active.add(t.Idle), "idle for too long", "idle for too long"
	}
	return r.since.add(t.Login), "no login in time", "no login in time"
}

// deadline is the next of all. r.mu is held.
func (r *relay) deadline() (at moment) {
	sooner := func(t moment) {
		if at == 0 || t < at {
			at = t
		}
	}
	if !r.sess.Closing(session.Client) {
		t, _, _ := r.silent()
		sooner(t)
	}
	for i := range r.legs {
		l := &r.legs[i]
		if l.blocked != 0 {
			sooner(l.blocked.add(r.patience(l)))
		}
		if l.parting && l.fd >= 0 {
			sooner(r.parted.add(linger))
		}
	}
	return at
}

// patience is how long a leg may take nothing.
func (r *relay) patience(l *leg) time.Duration {
	if l.dialing {
		return r.server.opt.Timeouts.Connect
	}
	return r.server.opt.Timeouts.Write
}

// watch acts on the deadlines that have come, and waits for the next.
func (r *relay) watch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	now := now()
	r.armed = 0
	for i := range r.legs {
		l := &r.legs[i]
		late := l.blocked != 0 && now >= l.blocked.add(r.patience(l))
		switch {
		case l.fd < 0:
		case late && l.dialing:
			r.undialed("connect", os.ErrDeadlineExceeded)
		case late:
			r.failed(l, os.ErrDeadlineExceeded)
		case l.parting && now >= r.parted.add(linger):
			r.shut(l)
		}
	}
	if at, reason, text := r.silent(); !r.sess.Closing(session.Client) && now >= at {
		r.sess.Abort(reason, text, nil)
	}
	r.run()
	r.rearm()
}

// rearm is called when another deadline applies, which may be earlier. r.mu is held.
func (r *relay) rearm() {
	at := r.deadline()
	if r.over || at == 0 || r.armed != 0 && at >= r.armed {
		return
	}
	r.armed = at
	r.reactor.timers.set(r, at)
}

// stir notes that the session is not idle. r.mu is held.
func (r *relay) stir() { r.stirring, r.trickled = true, 0 }

// stirred looks at the clock once for all that has stirred. r.mu is held.
func (r *relay) stirred() {
	if r.stirring {
		r.active, r.stirring = now(), false
	}
}

// moved notes octets that were read from a side. Those of a client are not enough by themselves: a command that comes to its end
// stirs, by its question or by an answer, and a long one by every so many octets. So a client that trickles one is idle.
func (r *relay) moved(from session.Side, n int) {
	if from == session.Client {
		if r.trickled += uint64(n); r.trickled < r.server.opt.Progress {
			return
		}
	}
	r.stir()
}

// stateChanged restarts the time for the login where the client has none any more. r.mu is held.
func (r *relay) stateChanged() {
	if r.sess.LoggedIn() {
		r.place.loggedIn()
	} else {
		r.since = now()
	}
	r.rearm()
}
