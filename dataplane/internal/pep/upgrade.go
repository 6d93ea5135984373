package pep

import (
	"crypto/tls"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// upgrade does the TLS handshake of STARTTLS, if one is due: on a goroutine of its own, for it waits. r.mu is held. The machine wants
// nothing of that side meanwhile, and has nothing for it.
func (r *relay) upgrade() {
	side, ok := r.sess.Upgrade()
	if !ok {
		return
	}
	l := &r.legs[side]
	if l.upgrading != nil || l.fd < 0 || r.backlog(l) > 0 || r.sess.Closing(side) {
		return
	}
	conn := &fdConn{reactor: r.reactor, fd: l.fd, watched: true, remote: r.conn.Client, local: r.conn.Local}
	r.reactor.lend(l, conn)
	l.fd, l.upgrading = -1, conn
	r.busy++
	go func() {
		handshake := r.server.accept
		if side == session.Server {
			handshake = r.server.connect
		}
		secured, err := handshake(conn, r.listener)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy--
		r.upgraded(l, secured, err)
		r.run()
	}()
}

// upgraded takes the socket back.
func (r *relay) upgraded(l *leg, secured *tls.Conn, err error) {
	conn := l.upgrading
	l.upgrading = nil
	if err == nil {
		if err = l.take(secured); err == nil {
			err = r.reactor.add(l)
		}
	}
	if err != nil {
		l.broken = true
		_ = conn.Close()
		if l.side == session.Server {
			r.server.tell(r.about.failed(upstreamTLS, err))
		}
		r.sess.Abort("the TLS handshake with the "+l.side.String()+" failed", "[UNAVAILABLE] TLS handshake failed", err)
		return
	}
	if l.side == session.Client {
		state := secured.ConnectionState()
		c := *r.conn
		c.TLS = &state
		r.conn = c.Prepare()
	}
	if !r.sess.Closing(l.side) {
		r.sess.Upgraded()
	}
}
