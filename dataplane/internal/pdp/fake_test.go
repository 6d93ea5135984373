package pdp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

type decide = func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error)

type fakeStream = grpc.BidiStreamingServer[deciderv1.DecideStreamRequest, deciderv1.DecideStreamResponse]

// fake is a decider in the process, over real sockets.
type fake struct {
	deciderv1.UnimplementedDeciderServiceServer
	// decide answers; it may block.
	decide decide
	// stream, if set, serves a stream in place of answering all with decide.
	stream func(fakeStream) error
	// plain: no streams.
	plain bool
	// report takes reports; nil: it knows none.
	report func([]*deciderv1.Reused) error
	// revisions are what WatchRevision sends.
	revisions chan string

	server *grpc.Server
	health *health.Server
	gate   *gate
	target string
	done   chan struct{}

	mu      sync.Mutex
	asked   map[string]int // by tag
	ids     map[string][]uint64
	streams map[fakeStream]*sync.Mutex
}

// start serves f on a socket until it is stopped or the test ends.
func (f *fake) start(t testing.TB, socket string, options ...grpc.ServerOption) *fake {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	f.gate = new(gate)
	f.asked, f.ids, f.streams = map[string]int{}, map[string][]uint64{}, map[fakeStream]*sync.Mutex{}
	f.health = health.NewServer()
	f.server = grpc.NewServer(append(options,
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}))...)
	f.serving(true)
	deciderv1.RegisterDeciderServiceServer(f.server, f)
	healthv1.RegisterHealthServer(f.server, f.health)
	f.target, f.done = "unix:"+socket, make(chan struct{})
	go func() { defer close(f.done); _ = f.server.Serve(gatedListener{l, f.gate}) }()
	t.Cleanup(f.stop)
	return f
}

// stop ends all at once, as a crash does.
func (f *fake) stop() {
	f.gate.thaw()
	f.server.Stop()
	<-f.done
}

func (f *fake) serving(yes bool) {
	s := healthv1.HealthCheckResponse_NOT_SERVING
	if yes {
		s = healthv1.HealthCheckResponse_SERVING
	}
	f.health.SetServingStatus("gatepost.decider.v1.DeciderService", s)
}

// note counts a question.
func (f *fake) note(q *deciderv1.Question, id uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tag := string(q.GetCommand().GetTag())
	f.asked[tag]++
	f.ids[tag] = append(f.ids[tag], id)
}

// times is how often it was asked about the command with the tag.
func (f *fake) times(tag string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[tag]
}

// total is how often it was asked.
func (f *fake) total() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.asked {
		n += k
	}
	return n
}

func (f *fake) Decide(ctx context.Context, r *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	f.note(r.Question, 0)
	d, err := f.decide(ctx, r.Question)
	return &deciderv1.DecideResponse{Decision: d}, err
}

func (f *fake) GetInfo(context.Context, *deciderv1.GetInfoRequest) (*deciderv1.GetInfoResponse, error) {
	return &deciderv1.GetInfoResponse{Revision: "r0", Version: "v0", Id: f.target}, nil
}

func (f *fake) ReportReuse(ctx context.Context, r *deciderv1.ReportReuseRequest) (*deciderv1.ReportReuseResponse, error) {
	if f.report == nil {
		return f.UnimplementedDeciderServiceServer.ReportReuse(ctx, r)
	}
	return &deciderv1.ReportReuseResponse{}, f.report(r.Reused)
}

func (f *fake) WatchRevision(r *deciderv1.WatchRevisionRequest, s grpc.ServerStreamingServer[deciderv1.WatchRevisionResponse]) error {
	if f.revisions == nil {
		return f.UnimplementedDeciderServiceServer.WatchRevision(r, s)
	}
	for {
		select {
		case rev := <-f.revisions:
			if err := s.Send(&deciderv1.WatchRevisionResponse{Revision: rev}); err != nil {
				return err
			}
		case <-s.Context().Done():
			return s.Context().Err()
		}
	}
}

func (f *fake) DecideStream(s fakeStream) error {
	switch {
	case f.plain:
		return f.UnimplementedDeciderServiceServer.DecideStream(s)
	case f.stream != nil:
		return f.stream(s)
	}
	var sending sync.Mutex
	f.mu.Lock()
	f.streams[s] = &sending
	f.mu.Unlock()
	var deciding sync.WaitGroup
	defer func() {
		deciding.Wait()
		f.mu.Lock()
		delete(f.streams, s)
		f.mu.Unlock()
	}()
	for {
		r, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f.note(r.Question, r.Id)
		deciding.Go(func() {
			ctx, cancel := context.WithTimeout(s.Context(), time.Duration(r.TimeoutUs)*time.Microsecond)
			defer cancel()
			m := &deciderv1.DecideStreamResponse{Id: r.Id}
			if d, err := f.decide(ctx, r.Question); err == nil && d != nil {
				m.Answer = &deciderv1.DecideStreamResponse_Decision{Decision: d}
			} else if err != nil {
				s, ok := status.FromError(err)
				if !ok {
					s = status.FromContextError(err)
				}
				m.Answer = noAnswer(s)
			}
			sending.Lock()
			defer sending.Unlock()
			_ = s.Send(m)
		})
	}
}

func noAnswer(s *status.Status) *deciderv1.DecideStreamResponse_NoAnswer {
	return &deciderv1.DecideStreamResponse_NoAnswer{NoAnswer: &deciderv1.NoAnswer{Code: uint32(s.Code()), Message: s.Message()}}
}

// drain asks for the end of all streams, and tells how many there were.
func (f *fake) drain() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s, sending := range f.streams {
		sending.Lock()
		_ = s.Send(&deciderv1.DecideStreamResponse{Answer: &deciderv1.DecideStreamResponse_Drain{Drain: &deciderv1.Drain{}}})
		sending.Unlock()
	}
	return len(f.streams)
}

// open is how many streams there are.
func (f *fake) open() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.streams)
}

// accepted accepts, with the tag as the decision's id.
func accepted(_ context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
	return &deciderv1.Decision{Id: string(q.GetCommand().GetTag()), Outcome: deciderv1.Outcome_OUTCOME_POLICY,
		Verdict: &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}}, nil
}

// gate stops what a server reads and writes, as SIGSTOP does: its peer sees a connection on which nothing happens.
type gate struct {
	mu     sync.Mutex
	frozen chan struct{} // closed by thaw; nil: not frozen
}

func (g *gate) freeze() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.frozen = make(chan struct{})
}

func (g *gate) thaw() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.frozen != nil {
		close(g.frozen)
		g.frozen = nil
	}
}

func (g *gate) pass() {
	g.mu.Lock()
	frozen := g.frozen
	g.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
}

type gatedListener struct {
	net.Listener
	gate *gate
}

func (l gatedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return gatedConn{c, l.gate}, err
}

type gatedConn struct {
	net.Conn
	gate *gate
}

func (c gatedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.gate.pass()
	return n, err
}

func (c gatedConn) Write(p []byte) (int, error) {
	c.gate.pass()
	return c.Conn.Write(p)
}

// socket is a path for a unix socket.
func socket(t testing.TB) string { return filepath.Join(t.TempDir(), "d.sock") }

// dial makes a client. Missing options get values fit for most tests.
func dial(t testing.TB, o Options) *Client {
	t.Helper()
	if o.Deadline == 0 {
		o.Deadline = 10 * time.Second
	}
	if o.InFlight == 0 {
		o.InFlight = 1024
	}
	if o.Log == nil && testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c, err := Dial(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}
