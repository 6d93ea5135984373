package dataplane_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/gatepost/gatepost/dataplane"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const patience = 20 * time.Second

// decider accepts everything but DELETE, which it rejects, and XFAULT, on which its policy fails.
type decider struct {
	deciderv1.UnimplementedDeciderServiceServer
}

func (decider) Decide(_ context.Context, r *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	d := &deciderv1.Decision{
		Id:       "d-1",
		Revision: "r-1",
		Outcome:  deciderv1.Outcome_OUTCOME_POLICY,
		Rows:     []*deciderv1.ResponseRow{{Tag: deciderv1.ImapTag_IMAP_TAG_ALL, Name: "*", Verdict: deciderv1.ImapRsp_IMAP_RSP_ACCEPT}},
	}
	c := r.Question.GetCommand()
	switch {
	case c == nil:
		d.Verdict = &deciderv1.Decision_Response{Response: deciderv1.ImapRsp_IMAP_RSP_ACCEPT}
	case c.Name == "DELETE":
		d.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_REJECT}
		d.Text, d.Reason, d.Row = []byte("folders here are permanent"), "legal hold", `request["DELETE"]`
	case c.Name == "XFAULT":
		d.Outcome = deciderv1.Outcome_OUTCOME_ERROR
		d.Error = &deciderv1.PolicyError{Kind: deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_ROW, Message: "malformed", File: "p.rego", Line: 7}
	default:
		d.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}
	}
	return &deciderv1.DecideResponse{Decision: d}, nil
}

// decide runs a decider until stop is called or the test ends.
func decide(t *testing.T, socket string) (stop func()) { return decideBy(t, socket, decider{}) }

func decideBy(t *testing.T, socket string, d deciderv1.DeciderServiceServer) (stop func()) {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(s, d)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	stop = func() { s.Stop(); <-done }
	t.Cleanup(stop)
	return stop
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// entry waits for the log entry with that message.
func (l *lines) entry(t *testing.T, msg string) map[string]any {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(l.String()) {
			e := map[string]any{}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			if e["msg"] == msg {
				return e
			}
		}
	}
	t.Fatalf("no %q in\n%s", msg, l.String())
	return nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// bed is a dataplane between a client and a server that the test plays.
type bed struct {
	t      *testing.T
	dp     *dataplane.Dataplane
	server net.Listener
	log    *lines
	served chan error
}

func newBed(t *testing.T, socket string, change func(*dataplane.Config)) *bed {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	c := dataplane.DefaultConfig()
	c.Name = "edge-1"
	c.Listeners = []dataplane.Listener{{Name: "imap", Address: "127.0.0.1:0"}}
	c.Upstream = dataplane.Upstream{Address: server.Addr().String(), TLS: dataplane.ClientTLS{Mode: "off"}}
	c.Decider.Address = "unix:" + socket
	c.Decider.Deadline = patience
	c.Timeouts.Shutdown = patience
	if change != nil {
		change(c)
	}
	b := &bed{t: t, server: server, log: new(lines), served: make(chan error, 1)}
	b.dp, err = dataplane.New(c, dataplane.Options{
		Log: slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { b.served <- b.dp.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-b.served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return b
}

type peer struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func newPeer(t *testing.T, conn net.Conn, err error) *peer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

func (p *peer) send(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, line+"\r\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) line() string {
	p.t.Helper()
	s, err := p.r.ReadString('\n')
	if err != nil {
		p.t.Fatalf("read %q and then %v", s, err)
	}
	return strings.TrimSuffix(s, "\r\n")
}

func (p *peer) expect(want string) {
	p.t.Helper()
	if got := p.line(); got != want {
		p.t.Fatalf("got %q, want %q", got, want)
	}
}

// connect connects a client, without a greeting.
func (b *bed) connect() (client, server *peer) {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.dp.Addr("imap").String())
	client = newPeer(b.t, conn, err)
	conn, err = b.server.Accept()
	return client, newPeer(b.t, conn, err)
}

// open connects a client, which is greeted.
func (b *bed) open() (client, server *peer) {
	b.t.Helper()
	client, server = b.connect()
	server.send("* PREAUTH ready")
	client.expect("* PREAUTH ready")
	return client, server
}

// TestEvents: a decision, a policy error, a missing answer, and violations by either side are logged under different names.
func TestEvents(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	stop := decide(t, socket)
	b := newBed(t, socket, nil)

	client, _ := b.open()
	client.send("a1 DELETE Drafts")
	client.expect("a1 NO [NOPERM] folders here are permanent")
	client.send("a2 LIST  double")
	if got := client.line(); !strings.HasPrefix(got, "a2 BAD ") {
		t.Errorf("got %q", got)
	}
	client.send("a3 XFAULT")
	client.expect("* BYE policy error")

	client, server := b.open()
	server.send("what is this?")
	client.expect("* BYE [UNAVAILABLE] server error")

	client, _ = b.open()
	stop()
	client.send("a1 NOOP")
	client.expect("a1 NO [UNAVAILABLE] policy service unavailable")

	for msg, want := range map[string]map[string]any{
		"decision":         {"level": "DEBUG", "kind": "greeting", "verdict": "IMAP_RSP_ACCEPT", "decision": "d-1", "revision": "r-1"},
		"policy_error":     {"level": "ERROR", "command": "XFAULT", "tag": "a3", "fault": "row", "reason": "malformed", "file": "p.rego", "line": 7.0},
		"decider_failed":   {"level": "WARN", "command": "NOOP", "verdict": "reject"},
		"client_violation": {"level": "WARN", "tag": "a2"},
		"server_violation": {"level": "ERROR"},
		"ended":            {"level": "INFO"},
	} {
		e := b.log.entry(t, msg)
		for k, v := range want {
			if e[k] != v {
				t.Errorf("%s: %s is %v, want %v", msg, k, e[k], v)
			}
		}
		if e["session"] == nil || e["listener"] != "imap" || !strings.HasPrefix(fmt.Sprint(e["client"]), "127.0.0.1:") {
			t.Errorf("%s: %v does not say whose it is", msg, e)
		}
	}
	if !strings.Contains(b.log.String(), `"verdict":"IMAP_REQ_REJECT","decision":"d-1","revision":"r-1","row":"request[\"DELETE\"]","reason":"legal hold"`) {
		t.Errorf("the rejection is not logged in\n%s", b.log)
	}
}

// TestSecretsAreNotLogged logs in in each way, and looks for the password.
func TestSecretsAreNotLogged(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	decide(t, socket)
	b := newBed(t, socket, nil)
	for _, login := range []string{
		"a1 LOGIN demo hunter2",
		"a1 LOGIN demo {7+}\r\nhunter2",
		"a1 LOGIN demo hunter2 hunter2",
		"a1 LOGIN demo \"hunter2",
		"a1 LOGIN demo hunter2\n",
		"a1 AUTHENTICATE PLAIN AGRlbW8AaHVudGVyMg==",
		"a1 AUTHENTICATE PLAIN AGRlbW8AaHVudGVyMg= =",
	} {
		client, server := b.connect()
		server.send("* OK ready")
		client.expect("* OK ready")
		client.send(login)
		client.send("a2 NOOP")
		time.Sleep(20 * time.Millisecond)
		client.conn.Close()
		server.conn.Close()
	}
	b.log.entry(t, "client_violation")
	for _, secret := range []string{"hunter2", "aHVudGVyMg"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, b.log)
		}
	}
}

// TestDeciderAwayAndBack: NO [UNAVAILABLE], the session lives, and recovers by itself; and so with sessions to come.
func TestDeciderAwayAndBack(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	stop := decide(t, socket)
	b := newBed(t, socket, nil)
	client, server := b.open()
	for range 2 {
		stop()
		client.send("a1 NOOP")
		client.expect("a1 NO [UNAVAILABLE] policy service unavailable")
		stop = decide(t, socket)
		for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			client.send("a2 NOOP")
			_ = server.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if got, err := server.r.ReadString('\n'); err == nil {
				if got != "a2 NOOP\r\n" {
					t.Fatalf("the server got %q", got)
				}
				break
			}
			client.expect("a2 NO [UNAVAILABLE] policy service unavailable")
			if time.Now().After(end) {
				t.Fatal("the decider is back and not used")
			}
		}
		_ = server.conn.SetReadDeadline(time.Now().Add(patience))
		server.send("a2 OK done")
		client.expect("a2 OK done")
	}
	b.open()
}

func TestDeciderAwayAtTheGreeting(t *testing.T) {
	b := newBed(t, filepath.Join(t.TempDir(), "none.sock"), nil)
	client, server := b.connect()
	server.send("* OK ready")
	client.expect("* BYE [UNAVAILABLE] policy service unavailable")
}

// TestShutdown: all clients are told, and nothing is left running.
func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("tells BYE", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "d.sock")
		decide(t, socket)
		b := newBed(t, socket, nil)
		client, _ := b.open()
		go func() { _ = b.dp.Shutdown(context.Background()) }()
		client.expect("* BYE [UNAVAILABLE] the service is shutting down")
		client.conn.Close()
		if err := b.dp.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if _, err := net.Dial("tcp", b.dp.Addr("imap").String()); err == nil {
			t.Error("it still accepts clients")
		}
	})
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			var stacks [64 << 10]byte
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks[:], true)])
		}
	}
}

func TestNewRefuses(t *testing.T) {
	c := dataplane.DefaultConfig()
	if _, err := dataplane.New(c, dataplane.Options{}); err == nil || !strings.Contains(err.Error(), "listeners: needed") {
		t.Errorf("%v", err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c.Listeners = []dataplane.Listener{{Name: "a", Address: "127.0.0.1:0"}, {Name: "b", Address: taken.Addr().String()}}
	c.Upstream = dataplane.Upstream{Address: "127.0.0.1:1"}
	c.Decider.Address = "unix:/none"
	if _, err := dataplane.New(c, dataplane.Options{}); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("%v", err)
	}
}

// TestGivenListener: a program that embeds the dataplane may open the sockets itself.
func TestGivenListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dataplane.DefaultConfig()
	c.Listeners = []dataplane.Listener{{Name: "imap", Address: "127.0.0.1:143"}}
	c.Upstream = dataplane.Upstream{Address: "127.0.0.1:1", TLS: dataplane.ClientTLS{Mode: "off"}}
	c.Decider.Address = "unix:/none"
	var events sync.Map
	d, err := dataplane.New(c, dataplane.Options{
		Listeners: map[string]net.Listener{"imap": l},
		Log:       slog.New(slog.DiscardHandler),
		OnEvent:   func(e dataplane.Event) { events.Store(e.Name, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- d.Serve(context.Background()) }()
	conn, err := net.Dial("tcp", d.Addr("imap").String())
	client := newPeer(t, conn, err)
	client.expect("* BYE [UNAVAILABLE] server unreachable")
	client.conn.Close()
	if err := d.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if e, ok := events.Load("ended"); !ok || e.(dataplane.Event).Reason != "the server cannot be reached" {
		t.Errorf("%+v", e)
	}
	if d.Addr("none") != nil {
		t.Error("a listener that is not configured has an address")
	}
}
