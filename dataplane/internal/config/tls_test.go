package config

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
)

// meet does a handshake between both configurations, and returns what each side made of it.
func meet(t *testing.T, server, client *tls.Config) (s, c *tls.Conn, serverErr, clientErr error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	_ = a.SetDeadline(time.Now().Add(10 * time.Second))
	_ = b.SetDeadline(time.Now().Add(10 * time.Second))
	s, c = tls.Server(a, server), tls.Client(b, client)
	done := make(chan error, 1)
	go func() {
		err := s.Handshake()
		if err != nil {
			a.Close()
		}
		done <- err
	}()
	if clientErr = c.Handshake(); clientErr == nil {
		// Under TLS 1.3 the client is ready before the server has looked at its certificate.
		go func() { _, _ = s.Write([]byte{'x'}) }()
		_, clientErr = c.Read(make([]byte, 1))
	}
	if clientErr != nil {
		b.Close()
	}
	return s, c, <-done, clientErr
}

// TestClientTable: who comes to a listener, and what becomes of it.
func TestClientTable(t *testing.T) {
	dir, ours, foreign := t.TempDir(), tlstest.NewCA(t), tlstest.NewCA(t)
	listener := ListenerTLS{Mode: TLSImplicit, MinVersion: "1.2", ClientCertificates: ClientCertificatesOff, ClientCA: ours.File(dir, "ca.crt")}
	for _, name := range []string{"mail.example", "imap.example", "*.sub.example"} {
		var c Certificate
		c.Certificate, c.Key = tlstest.Files(t, ours.Issue(tlstest.For(name)), dir, strings.TrimPrefix(name, "*."))
		listener.Certificates = append(listener.Certificates, c)
	}
	shows := func(a *tlstest.CA, change ...func(*x509.Certificate)) func(*tls.Config) {
		c := a.Issue(change...)
		// Whatever authorities the server names.
		return func(to *tls.Config) {
			to.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }
		}
	}
	only := func(version uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version }
	}
	offers := func(protocols ...string) func(*tls.Config) { return func(c *tls.Config) { c.NextProtos = protocols } }
	asks := func(name string) func(*tls.Config) { return func(c *tls.Config) { c.ServerName = name } }
	for _, c := range []struct {
		name     string
		client   func(*tls.Config)
		listener func(*ListenerTLS)
		// refused is what the listener says of it; empty: it gets on, and sees the certificate for shown.
		refused, shown string
	}{
		{"TLS 1.0", only(tls.VersionTLS10), nil, "client offered only unsupported versions", ""},
		{"TLS 1.1", only(tls.VersionTLS11), nil, "client offered only unsupported versions", ""},
		{"TLS 1.2", only(tls.VersionTLS12), nil, "", "mail.example"},
		{"TLS 1.3", only(tls.VersionTLS13), nil, "", "mail.example"},
		{"TLS 1.2 where 1.3 is the least", only(tls.VersionTLS12), func(l *ListenerTLS) { l.MinVersion = "1.3" }, "client offered only unsupported versions", ""},
		{"a cipher without forward secrecy", func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		}, nil, "no cipher suite supported", ""},

		{"no ALPN", offers(), nil, "", "mail.example"},
		{"ALPN imap", offers("imap"), nil, "", "mail.example"},
		{"ALPN imap among others", offers("h2", "imap"), nil, "", "mail.example"},
		{"ALPN http/1.1", offers("http/1.1"), nil, `unsupported application protocols (["http/1.1"])`, ""},
		{"ALPN h2 and http/1.1", offers("h2", "http/1.1"), nil, "unsupported application protocols", ""},
		{"ALPN pop3", offers("pop3"), nil, "unsupported application protocols", ""},

		{"SNI of the second certificate", asks("imap.example"), nil, "", "imap.example"},
		{"SNI in capitals", asks("IMAP.EXAMPLE"), nil, "", "imap.example"},
		{"SNI of a wildcard", asks("a.sub.example"), nil, "", "*.sub.example"},
		{"SNI below a wildcard's level", asks("b.a.sub.example"), nil, "", "mail.example"},
		{"SNI that is unknown", asks("unknown.example"), nil, "", "mail.example"},
		{"no SNI", asks(""), nil, "", "mail.example"},
		{"an address for SNI", asks("192.0.2.1"), nil, "", "mail.example"},

		{"a certificate that is not asked for", shows(foreign), nil, "", "mail.example"},
		{"none, and it is optional", nil, optional, "", "mail.example"},
		{"a good one, and it is optional", shows(ours), optional, "", "mail.example"},
		{"a foreign one, and it is optional", shows(foreign), optional, "certificate signed by unknown authority", ""},
		{"none, and it is required", nil, required, "client didn't provide a certificate", ""},
		{"a good one, and it is required", shows(ours), required, "", "mail.example"},
		{"a foreign one, and it is required", shows(foreign), required, "certificate signed by unknown authority", ""},
		{"an expired one", shows(ours, tlstest.Expired), required, "certificate has expired or is not yet valid", ""},
		{"one that is not good yet", shows(ours, tlstest.NotYet), required, "certificate has expired or is not yet valid", ""},
		{"one that is for servers", shows(ours, func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[:1] }), required, "incompatible key usage", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listener
			if c.listener != nil {
				c.listener(&l)
			}
			server, err := l.Config()
			if err != nil {
				t.Fatal(err)
			}
			// What the listener shows is compared below, whether it fits or not.
			client := &tls.Config{ServerName: "mail.example", InsecureSkipVerify: true}
			if c.client != nil {
				c.client(client)
			}
			s, conn, serverErr, clientErr := meet(t, server, client)
			if c.refused != "" {
				if serverErr == nil || !strings.Contains(serverErr.Error(), c.refused) || clientErr == nil {
					t.Fatalf("the listener says %v, the client %v; want %q", serverErr, clientErr, c.refused)
				}
				return
			}
			if serverErr != nil || clientErr != nil {
				t.Fatalf("the listener says %v, the client %v", serverErr, clientErr)
			}
			if got := conn.ConnectionState().PeerCertificates[0].DNSNames[0]; got != c.shown {
				t.Errorf("the certificate for %s is shown, want that for %s", got, c.shown)
			}
			if asked := l.ClientCertificates != ClientCertificatesOff && client.GetClientCertificate != nil; asked != (len(s.ConnectionState().VerifiedChains) > 0) {
				t.Errorf("verified: %t, want %t", !asked, asked)
			}
		})
	}
}

func optional(l *ListenerTLS) { l.ClientCertificates = ClientCertificatesOptional }
func required(l *ListenerTLS) { l.ClientCertificates = ClientCertificatesRequired }

// TestServerTable: what a server shows, and whether it is used.
func TestServerTable(t *testing.T) {
	dir, ours, foreign := t.TempDir(), tlstest.NewCA(t), tlstest.NewCA(t)
	certificate, key := tlstest.Files(t, ours.Issue(tlstest.For("gatepost")), dir, "own")
	own := ours.File(dir, "ca.crt")
	for _, c := range []struct {
		name   string
		config func(*ClientTLS)
		server *tls.Config
		// refused is what is said of it; empty: it is used.
		refused string
	}{
		{"a good one", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue()}}, ""},
		{"one that speaks IMAP by ALPN", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue()}, NextProtos: []string{"imap"}}, ""},
		{"of an unknown authority", nil, &tls.Config{Certificates: []tls.Certificate{foreign.Issue()}}, "certificate signed by unknown authority"},
		{"of our authority, which is not told", func(c *ClientTLS) { c.CA = "" }, &tls.Config{Certificates: []tls.Certificate{ours.Issue()}}, "certificate signed by unknown authority"},
		{"for another name", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue(tlstest.For("other.example"))}}, "certificate is valid for other.example, not mail.example"},
		{"for the name that is told", func(c *ClientTLS) { c.ServerName = "other.example" },
			&tls.Config{Certificates: []tls.Certificate{ours.Issue(tlstest.For("other.example"))}}, ""},
		{"expired", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue(tlstest.Expired)}}, "certificate has expired or is not yet valid"},
		{"not good yet", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue(tlstest.NotYet)}}, "certificate has expired or is not yet valid"},
		{"one for clients", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue(func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[1:] })}}, "incompatible key usage"},
		{"TLS 1.1", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue()}, MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11}, "protocol version not supported"},
		{"TLS 1.2 where 1.3 is the least", func(c *ClientTLS) { c.MinVersion = "1.3" },
			&tls.Config{Certificates: []tls.Certificate{ours.Issue()}, MaxVersion: tls.VersionTLS12}, "protocol version not supported"},
		{"another protocol", nil, &tls.Config{Certificates: []tls.Certificate{ours.Issue()}, NextProtos: []string{"pop3"}}, "no application protocol"},
		{"one that wants our certificate", func(c *ClientTLS) { c.Certificate, c.Key = certificate, key },
			&tls.Config{Certificates: []tls.Certificate{ours.Issue()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ours.Pool()}, ""},
		{"one that wants a certificate, and we have none", nil,
			&tls.Config{Certificates: []tls.Certificate{ours.Issue()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ours.Pool()}, "certificate required"},
		{"whatever it is, where that was spelled out", func(c *ClientTLS) { c.InsecureSkipVerify = true },
			&tls.Config{Certificates: []tls.Certificate{foreign.Issue(tlstest.Expired)}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := ClientTLS{Mode: TLSImplicit, MinVersion: "1.2", CA: own}
			if c.config != nil {
				c.config(&up)
			}
			client, err := up.Config("mail.example:993")
			if err != nil {
				t.Fatal(err)
			}
			_, _, serverErr, clientErr := meet(t, c.server, client)
			switch {
			case c.refused == "" && (clientErr != nil || serverErr != nil):
				t.Fatalf("%v; the server says %v", clientErr, serverErr)
			case c.refused != "" && (clientErr == nil || !strings.Contains(clientErr.Error(), c.refused)):
				t.Fatalf("%v, want %q", clientErr, c.refused)
			}
		})
	}
}
