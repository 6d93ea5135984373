package pep

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// session serves a client from its connection to its end.
func (s *Server) session(l *Listener, conn net.Conn) {
	c := pdp.Connection{
		ID:        rand.Text(),
		Dataplane: s.opt.Name,
		Listener:  l.Name,
		Client:    conn.RemoteAddr(),
		Local:     conn.LocalAddr(),
		Connected: time.Now(),
	}
	about := Event{Session: c.ID, Listener: l.Name, Client: conn.RemoteAddr().String()}
	if l.Session.ClientTLS {
		secured, err := s.handshake(tls.Server(conn, l.TLS))
		if err != nil {
			e := about
			e.Name, e.Err = HandshakeFailed, err
			s.tell(e)
			_ = conn.Close()
			return
		}
		conn = secured
		state := secured.ConnectionState()
		c.TLS = &state
	}
	e := about
	e.Name = Opened
	s.tell(e)

	r := newRelay(s, l, c, about)
	r.legs[session.Client].conn = conn
	upstream, err := s.dial(l)
	if err != nil {
		r.sess.Abort("the server cannot be reached", "[UNAVAILABLE] server unreachable", err)
	} else {
		r.legs[session.Server].conn = upstream
	}
	if !s.add(r) {
		r.abort("shutdown", shutdownText)
	}
	defer s.remove(r)
	r.run()
}

// dial connects to the server.
func (s *Server) dial(l *Listener) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(s.starting, s.opt.Timeouts.Connect)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, l.Upstream.Network, l.Upstream.Address)
	if err != nil || !l.Session.ServerTLS {
		return conn, err
	}
	secured, err := s.handshake(tls.Client(conn, l.Upstream.TLS))
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

func (s *Server) handshake(conn *tls.Conn) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(s.starting, s.opt.Timeouts.TLSHandshake)
	defer cancel()
	return conn, conn.HandshakeContext(ctx)
}
