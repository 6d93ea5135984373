package dataplane_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/gatepost/gatepost/dataplane"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// reusable is a decider whose decisions may be reused for an hour.
type reusable struct {
	revised
	asked atomic.Int64
}

func (r *reusable) Decide(ctx context.Context, q *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	r.asked.Add(1)
	resp, err := r.revised.Decide(ctx, q)
	if err == nil {
		audit := deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
		if q.Question.GetCommand().GetName() == "FETCH" {
			audit = deciderv1.ReuseAudit_REUSE_AUDIT_EACH
		}
		resp.Decision.Reuse = &deciderv1.Reuse{LeaseMs: 3_600_000, Audit: audit, Fields: []deciderv1.InputField{
			deciderv1.InputField_INPUT_FIELD_IMAP_STATE_OLD, deciderv1.InputField_INPUT_FIELD_SESSION_USER,
		}}
	}
	return resp, err
}

func (*reusable) ReportReuse(context.Context, *deciderv1.ReportReuseRequest) (*deciderv1.ReportReuseResponse, error) {
	return &deciderv1.ReportReuseResponse{}, nil
}

// path is a client and a server with a dataplane between them that knows all answers, and what one says to the other and back: as often as
// there are lines in ask, there is an answer in reply. Neither end allocates.
type path struct {
	tb             testing.TB
	client, server net.Conn
	ask, reply     []byte
	heard          []byte // the last answers
	done           chan error
}

func newPath(tb testing.TB, ask, reply string) *path {
	tb.Helper()
	socket := filepath.Join(tb.TempDir(), "d.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		tb.Fatal(err)
	}
	s, d := grpc.NewServer(), new(reusable)
	deciderv1.RegisterDeciderServiceServer(s, d)
	decided := make(chan struct{})
	go func() { defer close(decided); _ = s.Serve(l) }()
	tb.Cleanup(func() { s.Stop(); <-decided })

	upstream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer upstream.Close()
	c := dataplane.DefaultConfig()
	c.Listeners = []dataplane.Listener{{Name: "imap", Address: "127.0.0.1:0"}}
	c.Upstream = dataplane.Upstream{Address: upstream.Addr().String(), TLS: dataplane.ClientTLS{Mode: "off"}}
	c.Decider.Address = "unix:" + socket
	c.Decider.Deadline, c.Timeouts.Shutdown = patience, patience
	r := &c.Reuse.Reports
	r.Interval, r.Aggregate, r.Batch, r.OnFull = time.Hour, time.Hour, 1<<20, "drop"
	c.Limits.InFlight = 64
	dp, err := dataplane.New(c, dataplane.Options{Log: slog.New(slog.NewJSONHandler(io.Discard, nil))})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- dp.Serve(ctx) }()
	p := &path{tb: tb, ask: []byte(ask), reply: []byte(reply), heard: make([]byte, len(reply)), done: make(chan error, 1)}
	tb.Cleanup(func() {
		p.client.Close()
		p.server.Close()
		if err := <-p.done; err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
			tb.Error(err)
		}
		cancel()
		if err := <-served; err != nil {
			tb.Error(err)
		}
	})
	if p.client, err = net.Dial("tcp", dp.Addr("imap").String()); err != nil {
		tb.Fatal(err)
	}
	if p.server, err = upstream.Accept(); err != nil {
		tb.Fatal(err)
	}
	p.say(p.server, "* PREAUTH ready\r\n")
	p.hear(p.client, len("* PREAUTH ready\r\n"))
	p.say(p.client, "s SELECT INBOX\r\n")
	p.hear(p.server, len("s SELECT INBOX\r\n"))
	p.say(p.server, "s OK done\r\n")
	p.hear(p.client, len("s OK done\r\n"))
	go p.serve()
	for end := time.Now().Add(patience); ; { // until nothing is asked
		before := d.asked.Load()
		if p.trip(); d.asked.Load() == before {
			return p
		}
		if time.Now().After(end) {
			tb.Fatal("nothing is reused")
		}
	}
}

func (p *path) say(c net.Conn, s string) {
	p.tb.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *path) hear(c net.Conn, n int) {
	p.tb.Helper()
	if _, err := io.ReadFull(c, make([]byte, n)); err != nil {
		p.tb.Fatal(err)
	}
}

// serve answers for the server.
func (p *path) serve() {
	buf := make([]byte, len(p.ask))
	for {
		if _, err := io.ReadFull(p.server, buf); err != nil {
			p.done <- err
			return
		}
		if _, err := p.server.Write(p.reply); err != nil {
			p.done <- err
			return
		}
	}
}

// trip is ask, and all of its answers.
func (p *path) trip() {
	if _, err := p.client.Write(p.ask); err != nil {
		p.tb.Fatal(err)
	}
	if _, err := io.ReadFull(p.client, p.heard); err != nil {
		p.tb.Fatal(err)
	}
}

// ways are what clients say, over and over.
var ways = []struct {
	name       string
	ask, reply string
	commands   int
	// allocations is what one command may allocate, all in: the command with its octets, and what the session knows of it until it has its
	// answer; where there are more, what they have to wait in. One that is recorded by itself has its record besides, with its id and its
	// question, which are kept until they are sent.
	allocations float64
}{
	{"one", "a1 NOOP\r\n", "a1 OK done\r\n", 1, 2.5},
	{"pipelined", repeat("a1 NOOP\r\n"), repeat("a1 OK done\r\n"), 32, 2.5},
	{"each", "a1 FETCH 1 BODY[]\r\n", "* 1 FETCH (BODY[] {5}\r\nhello)\r\na1 OK done\r\n", 1, 9.5},
}

func repeat(s string) string {
	var b []byte
	for i := range 32 {
		b = append(b, strings.Replace(s, "a1", fmt.Sprint("a", i), 1)...)
	}
	return string(b)
}

// TestPathAllocates: what a command costs the whole way, from socket to socket, whose decision is reused.
func TestPathAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("counts allocations, and the race detector adds some")
	}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			p := newPath(t, w.ask, w.reply)
			for range 100 {
				p.trip()
			}
			const trips = 1000
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range trips {
				p.trip()
			}
			runtime.ReadMemStats(&after)
			commands := float64(trips * w.commands)
			n := float64(after.Mallocs-before.Mallocs) / commands
			t.Logf("%.2f allocations and %.0f octets a command", n, float64(after.TotalAlloc-before.TotalAlloc)/commands)
			if n > w.allocations {
				t.Errorf("%.2f allocations a command, want at most %v", n, w.allocations)
			}
		})
	}
}

// BenchmarkPath is such a command's way, with both ends.
func BenchmarkPath(b *testing.B) {
	for _, w := range ways {
		b.Run(w.name, func(b *testing.B) {
			p := newPath(b, w.ask, w.reply)
			b.ReportAllocs()
			for b.Loop() {
				p.trip()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*w.commands), "ns/command")
		})
	}
}
