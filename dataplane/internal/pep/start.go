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

// waits tells that something has to be waited for before a client's connection is a session.
func (l *Listener) waits(c *fdConn) bool {
	return l.Session.ClientTLS || !l.Upstream.direct || l.ProxyFrom.trusts(c.remote)
}

// session makes a client's connection a session, or sends it away.
func (s *Server) session(l *Listener, conn net.Conn, p *place) {
	r, conn := s.begun(l, conn, p)
	if r == nil {
		s.left(p)
		return
	}
	var upstream net.Conn
	var err error
	if !l.Upstream.direct {
		upstream, r.met[session.Server], err = s.dial(l, r.conn)
	}
	r.start(conn, upstream, err)
}

// begun is a session that can start, with the client's connection, which may be under TLS now; nil: it did not come about.
func (s *Server) begun(l *Listener, conn net.Conn, p *place) (r *relay, secured net.Conn) {
	accepted, direct := conn.(*fdConn)
	id, client := together(rand.Text(), conn.RemoteAddr().String())
	c := pdp.Connection{
		ID:        id,
		Dataplane: s.opt.Name,
		Listener:  l.Name,
		Client:    conn.RemoteAddr(),
		Local:     conn.LocalAddr(),
		Connected: time.Now(),
		Strict:    l.Strict,
	}
	about := about{session: id, listener: l, client: client}
	met, err := s.loops.accepted(c.Client, c.Local)
	defer func() {
		if r == nil {
			s.loops.gone(met, session.Client)
		}
	}()
	if err != nil {
		s.sendAway(l, conn, about.event(Loop, err), "the server of this service is the service itself")
		return nil, nil
	}
	if l.ProxyFrom.trusts(c.Client) {
		about.proxy = about.client
		if c.Client, c.Local, err = s.introduced(conn); err != nil {
			s.tell(about.event(ProxyFailed, err))
			_ = conn.Close()
			return nil, nil
		}
		c.ID, about.client = together(id, c.Client.String())
		about.session = c.ID
	}
	if !p.from(c.Client) {
		e := about.event(TooMany, nil)
		e.Reason = boundPerNetwork
		s.sendAway(l, conn, e, tooManyText)
		return nil, nil
	}
	if l.Session.ClientTLS {
		secured, err := s.accept(conn, l)
		if err != nil {
			s.tell(about.event(HandshakeFailed, err))
			_ = conn.Close()
			return nil, nil
		}
		conn = secured
		state := secured.ConnectionState()
		c.TLS = &state
	}
	s.tell(about.event(Opened, nil))

	r = newRelay(s, l, c, about, p)
	r.met[session.Client] = met
	if direct {
		r.reactor = accepted.reactor // which may watch it already
	} else {
		r.reactor = s.reactor()
	}
	return r, conn
}

// together are two strings in one piece of memory, as both are kept.
func together(a, b string) (string, string) {
	both := a + b
	return both[:len(a)], both[len(a):]
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

// dial connects to a server whose name has to be looked up, or that TLS comes first with. The other is relay.dial.
func (s *Server) dial(l *Listener, c *pdp.Connection) (conn net.Conn, met meeting, err error) {
	up := &l.Upstream
	if s.loops.recent(up.Address) {
		return nil, 0, errLoop
	}
	ctx, cancel := context.WithTimeout(s.starting, s.opt.Timeouts.Connect)
	defer cancel()
	if conn, err = new(net.Dialer).DialContext(ctx, up.Network, up.Address); err != nil {
		return nil, 0, err
	}
	met, err = s.loops.dialed(conn.LocalAddr(), conn.RemoteAddr(), up.Address)
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
		s.loops.gone(met, session.Server)
		return nil, 0, err
	}
	return conn, met, nil
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
