package pep

import (
	"sync"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// scratch is what sessions read into and write from while they run, so that they hold nothing while they do not. One session has it at a time.
type scratch struct {
	in []byte
	// free are buffers of output that no session has, the one used last at the end. kept is what they hold, in octets.
	free [][]byte
	kept int
	// ciphers and encrypted are what TLS decrypts, and what it has encrypted.
	ciphers, encrypted [2][]byte
	// asked is the question that is put, and event what is told.
	asked session.Ask
	event Event
}

const (
	// readSize is how much is read at once, in octets.
	readSize = 64 << 10
	// headSize is how much is read at once where a long literal may begin in it, in octets.
	headSize = 4 << 10
	// firstBuffer is how large a buffer of output is first.
	firstBuffer = 4 << 10
	// largestKept is how large a buffer of output is kept, in octets, and mostKept how much of them in all: what sessions that run at
	// once say, where it is short.
	largestKept, mostKept = 256 << 10, 1 << 20
)

// scratches are for those who run a session outside of its loop.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) input() []byte {
	if s.in == nil {
		s.in = make([]byte, readSize)
	}
	return s.in
}

func (s *scratch) cipher(side session.Side) []byte {
	if s.ciphers[side] == nil {
		s.ciphers[side] = make([]byte, readSize)
	}
	return s.ciphers[side]
}

// lend gives a session buffers for its output, where it has none.
func (s *scratch) lend(r *relay) {
	for side := range r.legs {
		if r.sess.Lendable(session.Side(side)) {
			r.sess.Take(session.Side(side), s.take())
		}
	}
}

// take is a buffer of output.
func (s *scratch) take() []byte {
	n := len(s.free)
	if n == 0 {
		return make([]byte, 0, firstBuffer)
	}
	p := s.free[n-1]
	s.free[n-1], s.free = nil, s.free[:n-1]
	s.kept -= cap(p)
	return p
}

// give takes a buffer of output back.
func (s *scratch) give(p []byte) {
	if cap(p) == 0 || cap(p) > largestKept || s.kept+cap(p) > mostKept {
		return
	}
	s.free = append(s.free, p[:0])
	s.kept += cap(p)
}

// keep takes back what a leg has sent from.
func (s *scratch) keep(l *leg) {
	if l.tls == nil {
		s.give(l.out)
	} else if cap(l.out) > cap(s.encrypted[l.side]) && cap(l.out) <= largestKept {
		s.encrypted[l.side] = l.out[:0]
	}
	l.out, l.sent = nil, 0
}

// encrypting has a leg under TLS send from a buffer of the scratch.
func (s *scratch) encrypting(l *leg) {
	if l.out != nil {
		return
	}
	if s.encrypted[l.side] == nil {
		s.encrypted[l.side] = make([]byte, 0, readSize+readSize/8) // with what records add
	}
	l.out, s.encrypted[l.side] = s.encrypted[l.side][:0], nil
}

// reclaim takes back what a session has no use for any more.
func (s *scratch) reclaim(r *relay) {
	for side := range r.legs {
		l := &r.legs[side]
		if l.sent == len(l.out) {
			s.keep(l)
		}
		if r.sess.Output(l.side) == 0 {
			s.give(r.sess.Take(l.side, nil))
		}
		l.settle()
	}
}
