package decider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key, a.pem = template, nil, nil
	der, key := a.sign(template)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, a.key, a.pem = cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func (a *authority) sign(template *x509.Certificate) (der []byte, key *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	if der, err = x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, signer); err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// issue gives a certificate for loopback and the names, with its key, in PEM form.
func (a *authority) issue(serial int64, names ...string) (cert, key []byte) {
	a.t.Helper()
	der, private := a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "mx1"}, NotAfter: time.Now().Add(time.Hour),
		DNSNames:    names,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// With a client CA only dataplanes with a certificate of it may ask; a certificate that is replaced is shown from then on,
// and one that is broken is not taken.
func TestMutualTLS(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	put := func(name string, data []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	cert, key := ca.issue(100)
	var address string
	cfg := func(c *decider.Config, _ *decider.Options) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address = l.Addr().String()
		l.Close()
		c.Listen = append(c.Listen, address)
		c.TLS.Certificate, c.TLS.Key, c.TLS.ClientCA = put("cert.pem", cert), put("key.pem", key), put("ca.pem", ca.pem)
	}
	run(t, rules, cfg)

	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.pem)
	ask := func(serial *int64, certificates ...tls.Certificate) error {
		t.Helper()
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
			RootCAs: pool, Certificates: certificates,
			VerifyConnection: func(s tls.ConnectionState) error {
				*serial = s.PeerCertificates[0].SerialNumber.Int64()
				return nil
			},
		})))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = deciderv1.NewDeciderServiceClient(conn).Decide(t.Context(), &deciderv1.DecideRequest{Question: question("NOOP")})
		return err
	}
	pair := func(cert, key []byte) tls.Certificate {
		t.Helper()
		p, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var serial int64
	if err := ask(&serial, pair(ca.issue(1))); err != nil || serial != 100 {
		t.Errorf("with a certificate: error %v, server %d", err, serial)
	}
	if err := ask(&serial); status.Code(err) != codes.Unavailable {
		t.Errorf("without a certificate: error %v", err)
	}
	if err := ask(&serial, pair(newAuthority(t).issue(1))); status.Code(err) != codes.Unavailable {
		t.Errorf("with a stranger's certificate: error %v", err)
	}

	put("cert.pem", []byte("broken"))
	if err := ask(&serial, pair(ca.issue(2))); err != nil || serial != 100 {
		t.Errorf("with a broken file: error %v, server %d", err, serial)
	}
	cert, key = ca.issue(200)
	put("cert.pem", cert)
	put("key.pem", key)
	if err := ask(&serial, pair(ca.issue(2))); err != nil || serial != 200 {
		t.Errorf("after the change: error %v, server %d", err, serial)
	}
}

// With server.clients, only a certificate that has one of the names may ask, whatever it asks; a unix socket's mode has let
// in whoever comes by it.
func TestClients(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	cert, key := ca.issue(1)
	for name, data := range map[string][]byte{"cert.pem": cert, "key.pem": key, "ca.pem": ca.pem} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) {
		c.Listen = append(c.Listen, address)
		c.TLS.Certificate, c.TLS.Key, c.TLS.ClientCA = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "ca.pem")
		c.Server.Clients = []string{"mx1.example.org", "mx2.example.org"}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.pem)
	for _, tc := range []struct {
		names []string
		want  codes.Code
	}{
		{[]string{"MX2.example.org"}, codes.OK},
		{[]string{"other.example.org", "mx1.example.org"}, codes.OK},
		{[]string{"other.example.org"}, codes.PermissionDenied},
		{nil, codes.PermissionDenied},
	} {
		pair, err := tls.X509KeyPair(ca.issue(2, tc.names...))
		if err != nil {
			t.Fatal(err)
		}
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}})))
		if err != nil {
			t.Fatal(err)
		}
		client := deciderv1.NewDeciderServiceClient(conn)
		_, err = client.Decide(t.Context(), &deciderv1.DecideRequest{Question: question("NOOP")})
		if status.Code(err) != tc.want {
			t.Errorf("%v: Decide: error %v, want %v", tc.names, err, tc.want)
		}
		w, err := client.WatchRevision(t.Context(), &deciderv1.WatchRevisionRequest{})
		if err == nil {
			_, err = w.Recv()
		}
		if status.Code(err) != tc.want {
			t.Errorf("%v: WatchRevision: error %v, want %v", tc.names, err, tc.want)
		}
		conn.Close()
	}
	if _, err := r.ask(t.Context(), "NOOP"); err != nil {
		t.Errorf("by the unix socket: %v", err)
	}
}

// TLS that cannot be set up is an error at the start.
func TestBadTLS(t *testing.T) {
	cfg := decider.DefaultConfig()
	cfg.TLS.Certificate, cfg.TLS.Key = "/none/cert.pem", "/none/key.pem"
	if _, err := decider.New(t.Context(), cfg, decider.Options{}); err == nil {
		t.Error("started")
	}
	if _, err := decider.Check(t.Context(), cfg); err == nil {
		t.Error("checked")
	}
}
