package keyring

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
)

// TestLive: who holds on to the configuration verifies by the authorities, and shows the certificate, of the time.
func TestLive(t *testing.T) {
	old, next := tlstest.NewCA(t), tlstest.NewCA(t)
	now := &tls.Config{RootCAs: old.Pool(), ServerName: "mail.example"}
	k := &Key{Load: func() (*tls.Config, error) { return now, nil }}
	if err := New(nil).Add(k); err != nil {
		t.Fatal(err)
	}
	live := k.Live().Clone() // as gRPC does
	server := func(a *tlstest.CA, change ...func(*x509.Certificate)) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{a.Issue(change...)}, ClientAuth: tls.RequestClientCert}
	}
	fails := func(what string, s *tls.Config, want string) {
		t.Helper()
		if _, err := handshake(t, live, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	shown, err := handshake(t, live, server(old))
	if err != nil || shown != "" {
		t.Errorf("showed %q, %v", shown, err)
	}
	fails("another authority", server(next), "unknown authority")
	fails("another name", server(old, tlstest.For("other.example")), "not mail.example")
	fails("an expired certificate", server(old, tlstest.Expired), "expired")
	fails("a certificate for clients", server(old, func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[1:] }), "incompatible key usage")

	now = &tls.Config{RootCAs: next.Pool(), ServerName: "mail.example", Certificates: []tls.Certificate{next.Issue(tlstest.For("own.example"))}}
	if err := k.reload(time.Now()); err != nil {
		t.Fatal(err)
	}
	shown, err = handshake(t, live, server(next))
	if err != nil || shown != "own.example" {
		t.Errorf("showed %q, %v, want own.example", shown, err)
	}
	fails("an authority that is no longer trusted", server(old), "unknown authority")
}

// TestLiveWithoutName: the name is then that of whoever connects; without any, nothing is verified and nothing trusted.
func TestLiveWithoutName(t *testing.T) {
	a := tlstest.NewCA(t)
	k := &Key{Load: func() (*tls.Config, error) { return &tls.Config{RootCAs: a.Pool()}, nil }}
	if err := New(nil).Add(k); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"mail.example": "", "other.example": "not other.example", "": "no server name", "192.0.2.1": "no server name"} {
		live := k.Live().Clone()
		live.ServerName = name
		_, err := handshake(t, live, &tls.Config{Certificates: []tls.Certificate{a.Issue()}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

// TestLiveInsecure: where verification was switched off, it is.
func TestLiveInsecure(t *testing.T) {
	k := &Key{Load: func() (*tls.Config, error) { return &tls.Config{InsecureSkipVerify: true}, nil }}
	if err := New(nil).Add(k); err != nil {
		t.Fatal(err)
	}
	if _, err := handshake(t, k.Live(), &tls.Config{Certificates: []tls.Certificate{tlstest.NewCA(t).Issue()}}); err != nil {
		t.Error(err)
	}
}

// handshake connects, and returns the name in the certificate that the client showed.
func handshake(t *testing.T, client, server *tls.Config) (shown string, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	names := make(chan string, 1)
	go func() {
		defer close(names)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		s := tls.Server(conn, server)
		if s.Handshake() != nil {
			return
		}
		if own := s.ConnectionState().PeerCertificates; len(own) > 0 {
			names <- own[0].DNSNames[0]
		}
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := tls.Client(conn, client).Handshake(); err != nil {
		return "", err
	}
	return <-names, nil
}
