package pep

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// session makes a client's connection a session, or sends it away.
func (s *Server) session(l *Listener, conn net.Conn, p *place) {
	if r := s.begun(l, conn, p); r != nil {
		r.start()
		return
	}
	s.left(p)
}

// begun is a session that can start; nil: it did not come about.
func (s *Server) begun(l *Listener, conn net.Conn, p *place) (r *relay) {
	c := pdp.Connection{
		ID:        rand.Text(),
		Dataplane: s.opt.Name,
		Listener:  l.Name,
		Client:    conn.RemoteAddr(),
		Local:     conn.LocalAddr(),
		Connected: time.Now(),
		Strict:    l.Strict,
	}
	about := about{session: c.ID, listener: l, client: c.Client.String()}
	gone, err := s.loops.accepted(conn)
	defer func() {
		if r == nil {
			gone()
		}
	}()
	if err != nil {
		s.sendAway(l, conn, about.event(Loop, err), "the server of this service is the service itself")
		return nil
	}
	if l.ProxyFrom.trusts(c.Client) {
		about.proxy = about.client
		if c.Client, c.Local, err = s.introduced(conn); err != nil {
			s.tell(about.event(ProxyFailed, err))
			_ = conn.Close()
			return nil
		}
		about.client = c.Client.String()
	}
	if !p.from(c.Client) {
		e := about.event(TooMany, nil)
		e.Reason = boundPerNetwork
		s.sendAway(l, conn, e, tooManyText)
		return nil
	}
	if l.Session.ClientTLS {
		secured, err := s.accept(conn, l)
		if err != nil {
			s.tell(about.event(HandshakeFailed, err))
			_ = conn.Close()
			return nil
		}
		conn = secured
		state := secured.ConnectionState()
		c.TLS = &state
	}
	s.tell(about.event(Opened, nil))

	r = newRelay(s, l, c, about, p)
	r.gone[session.Client] = gone
	upstream, upstreamGone, err := s.dial(l, &c)
	if err == nil {
		r.gone[session.Server] = upstreamGone
		err = r.legs[session.Server].take(upstream)
	}
	if err != nil {
		s.tell(about.failed(upstreamReason(err), err))
		r.sess.Abort(unreachable(err), "[UNAVAILABLE] server unreachable", err)
	}
	if err := r.legs[session.Client].take(conn); err != nil {
		r.sess.Abort("the client's connection failed", "", err)
	}
	if !s.add(r) {
		r.sess.Abort("shutdown", shutdownText, nil)
	}
	return r
}

// sendAway closes a connection that does not become a session, and says why where that can be said before TLS.
func (s *Server) sendAway(l *Listener, conn net.Conn, e *Event, text string) {
	s.tell(e)
	if !l.Session.ClientTLS {
		// It fits an empty socket buffer; the deadline is for sockets of other kinds.
		_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = conn.Write([]byte("* BYE [UNAVAILABLE] " + text + "\r\n"))
	}
	_ = conn.Close()
}

// dial connects to the server. gone is called when the connection is no more.
func (s *Server) dial(l *Listener, c *pdp.Connection) (conn net.Conn, gone func(), err error) {
	up := &l.Upstream
	if s.loops.recent(up.Address) {
		return nil, nil, errLoop
	}
	ctx, cancel := context.WithTimeout(s.starting, s.opt.Timeouts.Connect)
	defer cancel()
	if conn, err = new(net.Dialer).DialContext(ctx, up.Network, up.Address); err != nil {
		return nil, nil, err
	}
	gone, err = s.loops.dialed(conn, up.Address)
	if err == nil && up.Proxy != 0 {
		_ = conn.SetWriteDeadline(time.Now().Add(s.opt.Timeouts.Connect))
		err = introduce(conn, up.Proxy, c.Client, c.Local)
		_ = conn.SetWriteDeadline(time.Time{})
	}
	if err == nil && l.Session.ServerTLS {
		if conn, err = s.connect(conn, l); err != nil {
			err = handshakeError{err}
		}
	}
	if err != nil {
		_ = conn.Close()
		gone()
		return nil, nil, err
	}
	return conn, gone, nil
}

// handshakeError is about TLS with the server.
type handshakeError struct{ error }

func (e handshakeError) Unwrap() error { return e.error }

func upstreamReason(err error) string {
	if errors.As(err, new(handshakeError)) {
		return upstreamTLS
	}
	return upstreamConnect
}

func unreachable(err error) string {
	if errors.Is(err, errLoop) {
		return "the server is this dataplane itself"
	}
	return "the server cannot be reached"
}

// accept does the TLS handshake with a client.
func (s *Server) accept(conn net.Conn, l *Listener) (*tls.Conn, error) {
	h := &hello{Conn: conn}
	defer h.done()
	secured := tls.Server(&socket{conn: h}, l.TLS())
	err := s.handshake(secured)
	if name := h.dotted(); err != nil && name != "" {
		err = fmt.Errorf("the client's server name %q ends in a dot: %w", name, err)
	}
	return secured, err
}

// connect does the TLS handshake with a server.
func (s *Server) connect(conn net.Conn, l *Listener) (*tls.Conn, error) {
	secured := tls.Client(&socket{conn: conn}, l.Upstream.TLS())
	return secured, s.handshake(secured)
}

func (s *Server) handshake(conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(s.starting, s.opt.Timeouts.TLSHandshake)
	defer cancel()
	return conn.HandshakeContext(ctx)
}
