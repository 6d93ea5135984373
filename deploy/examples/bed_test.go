package examples

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
)

// patience is how long an answer may take.
const patience = 10 * time.Second

// bed is a dataplane between a client and a server that the test plays, with a judge.
type bed struct {
	judge          *judge
	client, server *peer
}

// newBed starts a dataplane and connects to it, which connects to the server.
func newBed(t *testing.T, j *judge, settings map[string]string) *bed {
	t.Helper()
	upstream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { upstream.Close() })
	c := dataplane.DefaultConfig()
	l := dataplane.Listener{Name: "imap", Address: "127.0.0.1:0"}
	l.ProxyProtocol.From = []string{"127.0.0.1"}
	secure := false
	address := "192.0.2.1"
	for key, value := range settings {
		switch key {
		case "client":
			address = value
		case "client_tls":
			secure = value == "true"
			l.TLS.Mode = "implicit"
			l.TLS.Certificates = []dataplane.Certificate{certificate(t)}
		case "connected":
			if j.connected, err = time.Parse(time.RFC3339, value); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("unknown setting %q", key)
		}
	}
	c.Listeners = []dataplane.Listener{l}
	c.Upstream.Address = upstream.Addr().String()
	c.Upstream.TLS.Mode = "off"
	c.Decider.Address = j.serve(t)
	c.Decider.TLS.Mode = "off"
	c.Decider.Streams = 0 // the judge answers calls
	c.Decider.Deadline = patience
	d, err := dataplane.New(c, dataplane.Options{Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})

	b := &bed{judge: j, client: dial(t, d.Addr("imap").String(), address, secure)}
	conn, err := upstream.Accept()
	if err != nil {
		t.Fatal(err)
	}
	b.server = newPeer(t, conn)
	return b
}

// dial connects as a balancer would for the client with that address.
func dial(t *testing.T, to, address string, secure bool) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	family, local := "TCP4", "127.0.0.1"
	if strings.Contains(address, ":") {
		family, local = "TCP6", "::1"
	}
	fmt.Fprintf(conn, "PROXY %s %s %s 40000 143\r\n", family, address, local)
	if secure {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	return newPeer(t, conn)
}

// peer is a connection whose octets are kept as they come.
type peer struct {
	conn net.Conn

	mu   sync.Mutex
	got  []byte
	over bool
}

func newPeer(t *testing.T, conn net.Conn) *peer {
	p := &peer{conn: conn}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(p, conn)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.over = true
	}()
	t.Cleanup(func() {
		conn.Close()
		<-read
	})
	return p
}

// Write takes octets that came.
func (p *peer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, b...)
	return len(b), nil
}

// state is how many octets wait, and whether there will be more.
func (p *peer) state() (n int, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got), p.over
}

func (p *peer) take() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.got
	p.got = nil
	return b
}

// certificate makes one for the listener, which nobody verifies.
func certificate(t *testing.T) dataplane.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c := dataplane.Certificate{Certificate: filepath.Join(t.TempDir(), "tls.crt"), Key: filepath.Join(t.TempDir(), "tls.key")}
	for name, block := range map[string]*pem.Block{
		c.Certificate: {Type: "CERTIFICATE", Bytes: der},
		c.Key:         {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
