package pdp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
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

// modes are the ways to ask: a call for each question, a call because the decider knows no streams, and streams.
var modes = map[string]struct {
	streams int
	plain   bool
}{"calls": {0, false}, "calls after all": {2, true}, "streams": {2, false}}

type answer struct {
	d   *session.Decision
	err error
}

func put(c *Client, q session.Question) chan answer {
	ch := make(chan answer, 1)
	c.Ask(context.Background(), connection(), q, func(d *session.Decision, err error) { ch <- answer{d, err} })
	return ch
}

func TestAsk(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			var got atomic.Pointer[deciderv1.Question]
			f := (&fake{plain: mode.plain, decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
				got.Store(q)
				if at, ok := ctx.Deadline(); !ok || time.Until(at) > 5*time.Second || time.Until(at) < 2*time.Second {
					return nil, status.Error(codes.InvalidArgument, "the deadline was not sent")
				}
				return accepted(ctx, q)
			}}).start(t, socket(t))
			c := dial(t, Options{Address: f.target, Deadline: 5 * time.Second, Streams: mode.streams})
			a := <-put(c, ask(t, "a1 SELECT inbox"))
			if a.err != nil || a.d.Fault != nil || a.d.Request != session.ReqAccept || a.d.ID != "a1" {
				t.Fatalf("%+v", a)
			}
			if c := got.Load().GetCommand(); c.GetMailbox() != "INBOX" || got.Load().Session.Id != "s1" {
				t.Errorf("asked %v", got.Load())
			}
			if !c.Ready() {
				t.Error("not ready")
			}
		})
	}
}

// TestFailures: what the decider does, and what becomes of the question. A status and a NoAnswer of the same code are the same.
func TestFailures(t *testing.T) {
	code := func(c codes.Code) decide {
		return func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
			return nil, status.Error(c, "as told")
		}
	}
	cases := []struct {
		name   string
		decide decide
		want   error
		fault  string
	}{
		{"it answers late", func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
			<-ctx.Done()
			time.Sleep(2 * time.Second) // the asker's own clock must have run out, on a busy machine too
			return accepted(ctx, q)
		}, ErrDeadline, ""},
		{"it answers without decision", func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) { return nil, nil }, nil, "no decision"},
		{"it answers nonsense", func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
			return &deciderv1.Decision{Id: "d1", Outcome: 42}, nil
		}, nil, "outcome 42"},
	}
	for _, c := range []struct {
		code codes.Code
		want error // nil: a fault
	}{
		{codes.Unavailable, ErrUnavailable},      // it has no policy, or shuts down
		{codes.ResourceExhausted, ErrOverloaded}, // it sheds load
		{codes.DeadlineExceeded, ErrDeadline},    // it gives up in time
		{codes.Canceled, ErrUnavailable},         // it is stopped
		{codes.Unimplemented, ErrUnavailable},    // it does not know the service
		{codes.Unauthenticated, ErrUnavailable},  // it does not know the dataplane
		{codes.PermissionDenied, ErrUnavailable}, // it does not serve the dataplane
		{codes.InvalidArgument, nil},             // it calls the question broken
		{codes.Internal, nil},                    // it crashes on the question
		{codes.Unknown, nil},                     //
		{codes.FailedPrecondition, nil},          //
		{codes.DataLoss, nil},                    //
		{codes.Code(99), nil},                    // not a code
	} {
		cases = append(cases, struct {
			name   string
			decide decide
			want   error
			fault  string
		}{c.code.String(), code(c.code), c.want, c.code.String() + ": as told"})
	}
	for mode, m := range modes {
		for _, c := range cases {
			t.Run(mode+"/"+c.name, func(t *testing.T) {
				f := (&fake{plain: m.plain, decide: c.decide}).start(t, socket(t))
				o := Options{Address: f.target, Streams: m.streams}
				if c.want == ErrDeadline {
					o.Deadline = 200 * time.Millisecond
				}
				a := <-put(dial(t, o), ask(t, "a1 NOOP"))
				switch {
				case c.want != nil:
					if a.d != nil || !errors.Is(a.err, c.want) {
						t.Fatalf("%+v, want %v", a, c.want)
					}
				case a.err != nil || a.d.Fault == nil || !strings.Contains(a.d.Fault.Message, c.fault):
					t.Fatalf("%+v, want a fault that says %q", a, c.fault)
				}
				if n := f.total(); n != 1 {
					t.Errorf("asked %d times", n)
				}
			})
		}
	}
}

func TestAwayAndBack(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			path := socket(t)
			c := dial(t, Options{Address: "unix:" + path, Deadline: 2 * time.Second, Streams: mode.streams})
			away(t, c)
			for range 2 {
				f := (&fake{plain: mode.plain, decide: accepted}).start(t, path)
				recovered(t, c)
				f.stop()
				away(t, c)
			}
		})
	}
}

// away expects ErrUnavailable at once.
func away(t *testing.T, c *Client) {
	t.Helper()
	start := time.Now()
	if a := <-put(c, ask(t, "a1 NOOP")); !errors.Is(a.err, ErrUnavailable) {
		t.Fatalf("%+v, want %v", a, ErrUnavailable)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v: a decider that is away must be noticed before the deadline", took)
	}
}

// recovered waits until a question is answered.
func recovered(t testing.TB, c *Client) {
	t.Helper()
	eventually(t, "the decider is back and used", func() bool { return (<-put(c, ask(t, "a1 NOOP"))).err == nil })
}

func TestQuestionsInFlightAreBounded(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			f := (&fake{plain: mode.plain, decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
				<-release
				return accepted(ctx, q)
			}}).start(t, socket(t))
			c := dial(t, Options{Address: f.target, InFlight: 3, Streams: mode.streams})
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
			if n := f.total(); n != 4 {
				t.Errorf("the decider was asked %d times", n)
			}
		})
	}
}

// TestClose: what is in flight is answered; what is not within the deadline is not; nothing new is asked.
func TestClose(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			release, started := make(chan struct{}), make(chan struct{}, 2)
			f := (&fake{plain: mode.plain, decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
				started <- struct{}{}
				if string(q.GetCommand().Tag) == "stuck" {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				<-release
				return accepted(ctx, q)
			}}).start(t, socket(t))
			c, err := Dial(Options{Address: f.target, Deadline: 700 * time.Millisecond, InFlight: 4, Streams: mode.streams})
			if err != nil {
				t.Fatal(err)
			}
			stuck, slow := put(c, ask(t, "stuck NOOP")), put(c, ask(t, "slow NOOP"))
			<-started
			<-started
			closed := make(chan struct{})
			go func() { defer close(closed); c.Close() }()
			eventually(t, "it is closing", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.closing })
			if a := <-put(c, ask(t, "late NOOP")); !errors.Is(a.err, ErrUnavailable) {
				t.Errorf("late: %+v", a)
			}
			close(release)
			if a := <-slow; a.err != nil || a.d.ID != "slow" {
				t.Errorf("slow: %+v", a)
			}
			if a := <-stuck; a.err == nil {
				t.Errorf("stuck: %+v", a)
			}
			<-closed
			if n := f.total(); n != 2 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// TestCloseWhileConnecting: a question that waits for the first connection ends at once.
func TestCloseWhileConnecting(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			f := (&fake{decide: accepted}).start(t, socket(t))
			f.gate.freeze()
			c, err := Dial(Options{Address: f.target, Deadline: 10 * time.Second, InFlight: 4, Streams: mode.streams})
			if err != nil {
				t.Fatal(err)
			}
			w := put(c, ask(t, "a1 NOOP"))
			select {
			case a := <-w:
				t.Fatalf("it does not wait: %+v", a)
			case <-time.After(50 * time.Millisecond):
			}
			begin := time.Now()
			c.Close()
			if a := <-w; !errors.Is(a.err, ErrUnavailable) || time.Since(begin) > 5*time.Second {
				t.Errorf("%v after %v", a.err, time.Since(begin))
			}
		})
	}
}

// TestSessionEnds: a question whose session has ended is settled at once.
func TestSessionEnds(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			started := make(chan struct{})
			f := (&fake{plain: mode.plain, decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
				close(started)
				<-ctx.Done()
				return nil, ctx.Err()
			}}).start(t, socket(t))
			c := dial(t, Options{Address: f.target, Deadline: time.Second, Streams: mode.streams})
			ctx, cancel := context.WithCancel(t.Context())
			settled := make(chan error, 2)
			begin := time.Now()
			c.Ask(ctx, connection(), ask(t, "a1 NOOP"), func(_ *session.Decision, err error) { settled <- err })
			<-started
			cancel()
			if err := <-settled; !errors.Is(err, ErrUnavailable) || time.Since(begin) > 500*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		})
	}
}

// TestDeciderOverTLS: a decider over TCP is verified, by the name of each replica where there are several.
func TestDeciderOverTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(nil) // for its certificate
	web.StartTLS()
	defer web.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&web.TLS.Certificates[0])))
	deciderv1.RegisterDeciderServiceServer(s, &fake{plain: true, decide: accepted, asked: map[string]int{}, ids: map[string][]uint64{}})
	go func() { _ = s.Serve(l) }()
	defer s.Stop()
	_, port, _ := net.SplitHostPort(l.Addr().String())

	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate()) // for 127.0.0.1, ::1 and example.com
	for name, c := range map[string]struct {
		o     Options
		roots *x509.CertPool
		want  error
	}{
		"trusted":          {Options{Address: l.Addr().String()}, trusted, nil},
		"not trusted":      {Options{Address: l.Addr().String()}, x509.NewCertPool(), ErrUnavailable},
		"a list":           {Options{Addresses: []string{l.Addr().String()}}, trusted, nil},
		"of another name":  {Options{Addresses: []string{"localhost:" + port}}, trusted, ErrUnavailable},
		"one name for all": {Options{Addresses: []string{"localhost:" + port}, TLS: &tls.Config{ServerName: "example.com"}}, trusted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if c.o.TLS == nil {
				c.o.TLS = new(tls.Config)
			}
			c.o.TLS.RootCAs, c.o.TLS.NextProtos = c.roots, []string{"imap"}
			c.o.Deadline = 5 * time.Second
			if a := <-put(dial(t, c.o), ask(t, "a1 NOOP")); !errors.Is(a.err, c.want) {
				t.Errorf("%v, want %v", a.err, c.want)
			}
		})
	}
}

func TestNameThatDoesNotResolve(t *testing.T) {
	c := dial(t, Options{Address: "dns:///[::1", Deadline: 300 * time.Millisecond, Streams: 1})
	eventually(t, "it is unavailable", func() bool { return errors.Is((<-put(c, ask(t, "a1 NOOP"))).err, ErrUnavailable) })
}
