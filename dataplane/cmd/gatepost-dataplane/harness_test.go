package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// acceptAll is a decider that accepts everything.
type acceptAll struct {
	deciderv1.UnimplementedDeciderServiceServer
}

func (acceptAll) Decide(_ context.Context, r *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	d := &deciderv1.Decision{
		Id:      "1",
		Outcome: deciderv1.Outcome_OUTCOME_POLICY,
		Verdict: &deciderv1.Decision_Response{Response: deciderv1.ImapRsp_IMAP_RSP_ACCEPT},
		Rows: []*deciderv1.ResponseRow{{
			Tag: deciderv1.ImapTag_IMAP_TAG_ALL, Name: "*", Verdict: deciderv1.ImapRsp_IMAP_RSP_ACCEPT,
		}},
	}
	if r.Question.GetCommand() != nil {
		d.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}
	}
	return &deciderv1.DecideResponse{Decision: d}, nil
}

// itself is the program as part of the test: TestMain runs it under its name.
func itself(t *testing.T) string {
	t.Helper()
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "gatepost-dataplane")
	if err := os.Symlink(test, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// built is the program as it is delivered, without the race detector, whose memory is not the program's.
func built(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gatepost-dataplane")
	if out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return name
}

// running is the program, between clients and a server that the test plays.
type running struct {
	t                 *testing.T
	process           *os.Process
	dir, address      string
	upstream          net.Listener
	showing, trusting *tls.Config // nil: in the clear
	log               chan map[string]any
}

// serve runs the program.
func serve(t *testing.T, program, mode string) *running {
	t.Helper()
	dir := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(dir, "decider.sock"))
	if err != nil {
		t.Fatal(err)
	}
	decider := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(decider, acceptAll{})
	go func() { _ = decider.Serve(socket) }()
	t.Cleanup(decider.Stop)

	upstream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { upstream.Close() })
	showing, trusting := certificate(t, dir)
	config := fmt.Sprintf(`
listeners:
  - {name: imap, address: "127.0.0.1:0", tls: {mode: %[1]s, certificates: [{certificate: cert.pem, key: key.pem}]}}
upstream: {address: %[2]q, tls: {mode: %[1]s, ca: cert.pem}}
decider: {address: "unix:%[3]s", deadline: 30s}
`, mode, upstream.Addr(), socket.Addr())
	if err := os.WriteFile(filepath.Join(dir, "dataplane.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}

	r := &running{t: t, dir: dir, upstream: upstream}
	r.start(exec.Command(program, "serve", "--config", filepath.Join(dir, "dataplane.yaml")))
	r.address = r.logged("listening", "address")
	if mode != "off" {
		r.showing, r.trusting = showing, trusting
	}
	return r
}

// start starts the program, and follows its log.
func (r *running) start(cmd *exec.Cmd) {
	r.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd.Stderr = write
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	write.Close() // successors have it, too
	r.process = cmd.Process
	r.t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _, _ = cmd.Process.Wait() })
	r.log = make(chan map[string]any, 10_000)
	go func() {
		defer close(r.log)
		defer read.Close()
		for lines := bufio.NewScanner(read); lines.Scan(); {
			var event map[string]any
			if json.Unmarshal(lines.Bytes(), &event) != nil {
				event = map[string]any{"msg": lines.Text()}
			}
			switch event["msg"] {
			case "session", "decision", "ended":
				continue // a load has thousands, and no test waits for one
			}
			r.log <- event
		}
	}()
}

// logged waits for an event in the log, and returns a field of it.
func (r *running) logged(msg, field string) string {
	r.t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case event, ok := <-r.log:
			if !ok {
				r.t.Fatalf("the program has ended without %q in its log", msg)
			}
			if event["msg"] == msg {
				return fmt.Sprint(event[field])
			}
		case <-late:
			r.t.Fatalf("no %q in the log", msg)
		}
	}
}

// connect connects a client, and takes its connection to the server.
func (r *running) connect() (client, server *peer) {
	r.t.Helper()
	front, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	if r.trusting != nil {
		secured := tls.Client(front, r.trusting)
		if err := secured.Handshake(); err != nil {
			r.t.Fatal(err)
		}
		front = secured
	}
	back, err := r.upstream.Accept()
	if err != nil {
		r.t.Fatal(err)
	}
	if r.showing != nil {
		back = tls.Server(back, r.showing)
	}
	return newPeer(r.t, front), newPeer(r.t, back)
}

// certificate writes cert.pem and key.pem for 127.0.0.1.
func certificate(t *testing.T, dir string) (showing, trusting *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) []byte {
		b = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		return b
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(write("cert.pem", "CERTIFICATE", der))
	write("key.pem", "PRIVATE KEY", private)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

// peer is the test's end of a connection.
type peer struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func newPeer(t *testing.T, conn net.Conn) *peer {
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

func (p *peer) send(lines ...string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) expect(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		got, err := p.r.ReadString('\n')
		if err != nil || got != want+"\r\n" {
			p.t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
}
