package pep

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// closeLegs closes what the machine is done with. r.mu is held.
func (r *relay) closeLegs() {
	for _, side := range []session.Side{session.Client, session.Server} {
		l := &r.legs[side]
		if l.closing || l.conn == nil || l.writing || !r.sess.Closing(side) {
			continue
		}
		l.closing = true
		conn, part := l.conn, side == session.Client && !l.broken
		r.running.Go(func() {
			if part {
				partWith(conn, l.reading)
			}
			_ = conn.Close()
		})
	}
}

// partWith ends the client's connection so that all that was written arrives.
func partWith(conn net.Conn, reading <-chan struct{}) {
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = conn.SetWriteDeadline(time.Now().Add(linger))
		if c.CloseWrite() != nil {
			return
		}
	}
	_ = conn.SetReadDeadline(time.Now().Add(linger))
	// The reader may be busy writing to a server that takes nothing.
	late := time.NewTimer(linger)
	defer late.Stop()
	select {
	case <-reading:
	case <-late.C:
	}
}

// cut closes both connections at once, whatever is on its way.
func (r *relay) cut() {
	r.mu.Lock()
	r.sess.Abort("cut off", "", nil)
	var conns []net.Conn
	for i := range r.legs {
		if l := &r.legs[i]; l.conn != nil {
			l.broken = true
			conns = append(conns, l.conn)
		}
	}
	r.pump(nobody)
	r.mu.Unlock()
	for _, c := range conns {
		// Not tls.Conn's Close, which would say so to the peer first.
		if t, ok := c.(*tls.Conn); ok {
			c = t.NetConn()
		}
		_ = c.Close()
	}
}
