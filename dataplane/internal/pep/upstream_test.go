package pep

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
)

// TestUpstreamTLSFaults: a server whose TLS does not come about is not used, however it was begun. The client is told, the log says why,
// and no octet of a command is sent.
func TestUpstreamTLSFaults(t *testing.T) {
	ours, foreign := tlstest.NewCA(t), tlstest.NewCA(t)
	serves := func(c *tls.Config) func(net.Conn) io.Reader {
		return func(conn net.Conn) io.Reader { return tls.Server(conn, c) }
	}
	shows := func(c tls.Certificate) func(net.Conn) io.Reader {
		return serves(&tls.Config{Certificates: []tls.Certificate{c}})
	}
	says := func(octets string) func(net.Conn) io.Reader {
		return func(conn net.Conn) io.Reader {
			_, _ = conn.Read(make([]byte, 1)) // the handshake has begun
			_, _ = io.WriteString(conn, octets)
			return conn
		}
	}
	defer baseline(t)()
	t.Run("faults", func(t *testing.T) {
		for _, c := range []struct {
			name   string
			server func(net.Conn) io.Reader
			want   string // in the error
		}{
			{"its certificate has expired", shows(ours.Issue(tlstest.Expired)), "expired"},
			{"its certificate is not good yet", shows(ours.Issue(tlstest.NotYet)), "not yet valid"},
			{"its certificate is for another name", shows(ours.Issue(tlstest.For("other.example"))), "valid for other.example"},
			{"its certificate is of another authority", shows(foreign.Issue()), "unknown authority"},
			{"it has no certificate", serves(&tls.Config{}), "unrecognized name"},
			{"it wants a certificate", serves(&tls.Config{Certificates: []tls.Certificate{ours.Issue()}, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}), "handshake failure"},
			{"it has TLS 1.1 at most", serves(&tls.Config{Certificates: []tls.Certificate{ours.Issue()}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}), "protocol version"},
			{"it speaks another protocol", serves(&tls.Config{Certificates: []tls.Certificate{ours.Issue()}, NextProtos: []string{"pop3"}}), "no application protocol"},
			{"it refuses by an alert", says("\x15\x03\x01\x00\x02\x02\x28"), "handshake failure"},
			{"it speaks in the clear", says("* OK [CAPABILITY IMAP4rev1] ready\r\n"), "does not look like a TLS handshake"},
			{"it closes", func(conn net.Conn) io.Reader {
				conn.(*net.TCPConn).CloseWrite()
				return conn
			}, "EOF"},
			{"it hangs", says(""), "deadline exceeded"},
		} {
			for mode, start := range map[string]session.StartTLS{"implicit": session.StartTLSOff, "STARTTLS": session.StartTLSRequired} {
				t.Run(c.name+", "+mode, func(t *testing.T) {
					b := newBed(t, func(o *Options, l *Listener) {
						o.Timeouts.TLSHandshake = 2 * time.Second
						if c.name == "it hangs" {
							o.Timeouts.TLSHandshake = 100 * time.Millisecond
						}
						l.Session.ServerTLS, l.Session.ServerStartTLS = mode == "implicit", start
						l.Upstream.TLS = fixed(&tls.Config{RootCAs: ours.Pool(), ServerName: "mail.example", NextProtos: []string{"imap"}})
					})
					conn := b.dial().conn
					client := record(t, conn)
					if _, err := io.WriteString(conn, "a1 LOGIN demo secret\r\n"); err != nil {
						t.Fatal(err)
					}
					server := b.accept()
					want := "* BYE [UNAVAILABLE] server unreachable\r\n"
					if mode == "STARTTLS" {
						want = "* BYE [UNAVAILABLE] TLS handshake failed\r\n"
						server.send("* OK ready")
						server.expect("gatepost STARTTLS")
						server.send("gatepost OK go on")
					}
					got, _ := io.ReadAll(c.server(server.conn))
					if strings.Contains(string(got), "LOGIN") {
						t.Errorf("the server got %q", got)
					}
					if got := client.all(t); got != want {
						t.Errorf("the client got %q, want %q", got, want)
					}
					if e := b.event("ended"); e.Err == nil || !strings.Contains(e.Err.Error(), c.want) {
						t.Errorf("%+v, want %q", e, c.want)
					}
				})
			}
		}
	})
}
