package pep

import (
	"bytes"
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// TestDottedServerNameIsNamed: crypto/tls refuses a server name that ends in a dot without saying so. The event does.
func TestDottedServerNameIsNamed(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			b := newBed(t, func(_ *Options, l *Listener) { l.Session.ClientTLS, l.TLS = true, fixed(showing(t)) })
			c := trusting(t)
			c.MaxVersion = version
			if err := tls.Client(dotting{b.dial().conn}, c).Handshake(); err == nil {
				t.Error("it was taken")
			}
			if e := b.event(HandshakeFailed); !strings.Contains(e.Err.Error(), `server name "mail.exampl." ends in a dot`) {
				t.Errorf("%v", e.Err)
			}
		})
	}
}

func TestDottedServerNameInStartTLS(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) {
		l.Session.ClientStartTLS, l.TLS = session.StartTLSRequired, fixed(showing(t))
	})
	client, _ := b.open()
	client.send("a1 STARTTLS")
	client.expect("a1 OK begin TLS now")
	if err := tls.Client(dotting{client.conn}, trusting(t)).Handshake(); err == nil {
		t.Error("it was taken")
	}
	if e := b.event("ended"); e.Err == nil || !strings.Contains(e.Err.Error(), "ends in a dot") {
		t.Errorf("%+v", e)
	}
}

// dotting makes the last octet of the server name a dot: crypto/tls sends no such name.
type dotting struct{ net.Conn }

func (c dotting) Write(p []byte) (int, error) {
	return c.Conn.Write(bytes.Replace(p, []byte("mail.example"), []byte("mail.exampl."), 1))
}

// FuzzServerName: whatever a client begins with, the look at it ends, and only what is in it comes out.
func FuzzServerName(f *testing.F) {
	f.Add(clientHello(f, "mail.example"))
	f.Add(clientHello(f, ""))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if name := serverName(b); !bytes.Contains(b, []byte(name)) {
			t.Errorf("%q is not in it", name)
		}
	})
}

func TestServerName(t *testing.T) {
	for _, name := range []string{"mail.example", ""} {
		hello := clientHello(t, name)
		if got := serverName(hello); got != name {
			t.Errorf("%q, want %q", got, name)
		}
		for n := range hello {
			if got := serverName(hello[:n]); got != "" {
				t.Fatalf("%q in the first %d octets of %d", got, n, len(hello))
			}
		}
	}
}

// clientHello is the first record of a client that asks for that name.
func clientHello(t testing.TB, name string) []byte {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go func() { _ = tls.Client(client, &tls.Config{ServerName: name, InsecureSkipVerify: true}).Handshake() }()
	b := make([]byte, maxHello)
	n, err := server.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}
