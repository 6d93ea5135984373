package pep

import (
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// deadline is when the session has been silent, or without login, for too long. r.mu is held.
func (r *relay) deadline() (at time.Time, reason, text string) {
	t := r.server.opt.Timeouts
	switch {
	case r.legs[session.Client].eof:
		return r.active.Add(t.HalfClosed), "silent after the client closed its side", ""
	case r.sess.LoggedIn():
		return r.active.Add(t.Idle), "idle for too long", "idle for too long"
	}
	return r.since.Add(t.Login), "no login in time", "no login in time"
}

// watch ends the session when its deadline has come, and else waits for it.
func (r *relay) watch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sess.Closing(session.Client) {
		return
	}
	at, reason, text := r.deadline()
	if left := time.Until(at); left > 0 {
		r.watchdog.Reset(left)
		return
	}
	r.sess.Abort(reason, text, nil)
	r.pump(nobody)
}

// rearm is called when another deadline applies, which may be earlier. r.mu is held.
func (r *relay) rearm() {
	at, _, _ := r.deadline()
	if r.watchdog != nil {
		r.watchdog.Reset(time.Until(at))
	}
}

// stir notes that the session is not idle. r.mu is held.
func (r *relay) stir() { r.active, r.trickled = time.Now(), 0 }

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
		r.since = time.Now()
	}
	r.rearm()
}
