package pep

import (
	"net"
	"time"
)

// socket is a connection as crypto/tls sees it: at first one like any other, which a handshake may wait for; then one that never
// waits, since a leg has it. What is read from it then is what the leg has read, and what is written to it what the leg is to send.
type socket struct {
	conn net.Conn // nil: the leg has it

	leg *leg
	// ahead is what was read and not yet decrypted; end is what came behind it: the end, or an error.
	ahead []byte
	end   error
}

// errAgain says that there is nothing to read yet. crypto/tls takes it for no failure, for it is temporary.
var errAgain net.Error = again{}

type again struct{}

func (again) Error() string   { return "pep: nothing to read yet" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

// Read implements net.Conn.
func (s *socket) Read(p []byte) (int, error) {
	switch {
	case s.conn != nil:
		return s.conn.Read(p)
	case len(s.ahead) > 0:
		n := copy(p, s.ahead)
		s.ahead = s.ahead[n:]
		return n, nil
	case s.end != nil:
		return 0, s.end
	}
	return 0, errAgain
}

// Write implements net.Conn.
func (s *socket) Write(p []byte) (int, error) {
	if s.conn != nil {
		return s.conn.Write(p)
	}
	s.leg.out = append(s.leg.out, p...)
	return len(p), nil
}

// Close implements net.Conn. The leg closes what it has.
func (s *socket) Close() error {
	if s.conn != nil {
		return s.conn.Close()
	}
	return nil
}

// LocalAddr implements net.Conn.
func (s *socket) LocalAddr() net.Addr {
	if s.conn != nil {
		return s.conn.LocalAddr()
	}
	return nil
}

// RemoteAddr implements net.Conn.
func (s *socket) RemoteAddr() net.Addr {
	if s.conn != nil {
		return s.conn.RemoteAddr()
	}
	return nil
}

// SetDeadline implements net.Conn. A leg has deadlines of its own, as for the others.
func (s *socket) SetDeadline(t time.Time) error {
	if s.conn != nil {
		return s.conn.SetDeadline(t)
	}
	return nil
}

// SetReadDeadline implements net.Conn.
func (s *socket) SetReadDeadline(t time.Time) error {
	if s.conn != nil {
		return s.conn.SetReadDeadline(t)
	}
	return nil
}

// SetWriteDeadline implements net.Conn.
func (s *socket) SetWriteDeadline(t time.Time) error {
	if s.conn != nil {
		return s.conn.SetWriteDeadline(t)
	}
	return nil
}
