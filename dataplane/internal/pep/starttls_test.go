package pep

import (
	"crypto/tls"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

func TestStartTLS(t *testing.T) {
	var told asked
	b := newBed(t, func(o *Options, l *Listener) {
		o.Decider = pdp.Func(told.decide)
		l.Session.ClientStartTLS, l.TLS = session.StartTLSRequired, fixed(showing(t))
		l.Session.ServerStartTLS, l.Upstream.TLS = session.StartTLSRequired, fixed(trusting(t))
	})
	client, server := b.dial(), b.accept()
	server.send("* OK ready")
	server.expect("gatepost STARTTLS")
	server.send("gatepost OK go on")
	server = newPeer(t, tls.Server(server.conn, showing(t)))
	go func() { _ = server.conn.(*tls.Conn).Handshake() }()
	client.expect("* OK ready")
	client.send("a1 LOGIN demo secret")
	if got := client.line(); got[:5] != "a1 NO" {
		t.Fatalf("got %q, want a refusal in the clear", got)
	}
	client.send("a2 STARTTLS")
	client.expect("a2 OK begin TLS now")
	if c := told.last(); c.Secured() != nil {
		t.Errorf("the decider was told %+v before the handshake", c)
	}
	client = newPeer(t, tls.Client(client.conn, trusting(t)))
	client.send("a3 LOGIN demo secret")
	server.expect("a3 LOGIN demo secret")
	if c := told.last(); c.Secured() == nil || c.Secured().ServerName != "mail.example" {
		t.Errorf("the decider was told %+v", c)
	}
	server.send("a3 OK done")
	client.expect("a3 OK done")
}

// TestStartTLSInjectionByTheClient: what is sent in the clear around STARTTLS is never a command under TLS, and never reaches the server
// (CVE-2011-0411 and its kin).
func TestStartTLSInjectionByTheClient(t *testing.T) {
	const ready, begin, injected = "* OK ready\r\n", "a1 OK begin TLS now\r\n", "* BYE octets in the clear around STARTTLS\r\n"
	for _, c := range []struct {
		name string
		// early is sent before the greeting, segments behind it, each once what comes before was taken.
		early    string
		segments []string
		want     string // what the client gets, all of it in the clear
		reason   string
	}{
		{"in one segment", "", []string{"a1 STARTTLS\r\na2 LOGIN demo secret\r\n"}, ready + injected, "octets in the clear around STARTTLS"},
		{"half a command in one segment", "", []string{"a1 STARTTLS\r\na2 LOG"}, ready + injected, "octets in the clear around STARTTLS"},
		{"a ClientHello that cannot wait", "", []string{"a1 STARTTLS\r\n\x16\x03\x01\x00\x05hello"}, ready + injected, "octets in the clear around STARTTLS"},
		{"behind another command", "", []string{"a0 CAPABILITY\r\na1 STARTTLS\r\na2 LOGIN demo secret\r\n"}, ready + injected, "octets in the clear around STARTTLS"},
		{"between OK and ClientHello", "", []string{"a1 STARTTLS\r\n", "a2 LOGIN demo secret\r\n"}, ready + begin, "the TLS handshake with the client failed"},
		{"before the greeting", "a1 STARTTLS\r\na2 LOGIN demo secret\r\n", nil, ready + injected, "octets in the clear around STARTTLS"},
		{"STARTTLS before the greeting, the rest behind OK", "a1 STARTTLS\r\n", []string{"", "a2 LOGIN demo secret\r\n"}, ready + begin, "the TLS handshake with the client failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t, func(_ *Options, l *Listener) {
				l.Session.ClientStartTLS, l.TLS = session.StartTLSOffered, fixed(showing(t))
			})
			conn := b.dial().conn
			client := record(t, conn)
			if _, err := io.WriteString(conn, c.early); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			upstream := b.accept().conn
			server := record(t, upstream)
			if _, err := io.WriteString(upstream, "* OK ready\r\n"); err != nil {
				t.Fatal(err)
			}
			client.await(t, ready)
			for i, s := range c.segments {
				if i > 0 {
					client.await(t, begin)
				}
				if _, err := io.WriteString(conn, s); err != nil {
					t.Fatal(err)
				}
			}
			// An alert of TLS may come behind it; it is no answer.
			got, alert, _ := strings.Cut(client.all(t), "\x15\x03")
			if got != c.want || len(alert) > 5 {
				t.Errorf("the client got %q and an alert of %d octets, want %q", got, len(alert), c.want)
			}
			if got := server.all(t); strings.Contains(got, "LOG") {
				t.Errorf("the server got %q", got)
			}
			if e := b.event("ended"); e.Reason != c.reason {
				t.Errorf("%+v, want %q", e, c.reason)
			}
		})
	}
}

// TestStartTLSInjectionWhileAsked: octets that come while the decider is asked about STARTTLS are not taken for anything but the handshake.
func TestStartTLSInjectionWhileAsked(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	b := newBed(t, func(o *Options, l *Listener) {
		l.Session.ClientStartTLS, l.TLS = session.StartTLSRequired, fixed(showing(t))
		o.Decider = pdp.Func(func(c *pdp.Connection, q session.Question) (*session.Decision, error) {
			if q.Command != nil && q.Command.Name == "STARTTLS" {
				close(asked)
				<-answer
			}
			return pdp.AcceptAll(c, q)
		})
	})
	client, server := b.open()
	client.send("a1 STARTTLS")
	<-asked
	client.send("a2 LOGIN demo secret")
	time.Sleep(20 * time.Millisecond)
	close(answer)
	client.expect("a1 OK begin TLS now")
	rest, _ := io.ReadAll(client.r)
	if len(rest) > 0 && !strings.HasPrefix(string(rest), "\x15\x03") { // an alert
		t.Errorf("the client got %q", rest)
	}
	server.expectEnd()
}

// TestStartTLSOnce: it is BAD under TLS, and after a login in the clear.
func TestStartTLSOnce(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) {
		l.Session.ClientStartTLS, l.TLS = session.StartTLSOffered, fixed(showing(t))
	})
	client, _ := b.login()
	client.send("a1 STARTTLS")
	if got := client.line(); !strings.HasPrefix(got, "a1 BAD ") {
		t.Errorf("after login: %q", got)
	}
	client, _ = b.open()
	client.send("a1 STARTTLS")
	client.expect("a1 OK begin TLS now")
	client = newPeer(t, securedBy(t, client.conn))
	client.send("a2 STARTTLS")
	if got := client.line(); !strings.HasPrefix(got, "a2 BAD ") {
		t.Errorf("under TLS: %q", got)
	}
}

// TestStartTLSForgets what the server and the client said in the clear.
func TestStartTLSForgets(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) {
		l.Session.ClientStartTLS, l.TLS = session.StartTLSRequired, fixed(showing(t))
		l.Session.ServerStartTLS, l.Upstream.TLS = session.StartTLSRequired, fixed(trusting(t))
	})
	client, server := b.dial(), b.accept()
	server.send("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SORT] ready", "* OK [ALERT] pay here")
	server.expect("gatepost STARTTLS")
	server.send("gatepost OK go on")
	server = newPeer(t, tls.Server(server.conn, showing(t)))
	go func() { _ = server.conn.(*tls.Conn).Handshake() }()
	client.expect("* OK ready") // no list, and no alert
	client.send("a1 STARTTLS")
	client.expect("a1 OK begin TLS now")
	client = newPeer(t, securedBy(t, client.conn))
	client.send("a2 CAPABILITY")
	server.expect("a2 CAPABILITY")
	server.send("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN IDLE", "a2 OK done")
	client.expect("* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE LITERAL+", "a2 OK done")
}

// TestStartTLSOfTheServer: whatever the server, or who stands before it, makes of STARTTLS but to accept it, the session ends; the client
// learns nothing of what was said in the clear, and nothing of the client is said.
func TestStartTLSOfTheServer(t *testing.T) {
	const broke, failed = "* BYE [UNAVAILABLE] server error\r\n", "* BYE [UNAVAILABLE] TLS handshake failed\r\n"
	for _, c := range []struct{ name, greeting, answer, want string }{
		{"stripped: it is unknown", "* OK ready\r\n", "gatepost BAD what?\r\n", broke},
		{"stripped: it is refused", "* OK [CAPABILITY IMAP4rev1] ready\r\n", "gatepost NO not here\r\n", broke},
		{"a PREAUTH greeting", "* PREAUTH ready\r\n", "", broke},
		{"a BYE greeting", "* BYE not today\r\n", "", "* BYE not today\r\n"},
		{"a continuation", "* OK ready\r\n", "+ go on\r\n", broke},
		{"an answer to another tag", "* OK ready\r\n", "a1 OK go on\r\n", broke},
		{"an answer before the question", "* OK ready\r\ngatepost OK go on\r\n", "", "* BYE octets in the clear around STARTTLS\r\n"},
		{"a mailbox list", "* OK ready\r\n", "* LIST () \"/\" evil\r\ngatepost OK go on\r\n", broke},
		{"not IMAP", "* OK ready\r\n", "HTTP/1.1 400 Bad Request\r\n", broke},
		{"a response injection", "* OK ready\r\n", "gatepost OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=EVIL\r\ngatepost OK done\r\n",
			"* BYE octets in the clear around STARTTLS\r\n"},
		{"half a response injection", "* OK ready\r\n", "gatepost OK go on\r\n* CAPA", "* BYE octets in the clear around STARTTLS\r\n"},
		{"a response injection behind the handshake's begin", "* OK ready\r\n", "gatepost OK go on\r\n|* CAPABILITY IMAP4rev1\r\n", failed},
		{"an alert", "* OK ready\r\n", "gatepost OK go on\r\n|\x15\x03\x01\x00\x02\x02\x28", failed},
		{"its end", "* OK ready\r\n", "|", "* BYE [UNAVAILABLE] server closed the connection\r\n"},
		{"its end inside of the handshake", "* OK ready\r\n", "gatepost OK go on\r\n|", failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t, func(_ *Options, l *Listener) {
				l.Session.ServerStartTLS, l.Upstream.TLS = session.StartTLSRequired, fixed(trusting(t))
			})
			conn := b.dial().conn
			client := record(t, conn)
			if _, err := io.WriteString(conn, "a1 LOGIN demo secret\r\n"); err != nil {
				t.Fatal(err)
			}
			upstream := b.accept().conn
			server := record(t, upstream)
			write := func(s string) {
				if _, err := io.WriteString(upstream, s); err != nil {
					t.Log(err) // it may have been closed
				}
			}
			write(c.greeting)
			if c.answer != "" {
				server.await(t, "gatepost STARTTLS\r\n")
				first, then, more := strings.Cut(c.answer, "|")
				write(first)
				if more {
					if strings.HasPrefix(first, "gatepost OK") {
						server.await(t, "\x16\x03\x01") // the ClientHello
					}
					write(then)
					upstream.(interface{ CloseWrite() error }).CloseWrite()
				}
			} else {
				upstream.(interface{ CloseWrite() error }).CloseWrite()
			}
			if got := client.all(t); got != c.want {
				t.Errorf("the client got %q, want %q", got, c.want)
			}
			if got := server.all(t); strings.Contains(got, "LOGIN") || strings.Contains(got, "secret") {
				t.Errorf("the server got %q", got)
			}
		})
	}
}

// TestPreauthDowngrade: a client that must use STARTTLS is not let in by a greeting after which there is none.
func TestPreauthDowngrade(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) {
		l.Session.ClientStartTLS, l.TLS = session.StartTLSRequired, fixed(showing(t))
	})
	client, server := b.dial(), b.accept()
	server.send("* PREAUTH ready")
	client.expect("* BYE [PRIVACYREQUIRED] STARTTLS is required")
	client.expectEnd()
	server.expectEnd()
}

// TestStartTLSThatIsNotAnswered is waited for as long as a login.
func TestStartTLSThatIsNotAnswered(t *testing.T) {
	b := newBed(t, func(o *Options, l *Listener) {
		o.Timeouts.Login = 300 * time.Millisecond
		l.Session.ServerStartTLS, l.Upstream.TLS = session.StartTLSRequired, fixed(trusting(t))
	})
	client, server := b.dial(), b.accept()
	server.send("* OK ready")
	server.expect("gatepost STARTTLS")
	client.expect("* BYE no login in time")
	client.expectEnd()
	server.expectEnd()
}
