package pep

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// linger is how long a client may take to close its side once it was told BYE. Were its connection closed with octets unread, TCP
// would reset it, and the BYE could be lost.
const linger = 2 * time.Second

// close closes what the machine is done with. r.mu is held.
func (r *relay) close() {
	for i := range r.legs {
		l := &r.legs[i]
		if l.fd < 0 || l.parting || !r.sess.Closing(l.side) || !l.broken && r.backlog(l) > 0 {
			continue
		}
		if l.side == session.Server || l.broken || !r.part(l) {
			r.shut(l)
		}
	}
}

// part ends the client's connection so that all that was written arrives; false: that is not possible, or has happened.
func (r *relay) part(l *leg) bool {
	if l.tls != nil {
		_ = l.tls.CloseWrite()
		if done, err := l.flush(); err != nil || !done {
			return false
		}
	}
	if unix.Shutdown(l.fd, unix.SHUT_WR) != nil || l.eof {
		return false
	}
	l.parting, r.parted = true, now()
	r.rearm()
	return true
}

// leftover takes what a client says that was told the end, until it closes its side.
func (r *relay) leftover(l *leg, s *scratch) bool {
	if !l.parting {
		return false
	}
	n, err := l.receiveRaw(s.input())
	if err != nil {
		r.shut(l)
	}
	return n > 0
}

// shut closes a connection.
func (r *relay) shut(l *leg) {
	r.reactor.forget(l)
	_ = unix.Close(l.fd)
	l.fd, l.tls, l.sock, l.dialing = -1, nil, nil, false
	l.forget()
	l.blocked = 0
}

// cut closes both connections at once, whatever is on its way.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sess.Abort("cut off", "", nil)
	for i := range r.legs {
		l := &r.legs[i]
		l.broken = true
		if l.upgrading != nil {
			_ = l.upgrading.Close()
		}
		if l.fd >= 0 {
			r.shut(l)
		}
	}
	r.run()
}
