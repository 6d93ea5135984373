package pep

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

const (
	// smallRead is what an idle session holds to read into, for each side.
	smallRead = 4 << 10
	// largeRead is what it reads into while octets come faster than that.
	largeRead = 32 << 10
	// linger is how long a client may take to close its side once it was told BYE. Were its connection closed with octets unread,
	// TCP would reset it, and the BYE could be lost.
	linger = 2 * time.Second
)

var large = sync.Pool{New: func() any { return new([largeRead]byte) }}

// read reads from a side until it ends.
func (r *relay) read(side session.Side) {
	defer close(r.legs[side].reading)
	if r.legs[side].conn == nil {
		return
	}
	var small [smallRead]byte
	fast := false
	for {
		n, conn := r.wanted(side)
		if n == 0 {
			_, _ = io.Copy(io.Discard, conn) // until the closer closes it
			return
		}
		var got int
		var err error
		if fast {
			buf := large.Get().(*[largeRead]byte)
			got, err = conn.Read(buf[:min(n, largeRead)])
			r.feed(side, buf[:got], err)
			large.Put(buf)
		} else {
			got, err = conn.Read(small[:min(n, smallRead)])
			r.feed(side, small[:got], err)
		}
		if err != nil {
			return
		}
		fast = got >= smallRead
	}
}

// wanted waits until the machine wants octets from a side, and does the handshakes it asks for meanwhile. n is 0 when
// it wants none any more.
func (r *relay) wanted(side session.Side) (n int, conn net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		l := &r.legs[side]
		if r.sess.Closing(side) || l.broken {
			return 0, l.conn
		}
		if at, ok := r.sess.Upgrade(); ok && at == side && !l.writing {
			r.upgrade(side)
			continue
		}
		if n := r.sess.Wants(side); n > 0 {
			return n, l.conn
		}
		r.wake.Wait()
	}
}

// feed gives the machine what was read.
func (r *relay) feed(side session.Side, p []byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &r.legs[side]
	if len(p) > 0 {
		if side == session.Client && l.read == 0 && looksIntroduced(p) {
			r.server.tell(r.about.as(session.ClientViolation.String(), errIntroduced))
			r.sess.Abort("a PROXY header from who is not trusted with one", "protocol violation", errIntroduced)
		}
		l.read += uint64(len(p))
		if o := r.listener.Octets; o != nil {
			o[side].Add(uint64(len(p)))
		}
		r.moved(side, len(p))
		r.sess.Feed(side, p)
	}
	if err != nil {
		l.eof = true
		if errors.Is(err, io.EOF) {
			err = nil
		}
		r.sess.EOF(side, err)
		r.rearm()
	}
	r.pump(side.Other())
}

// upgrade does the TLS handshake of STARTTLS. r.mu is held, but not during the handshake: the machine wants nothing from that
// side and has nothing for it.
func (r *relay) upgrade(side session.Side) {
	l := &r.legs[side]
	handshake := r.server.accept
	if side == session.Server {
		handshake = r.server.connect
	}
	l.writing = true // nothing may come between
	r.mu.Unlock()
	secured, err := handshake(l.conn, r.listener)
	r.mu.Lock()
	l.writing = false
	if err != nil {
		l.broken = true
		if side == session.Server {
			r.server.tell(r.about.failed(upstreamTLS, err))
		}
		r.sess.Abort("the TLS handshake with the "+side.String()+" failed", "[UNAVAILABLE] TLS handshake failed", err)
		r.pump(nobody)
		return
	}
	l.conn = secured
	if side == session.Client {
		state := secured.ConnectionState()
		c := *r.conn
		c.TLS = &state
		r.conn = c.Prepare()
	}
	if !r.sess.Closing(side) {
		r.sess.Upgraded()
	}
	r.pump(nobody)
}
