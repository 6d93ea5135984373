package pep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// peer is the test's end of a connection.
type peer struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func newPeer(t testing.TB, conn net.Conn) *peer {
	_ = conn.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

// send writes lines.
func (p *peer) send(lines ...string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		p.t.Fatalf("sending %q: %v", lines, err)
	}
}

// line reads a line.
func (p *peer) line() string {
	p.t.Helper()
	s, err := p.r.ReadString('\n')
	if err != nil {
		p.t.Fatalf("read %q and then %v", s, err)
	}
	return strings.TrimSuffix(s, "\r\n")
}

// expect reads lines, which must be these.
func (p *peer) expect(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		if got := p.line(); got != want {
			p.t.Fatalf("got  %q\nwant %q", got, want)
		}
	}
}

// expectEnd reads the end of the stream, and closes it.
func (p *peer) expectEnd() {
	p.t.Helper()
	if b, err := p.r.ReadByte(); !errors.Is(err, io.EOF) {
		p.t.Fatalf("read %q, %v, want the end", b, err)
	}
	p.conn.Close()
}

// tolerate sets a longer deadline than patience.
func (p *peer) tolerate(d time.Duration) { _ = p.conn.SetDeadline(time.Now().Add(d)) }

// bed is a dataplane's shell between a client and a server that the test plays.
type bed struct {
	t      testing.TB
	server *Server
	addr   net.Addr
	// upstream accepts what the shell connects.
	upstream net.Listener

	mu     sync.Mutex
	events []Event
}

// newBed makes a bed. change may alter the options before it starts.
func newBed(t testing.TB, change func(*Options, *Listener)) *bed {
	t.Helper()
	b := &bed{t: t, upstream: listen(t)}
	front := listen(t)
	b.addr = front.Addr()
	o := Options{
		Name:     "test",
		Decider:  pdp.Func(pdp.AcceptAll),
		Sessions: Sessions{All: 100, BeforeLogin: 100, PerNetwork: 100, IPv4: 32, IPv6: 64},
		Progress: 64 << 10,
		Timeouts: Timeouts{
			Connect: patience, TLSHandshake: patience, ProxyHeader: patience, Login: patience, Idle: patience, Write: patience,
			HalfClosed: patience,
		},
		OnEvent: func(e *Event) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, *e)
		},
	}
	l := Listener{Name: "imap", Listener: front}
	l.Upstream.Network, l.Upstream.Address = "tcp", b.upstream.Addr().String()
	if change != nil {
		change(&o, &l)
	}
	b.server = New(o)
	served := make(chan error, 1)
	go func() { served <- b.server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = b.server.Shutdown(ctx)
		if err := <-served; !errors.Is(err, ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
		if t.Failed() {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, e := range b.events {
				t.Logf("event %+v", e)
			}
		}
	})
	return b
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// dial connects a client alone.
func (b *bed) dial() *peer {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.addr.String())
	if err != nil {
		b.t.Fatal(err)
	}
	return newPeer(b.t, conn)
}

// accept takes the shell's connection to the server.
func (b *bed) accept() *peer {
	b.t.Helper()
	conn, err := b.upstream.Accept()
	if err != nil {
		b.t.Fatal(err)
	}
	return newPeer(b.t, conn)
}

// open connects a client, and greets it.
func (b *bed) open() (client, server *peer) {
	b.t.Helper()
	client, server = b.dial(), b.accept()
	server.send("* OK ready")
	client.expect("* OK ready")
	return client, server
}

// login opens a session and logs it in.
func (b *bed) login() (client, server *peer) {
	b.t.Helper()
	client, server = b.open()
	client.send("a0 LOGIN demo secret")
	server.expect("a0 LOGIN demo secret")
	server.send("a0 OK done")
	client.expect("a0 OK done")
	return client, server
}

// event waits for an event of that name.
func (b *bed) event(name string) Event {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		b.mu.Lock()
		for _, e := range b.events {
			if e.Name == name {
				b.mu.Unlock()
				return e
			}
		}
		b.mu.Unlock()
	}
	b.t.Fatalf("no event %q", name)
	return Event{}
}

// count counts the events of that name.
func (b *bed) count(name string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Name == name {
			n++
		}
	}
	return n
}

// settled waits until there are no more goroutines than there were.
func settled(t testing.TB, before int) {
	t.Helper()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			var stacks [64 << 10]byte
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks[:], true)])
		}
	}
}

// pattern is a reader of n octets that can be told from each other, in lines, so that it is a mail.
func pattern(n int64) io.Reader {
	var block strings.Builder
	for i := range 1 << 12 {
		fmt.Fprintf(&block, "line %07d\r\n", i)
	}
	return io.LimitReader(&repeated{block: block.String()}, n)
}

type repeated struct {
	block string
	at    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], r.block[r.at:])
		n += c
		r.at = (r.at + c) % len(r.block)
	}
	return n, nil
}
