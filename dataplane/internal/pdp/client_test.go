package pdp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// fake is a decider in the process.
type fake struct {
	deciderv1.UnimplementedDeciderServiceServer
	decide func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error)
}

func (f *fake) Decide(ctx context.Context, r *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	d, err := f.decide(ctx, r.Question)
	return &deciderv1.DecideResponse{Decision: d}, err
}

// serve runs f on a unix socket until stop is called or the test ends.
func serve(t *testing.T, socket string, f *fake) (stop func()) {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(s, f)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	stop = func() { s.Stop(); <-done }
	t.Cleanup(stop)
	return stop
}

func dial(t *testing.T, socket string, deadline time.Duration, inFlight int) *Client {
	t.Helper()
	c, err := Dial(Options{Address: "unix:" + socket, Deadline: deadline, InFlight: inFlight})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

type answer struct {
	d   *session.Decision
	err error
}

func put(c *Client, q session.Question) chan answer {
	ch := make(chan answer, 1)
	c.Ask(context.Background(), connection(), q, func(d *session.Decision, err error) { ch <- answer{d, err} })
	return ch
}

func accepted(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
	return &deciderv1.Decision{Id: "d1", Outcome: deciderv1.Outcome_OUTCOME_POLICY,
		Verdict: &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}}, nil
}

func TestAsk(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	var got atomic.Pointer[deciderv1.Question]
	serve(t, socket, &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
		got.Store(q)
		if _, ok := ctx.Deadline(); !ok {
			return nil, status.Error(codes.InvalidArgument, "no deadline was sent")
		}
		return accepted(ctx, q)
	}})
	a := <-put(dial(t, socket, 5*time.Second, 8), ask(t, "a1 SELECT inbox"))
	if a.err != nil || a.d.Fault != nil || a.d.Request != session.ReqAccept || a.d.ID != "d1" {
		t.Fatalf("%+v", a)
	}
	if c := got.Load().GetCommand(); c.GetMailbox() != "INBOX" || got.Load().Session.Id != "s1" {
		t.Errorf("asked %v", got.Load())
	}
}

// TestFailures: what the decider does, and what becomes of the question.
func TestFailures(t *testing.T) {
	code := func(c codes.Code) func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
		return func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
			return nil, status.Error(c, "as told")
		}
	}
	for _, c := range []struct {
		name   string
		decide func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error)
		want   error
		fault  string
	}{
		{"it says UNAVAILABLE", code(codes.Unavailable), ErrUnavailable, ""},
		{"it sheds load", code(codes.ResourceExhausted), ErrOverloaded, ""},
		{"it gives up in time", code(codes.DeadlineExceeded), ErrDeadline, ""},
		{"it answers late", func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
			<-ctx.Done()
			return accepted(ctx, q)
		}, ErrDeadline, ""},
		{"it does not know the service", code(codes.Unimplemented), ErrUnavailable, ""},
		{"it does not know the dataplane", code(codes.Unauthenticated), ErrUnavailable, ""},
		{"it calls the question broken", code(codes.InvalidArgument), nil, "InvalidArgument: as told"},
		{"it crashes on the question", code(codes.Internal), nil, "Internal: as told"},
		{"it answers without decision", func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) { return nil, nil }, nil, "no decision"},
		{"it answers nonsense", func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
			return &deciderv1.Decision{Id: "d1", Outcome: 42}, nil
		}, nil, "outcome 42"},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "d.sock")
			serve(t, socket, &fake{decide: c.decide})
			a := <-put(dial(t, socket, 200*time.Millisecond, 8), ask(t, "a1 NOOP"))
			switch {
			case c.want != nil:
				if a.d != nil || !errors.Is(a.err, c.want) {
					t.Fatalf("%+v, want %v", a, c.want)
				}
			case a.err != nil || a.d.Fault == nil || !strings.Contains(a.d.Fault.Message, c.fault):
				t.Fatalf("%+v, want a fault that says %q", a, c.fault)
			}
		})
	}
}

func TestAwayAndBack(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	c := dial(t, socket, 2*time.Second, 8)
	start := time.Now()
	if a := <-put(c, ask(t, "a1 NOOP")); !errors.Is(a.err, ErrUnavailable) {
		t.Fatalf("%+v, want %v", a, ErrUnavailable)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v: a decider that is away must be noticed before the deadline", took)
	}
	for range 2 {
		stop := serve(t, socket, &fake{decide: accepted})
		recovered(t, c)
		stop()
		if a := <-put(c, ask(t, "a1 NOOP")); !errors.Is(a.err, ErrUnavailable) {
			t.Fatalf("%+v, want %v", a, ErrUnavailable)
		}
	}
}

// recovered waits until a question is answered.
func recovered(t *testing.T, c *Client) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if a := <-put(c, ask(t, "a1 NOOP")); a.err == nil {
			return
		}
	}
	t.Fatal("the decider is back and not used")
}

func TestQuestionsInFlightAreBounded(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	release := make(chan struct{})
	var asked atomic.Int32
	serve(t, socket, &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
		asked.Add(1)
		<-release
		return accepted(ctx, q)
	}})
	c := dial(t, socket, 10*time.Second, 3)
	var waiting []chan answer
	for range 3 {
		waiting = append(waiting, put(c, ask(t, "a1 NOOP")))
	}
	if a := <-put(c, ask(t, "a1 NOOP")); !errors.Is(a.err, ErrOverloaded) {
		t.Fatalf("%+v, want %v", a, ErrOverloaded)
	}
	close(release)
	for _, w := range waiting {
		if a := <-w; a.err != nil {
			t.Error(a.err)
		}
	}
	recovered(t, c)
	if asked.Load() < 4 {
		t.Errorf("the decider was asked %d times", asked.Load())
	}
}

func TestCloseEndsQuestions(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	started := make(chan struct{})
	serve(t, socket, &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	c, err := Dial(Options{Address: "unix:" + socket, Deadline: 30 * time.Second, InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := put(c, ask(t, "a1 NOOP"))
	<-started
	c.Close()
	if a := <-w; !errors.Is(a.err, ErrUnavailable) {
		t.Fatalf("%+v, want %v", a, ErrUnavailable)
	}
}

// TestDeciderOverTLS: a decider over TCP is verified.
func TestDeciderOverTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(nil) // for its certificate
	web.StartTLS()
	defer web.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&web.TLS.Certificates[0])))
	deciderv1.RegisterDeciderServiceServer(s, &fake{decide: accepted})
	go func() { _ = s.Serve(l) }()
	defer s.Stop()

	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	for name, c := range map[string]struct {
		roots *x509.CertPool
		want  error
	}{"trusted": {trusted, nil}, "not trusted": {x509.NewCertPool(), ErrUnavailable}} {
		t.Run(name, func(t *testing.T) {
			client, err := Dial(Options{Address: l.Addr().String(), Deadline: 5 * time.Second, InFlight: 1,
				TLS: &tls.Config{RootCAs: c.roots, NextProtos: []string{"imap"}}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if a := <-put(client, ask(t, "a1 NOOP")); !errors.Is(a.err, c.want) {
				t.Errorf("%+v, want %v", a, c.want)
			}
		})
	}
}
