package dataplane_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// secured is a bed whose listener has implicit TLS, with files in dir that tests replace.
func secured(t *testing.T, dir string, a *tlstest.CA, change func(*dataplane.Config)) *bed {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "d.sock")
	decide(t, socket)
	certificate, key := tlstest.Files(t, a.Issue(), dir, "tls")
	authority := a.File(dir, "ca.crt")
	return newBed(t, socket, func(c *dataplane.Config) {
		c.Listeners[0].TLS = dataplane.ListenerTLS{
			Mode: "implicit", Certificates: []dataplane.Certificate{{Certificate: certificate, Key: key}}, ClientCA: authority,
		}
		if change != nil {
			change(c)
		}
	})
}

// handshake connects a client. Under TLS 1.3 it is ready before the server has looked at its certificate.
func (b *bed) handshake(c *tls.Config) (*tls.Conn, error) {
	b.t.Helper()
	conn, err := tls.Dial("tcp", b.dp.Addr("imap").String(), c)
	if err == nil {
		b.t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

// secure connects a client that gets on.
func (b *bed) secure(c *tls.Config) (client, server *peer, state tls.ConnectionState) {
	b.t.Helper()
	conn, err := b.handshake(c)
	client = newPeer(b.t, conn, err)
	back, err := b.server.Accept()
	server = newPeer(b.t, back, err)
	server.send("* PREAUTH ready")
	client.expect("* PREAUTH ready")
	return client, server, conn.ConnectionState()
}

// TestCertificateIsRenewed: new clients see the new certificate, sessions go on, and what cannot be used is named and not used.
func TestCertificateIsRenewed(t *testing.T) {
	dir, a := t.TempDir(), tlstest.NewCA(t)
	b := secured(t, dir, a, nil)
	trusting := &tls.Config{RootCAs: a.Pool(), ServerName: "mail.example"}
	client, server, before := b.secure(trusting)
	goesOn := func() {
		t.Helper()
		client.send("a1 NOOP")
		server.expect("a1 NOOP")
		server.send("a1 OK done")
		client.expect("a1 OK done")
	}
	serial := func(s tls.ConnectionState) string { return string(s.PeerCertificates[0].Raw) }

	renewed := a.Issue()
	tlstest.Files(t, renewed, dir, "tls")
	if e := b.log.entry(t, "tls_loaded"); e["listener"] != "imap" || e["reason"] != "listener imap" || e["level"] != "INFO" {
		t.Errorf("%v", e)
	}
	goesOn()
	_, _, after := b.secure(trusting)
	if serial(after) != string(renewed.Certificate[0]) || serial(after) == serial(before) {
		t.Error("a new client does not see the new certificate")
	}

	if err := os.WriteFile(filepath.Join(dir, "tls.crt"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := b.log.entry(t, "tls_refused")
	if e["level"] != "ERROR" || !strings.Contains(e["error"].(string), filepath.Join(dir, "tls.crt")) {
		t.Errorf("%v, want the file", e)
	}
	goesOn()
	if _, _, still := b.secure(trusting); serial(still) != serial(after) {
		t.Error("a certificate that cannot be used took the place of a good one")
	}
}

// TestReloadOnDemand is what SIGHUP does.
func TestReloadOnDemand(t *testing.T) {
	dir, a := t.TempDir(), tlstest.NewCA(t)
	b := secured(t, dir, a, nil)
	renewed := a.Issue()
	tlstest.Files(t, renewed, dir, "tls")
	b.dp.Reload()
	conn, err := b.handshake(&tls.Config{RootCAs: a.Pool(), ServerName: "mail.example"})
	if err != nil || string(conn.ConnectionState().PeerCertificates[0].Raw) != string(renewed.Certificate[0]) {
		t.Errorf("not the new certificate, %v", err)
	}
}

// TestClientAuthorityIsReplaced: who was let in under the old one does not come back by resuming.
func TestClientAuthorityIsReplaced(t *testing.T) {
	dir, a, next := t.TempDir(), tlstest.NewCA(t), tlstest.NewCA(t)
	b := secured(t, dir, a, func(c *dataplane.Config) { c.Listeners[0].TLS.ClientCertificates = "required" })
	config := func(ca *tlstest.CA) *tls.Config {
		own := ca.Issue()
		return &tls.Config{
			RootCAs: a.Pool(), ServerName: "mail.example", ClientSessionCache: tls.NewLRUClientSessionCache(1),
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil },
		}
	}
	old := config(a)
	b.secure(old)
	if _, _, s := b.secure(old); !s.DidResume {
		t.Error("the client does not resume, and shows nothing")
	}
	next.File(dir, "ca.crt")
	b.dp.Reload()
	conn, err := b.handshake(old)
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
	}
	if err == nil || !strings.Contains(err.Error(), "tls: ") {
		t.Errorf("%v, want an alert", err)
	}
	b.secure(config(next))
}

// TestServerAuthorityIsReplaced: the next session trusts by the new one.
func TestServerAuthorityIsReplaced(t *testing.T) {
	dir, a, next := t.TempDir(), tlstest.NewCA(t), tlstest.NewCA(t)
	socket := filepath.Join(t.TempDir(), "d.sock")
	decide(t, socket)
	b := newBed(t, socket, func(c *dataplane.Config) {
		c.Upstream.TLS = dataplane.ClientTLS{Mode: "implicit", CA: a.File(dir, "ca.crt"), ServerName: "mail.example"}
	})
	meets := func(ca *tlstest.CA) string {
		client, server := b.connect()
		s := tls.Server(server.conn, &tls.Config{Certificates: []tls.Certificate{ca.Issue()}})
		if s.Handshake() == nil {
			_, _ = s.Write([]byte("* PREAUTH ready\r\n"))
		}
		return client.line()
	}
	if got := meets(a); got != "* PREAUTH ready" {
		t.Errorf("got %q", got)
	}
	next.File(dir, "ca.crt")
	b.dp.Reload()
	if got := meets(a); got != "* BYE [UNAVAILABLE] server unreachable" {
		t.Errorf("got %q of the old authority's", got)
	}
	if got := meets(next); got != "* PREAUTH ready" {
		t.Errorf("got %q", got)
	}
}

// recording keeps the last question.
type recording struct {
	decider
	last atomic.Pointer[deciderv1.Question]
}

func (r *recording) Decide(ctx context.Context, q *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	r.last.Store(q.Question)
	return r.decider.Decide(ctx, q)
}

// TestClientCertificateIsInQuestions, once it is verified.
func TestClientCertificateIsInQuestions(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var asked recording
	s := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(s, &asked)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)

	dir, a := t.TempDir(), tlstest.NewCA(t)
	certificate, key := tlstest.Files(t, a.Issue(), dir, "tls")
	b := newBed(t, socket, func(c *dataplane.Config) {
		c.Listeners[0].TLS = dataplane.ListenerTLS{
			Mode: "implicit", Certificates: []dataplane.Certificate{{Certificate: certificate, Key: key}},
			ClientCertificates: "optional", ClientCA: a.File(dir, "ca.crt"),
		}
	})
	trusting := &tls.Config{RootCAs: a.Pool(), ServerName: "mail.example"}
	b.secure(trusting)
	if c := asked.last.Load().Session.Tls.ClientCertificate; c != nil {
		t.Errorf("%v where none was shown", c)
	}

	id, _ := url.Parse("spiffe://example/backup")
	own := a.Issue(func(c *x509.Certificate) {
		c.Subject.CommonName, c.Subject.Organization = "backup", []string{"Example"}
		c.DNSNames, c.EmailAddresses, c.URIs = []string{"backup.example"}, []string{"backup@example"}, []*url.URL{id}
	})
	trusting.Certificates = []tls.Certificate{own}
	b.secure(trusting)
	sum := sha256.Sum256(own.Certificate[0])
	want := &deciderv1.ClientCertificate{
		Subject: "CN=backup,O=Example", DnsNames: []string{"backup.example"}, EmailAddresses: []string{"backup@example"},
		Uris: []string{"spiffe://example/backup"}, Sha256: hex.EncodeToString(sum[:]),
	}
	got := asked.last.Load().Session.Tls
	if !proto.Equal(got.ClientCertificate, want) || got.Version != "1.3" || got.ServerName != "mail.example" {
		t.Errorf("got %s", protojson.Format(got))
	}
}
