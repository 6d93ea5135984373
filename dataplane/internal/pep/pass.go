package pep

import (
	"io"
)

// backlog is how many octets wait for a side.
func (r *relay) backlog(l *leg) int {
	n := len(l.out) - l.sent + r.sess.Output(l.side)
	if l.pipe != nil {
		n += l.pipe.holds
	}
	return n
}

// pass carries what comes next from a leg to the other, which has nothing else to send: at most n octets of a literal, which the
// machine lets through as they are.
func (r *relay) pass(l *leg, n uint64, s *scratch) bool {
	to := &r.legs[l.side.Other()]
	if l.tls == nil && to.tls == nil && n >= leastSplice && !l.unspliced {
		got, err := r.splice(l, to, n)
		if err == nil || err == io.EOF {
			l.bulky = true
			r.carried(l, got, err)
			return got > 0 || err != nil
		}
		l.unspliced = true // these sockets cannot be
	}
	buf := s.input()
	buf = buf[:min(n, uint64(len(buf)))]
	got, err := l.receive(buf, s)
	if got == 0 && err == nil {
		return false
	}
	if got > 0 {
		if failure := to.carry(buf[:got], s); failure != nil {
			r.failed(to, failure)
		}
	}
	r.carried(l, got, err)
	return true
}

// carried tells the machine of octets that it did not see, and of the end behind them.
func (r *relay) carried(l *leg, n int, err error) {
	r.count(l, n)
	r.sess.Passed(l.side, uint64(n))
	if n > 0 {
		r.sent(&r.legs[l.side.Other()])
	}
	if err != nil {
		r.feed(l, nil, err)
	}
}

// carry sends p, and keeps what the socket does not take.
func (l *leg) carry(p []byte, s *scratch) error {
	if l.tls != nil {
		s.encrypting(l)
		if _, err := l.tls.Write(p); err != nil {
			return err
		}
		_, err := l.flush()
		if err == nil && l.sent == len(l.out) {
			s.keep(l)
		}
		return err
	}
	n := 0
	if l.writable {
		var err error
		l.follows = false
		if n, err = l.write(p); err != nil {
			return err
		}
	}
	if n < len(p) {
		l.out, l.sent = append(s.take(), p[n:]...), 0
	}
	return nil
}
