package pep

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// identity is a certificate for mail.example, and who signs it.
var identity = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	leaf := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "mail.example"},
		DNSNames:              []string{"mail.example"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err = x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})

// showing is TLS for whoever accepts.
func showing(t *testing.T) *tls.Config {
	t.Helper()
	return &tls.Config{Certificates: []tls.Certificate{identity()}, NextProtos: []string{"imap"}}
}

// trusting is TLS for whoever connects.
func trusting(t *testing.T) *tls.Config {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(identity().Leaf)
	return &tls.Config{RootCAs: pool, ServerName: "mail.example", NextProtos: []string{"imap"}}
}

// fixed is TLS that does not change.
func fixed(c *tls.Config) func() *tls.Config { return func() *tls.Config { return c } }

// securedBy is the client's side of TLS.
func securedBy(t *testing.T, conn net.Conn) *tls.Conn {
	t.Helper()
	secured := tls.Client(conn, trusting(t))
	if err := secured.Handshake(); err != nil {
		t.Fatal(err)
	}
	return secured
}

// asked records what the decider was told of the connection.
type asked struct {
	mu  sync.Mutex
	all []*pdp.Connection
}

func (a *asked) decide(c *pdp.Connection, q session.Question) (*session.Decision, error) {
	a.mu.Lock()
	a.all = append(a.all, c)
	a.mu.Unlock()
	return pdp.AcceptAll(c, q)
}

func (a *asked) last() *pdp.Connection {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all[len(a.all)-1]
}

func TestImplicitTLS(t *testing.T) {
	var told asked
	b := newBed(t, func(o *Options, l *Listener) {
		o.Decider = pdp.Func(told.decide)
		l.Session.ClientTLS, l.TLS = true, fixed(showing(t))
		l.Session.ServerTLS, l.Upstream.TLS = true, fixed(trusting(t))
	})
	client := newPeer(t, tls.Client(b.dial().conn, trusting(t)))
	go func() { _ = client.conn.(*tls.Conn).Handshake() }()
	server := newPeer(t, tls.Server(b.accept().conn, showing(t)))
	server.send("* OK ready")
	client.expect("* OK ready")
	client.send("a1 NOOP")
	server.expect("a1 NOOP")
	if c := told.last(); c.Secured() == nil || c.Secured().Version != "1.3" || c.Secured().ServerName != "mail.example" {
		t.Errorf("the decider was told %+v", c)
	}
	server.send("a1 OK done")
	client.expect("a1 OK done")
	client.send("a2 LOGOUT")
	server.expect("a2 LOGOUT")
	server.send("* BYE bye", "a2 OK done")
	client.expect("* BYE bye", "a2 OK done")
	client.expectEnd() // with a close_notify: else this were an unexpected end
	server.expectEnd()
}

func TestClientWithoutTLSIsSentAway(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) { l.Session.ClientTLS, l.TLS = true, fixed(showing(t)) })
	client := b.dial()
	client.send("a1 NOOP")
	if e := b.event(HandshakeFailed); e.Err == nil {
		t.Errorf("%+v", e)
	}
	if b.count(Opened) != 0 {
		t.Error("the server was bothered")
	}
}

func TestOtherProtocolIsRefused(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) { l.Session.ClientTLS, l.TLS = true, fixed(showing(t)) })
	c := trusting(t)
	c.NextProtos = []string{"http/1.1"}
	if err := tls.Client(b.dial().conn, c).Handshake(); err == nil {
		t.Error("a client that wants to speak HTTP was taken")
	}
}

func TestServerIsVerified(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) {
		l.Session.ServerTLS, l.Upstream.TLS = true, fixed(trusting(t))
		l.Upstream.TLS().ServerName = "other.example"
	})
	client := b.dial()
	server := b.accept()
	go func() { _ = tls.Server(server.conn, showing(t)).Handshake() }()
	client.expect("* BYE [UNAVAILABLE] server unreachable")
	client.expectEnd()
}
