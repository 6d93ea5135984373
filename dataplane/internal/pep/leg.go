package pep

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// leg is one side's connection. Its small fields stand together: there are two in each session.
type leg struct {
	relay *relay
	// fd is the socket; -1: there is none, or not any more.
	fd int
	// tls: the leg is under TLS; sock is then what it reads from and writes to.
	tls  *tls.Conn
	sock *socket
	// out is what is to be sent, of which the socket has taken the first sent octets.
	out  []byte
	sent int
	// pipe has what is to be sent behind out; nil: nothing.
	pipe *pipe
	read uint64
	// upgrading is the connection while a handshake has it.
	upgrading *fdConn
	// blocked is since when the socket takes nothing; 0: it does. taken is what it took since.
	blocked moment
	taken   int32

	side session.Side
	// unspliced: the socket cannot be read into a pipe.
	unspliced bool
	// bulky: the last that was long was a literal that the kernel could carry. Of what comes next only as much is read as stands before one.
	bulky bool
	// follows: behind what is sent next comes more at once. corked: the kernel has kept the end of what was sent for that.
	follows, corked bool
	// readable, writable: as far as is known. ending: the peer has closed its side, so that even a short read is not the last.
	readable, writable, ending bool
	// broken: the socket takes no more octets.
	broken bool
	// parting: the client was told the end, and is given time to close its side.
	parting bool
	eof     bool
	// watched: the loop is told of the socket already. dialing: the connection is being made, since blocked.
	watched, dialing bool
}

// take makes a connection the leg's own.
func (l *leg) take(conn net.Conn) (err error) {
	if secured, ok := conn.(*tls.Conn); ok {
		l.tls, l.sock = secured, secured.NetConn().(*socket)
		conn, l.sock.conn, l.sock.leg = underneath(l.sock.conn), nil, l
	}
	l.watched = false
	if c, ok := conn.(*fdConn); ok {
		l.fd, l.watched = c.take()
	} else {
		l.fd, err = detach(conn)
	}
	l.readable, l.writable = true, true
	return err
}

// underneath is a client's connection without what looks at its first octets.
func underneath(conn net.Conn) net.Conn {
	if h, ok := conn.(*hello); ok {
		h.done()
		return h.Conn
	}
	return conn
}

// receive reads into p, once if it has to ask the system. n is 0 without an error if there is nothing.
func (l *leg) receive(p []byte, s *scratch) (n int, err error) {
	if l.tls == nil {
		return l.receiveRaw(p)
	}
	for n < len(p) {
		got, err := l.tls.Read(p[n:])
		n += got
		if err == nil {
			continue
		}
		if !errors.Is(err, errAgain) {
			return n, err
		}
		if n > 0 || !l.readable {
			break
		}
		buf := s.cipher(l.side)
		if got, err = l.receiveRaw(buf); err != nil {
			l.sock.end = err
		}
		l.sock.ahead = buf[:got]
	}
	return n, nil
}

// receiveRaw reads what is on the wire.
func (l *leg) receiveRaw(p []byte) (n int, err error) {
	if !l.readable {
		return 0, nil
	}
	n, err = readFD(l.fd, p)
	switch {
	case err == syscall.EAGAIN:
		l.readable = false
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	case n < len(p) && !l.ending:
		l.readable = false // what comes now is told of
	}
	return n, nil
}

// settle keeps what would be lost with the scratch.
func (l *leg) settle() {
	if l.sock != nil {
		if l.sock.ahead = bytes.Clone(l.sock.ahead); len(l.sock.ahead) == 0 {
			l.sock.ahead = nil
		}
	}
}

// flush sends what waits; false: not all of it could be.
func (l *leg) flush() (done bool, err error) {
	for l.sent < len(l.out) {
		if !l.writable {
			return false, nil
		}
		n, err := l.write(l.out[l.sent:])
		if err != nil {
			return false, err
		}
		l.sent += n
	}
	if l.pipe != nil {
		if done, err := l.drain(); !done {
			return false, err
		}
	}
	l.blocked = 0
	return true, nil
}

// write sends what the socket takes of p.
func (l *leg) write(p []byte) (int, error) {
	n, err := writeFD(l.fd, p, l.follows)
	if err == syscall.EAGAIN {
		l.block()
		return 0, nil
	}
	if err == nil {
		l.corked = l.follows
		l.took(n)
	}
	return n, err
}

// block notes that the socket takes nothing.
func (l *leg) block() {
	l.writable = false
	if l.blocked == 0 {
		l.blocked, l.taken = now(), 0
		l.relay.rearm()
	}
}

// took notes that it took something.
func (l *leg) took(n int) {
	if l.blocked == 0 {
		return
	}
	if l.taken += int32(n); l.taken >= writeChunk {
		l.blocked, l.taken = now(), 0
	}
}

// writeChunk is what a peer must accept within the write timeout, in octets.
const writeChunk = 64 << 10

// send sends what the machine has for the side, until there is no more or the socket takes no more. sent: something was.
func (r *relay) send(l *leg, s *scratch) (sent bool) {
	for {
		if l.upgrading != nil || l.dialing {
			return sent
		}
		if l.fd < 0 || l.broken {
			r.sess.Take(l.side, nil)
			return sent
		}
		waited := l.sent < len(l.out) || l.pipe != nil
		l.follows = r.follows(l)
		done, err := l.flush()
		if err != nil {
			r.failed(l, err)
			return sent
		}
		if !done {
			return sent
		}
		sent = sent || waited // there is room again, for what is read
		s.keep(l)
		p := r.sess.Take(l.side, nil)
		if len(p) == 0 {
			s.give(p)
			return sent
		}
		sent = true
		if l.tls == nil {
			l.out = p
		} else {
			s.encrypting(l)
			if _, err := l.tls.Write(p); err != nil {
				r.failed(l, err)
				return sent
			}
			s.give(p)
		}
		r.sent(l)
		// There is room again: the machine may go on with what it holds of the other side.
		s.lend(r)
		r.sess.Feed(l.side.Other(), nil)
	}
}

// follows tells that behind what waits for a side the rest of a literal comes at once: it is there to be read. Else the peer would be woken for
// the line before it, and for the literal again.
func (r *relay) follows(l *leg) bool {
	from := &r.legs[l.side.Other()]
	return l.tls == nil && from.tls == nil && from.readable && !from.ending && r.sess.Coming(from.side) > 0
}

// sent notes that something was sent to a side.
func (r *relay) sent(l *leg) {
	if l.side == session.Client {
		r.stir()
	}
}

// failed notes that a side cannot be written to.
func (r *relay) failed(l *leg, err error) {
	if l.side == session.Server && !l.eof && !r.sess.Closing(l.side) {
		r.server.tell(r.about.failed(upstreamWrite, err))
	}
	l.broken, l.blocked = true, 0
	l.forget()
	r.sess.EOF(l.side, err)
	// A client that had closed its own side before does not listen any more either.
	r.sess.Abort("writing to the "+l.side.String()+" failed", "[UNAVAILABLE] server unreachable", err)
}

// forget lets go of what was to be sent.
func (l *leg) forget() {
	l.out, l.sent = nil, 0
	if l.pipe != nil {
		l.pipe.release()
		l.pipe = nil
	}
}
