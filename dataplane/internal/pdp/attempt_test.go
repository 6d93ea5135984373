package pdp

import (
	"context"
	"slices"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/tracing"
)

// TestAttempt: a question that goes to another replica has the same number there, and says how often it was put before, be it by
// streams or by calls.
func TestAttempt(t *testing.T) {
	for name, streams := range map[string]int{"calls": 0, "streams": 1} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[uint64][2][]uint32{} // attempts on each replica, by the question's number
			_, addresses := group(t, 2, func(i int) *fake {
				return &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
					mu.Lock()
					defer mu.Unlock()
					s := seen[q.Ask]
					s[i] = append(s[i], q.Attempt)
					seen[q.Ask] = s
					if i == 0 {
						return nil, status.Error(codes.Unavailable, "no policy")
					}
					return accepted(ctx, q)
				}}
			})
			c := dial(t, Options{Addresses: addresses, Streams: streams})
			eventually(t, "both are in use", func() bool {
				<-put(c, ask(t, "a1 NOOP"))
				mu.Lock()
				defer mu.Unlock()
				return len(seen[0][0]) > 0 && len(seen[0][1]) > 0
			})
			for i := range uint64(10) {
				q := ask(t, "a1 NOOP")
				q.Ask = i + 1
				if a := <-put(c, q); a.err != nil {
					t.Error(a.err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			again := 0
			delete(seen, 0)
			for n, s := range seen {
				switch {
				case len(s[0]) == 0 && slices.Equal(s[1], []uint32{0}):
				case slices.Equal(s[0], []uint32{0}) && slices.Equal(s[1], []uint32{1}):
					again++
				default:
					t.Errorf("question %d: attempts %v", n, s)
				}
			}
			if again < 3 {
				t.Errorf("%d questions were put again", again)
			}
		})
	}
}

// TestAttemptSpans: each time that a question is put has a span of its own below that of the session or the command, which says how often
// it was put before, where, and what came of it; the question names it.
func TestAttemptSpans(t *testing.T) {
	for name, streams := range map[string]int{"calls": 0, "streams": 1} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			named := map[string]uint32{} // attempts by the span that the question names
			_, addresses := group(t, 2, func(i int) *fake {
				return &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
					mu.Lock()
					named[q.Traceparent] = q.Attempt
					mu.Unlock()
					if i == 0 {
						return nil, status.Error(codes.Unavailable, "no policy")
					}
					return accepted(ctx, q)
				}}
			})
			spans := tracetest.NewSpanRecorder()
			tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("test")
			c := dial(t, Options{Addresses: addresses, Streams: streams, Tracer: tracer})
			var command trace.Span
			eventually(t, "a question is put again", func() bool {
				ctx, span := tracer.Start(t.Context(), "NOOP")
				answered := make(chan error, 1)
				c.Ask(ctx, connection(), ask(t, "a1 NOOP"), func(_ *session.Decision, err error) { answered <- err })
				if <-answered != nil {
					return false // the other replica is not in use yet
				}
				n := 0
				for _, s := range spans.Ended() {
					if s.Parent().SpanID() == span.SpanContext().SpanID() {
						n++
					}
				}
				command = span
				return n == 2
			})
			where := map[string]bool{}
			for _, s := range spans.Ended() {
				if s.Parent().SpanID() != command.SpanContext().SpanID() {
					continue
				}
				is := attribute.NewSet(s.Attributes()...)
				attempt, _ := is.Value("gatepost.attempt")
				address, _ := is.Value("server.address")
				where[address.AsString()] = true
				mu.Lock()
				got, known := named[tracing.Traceparent(s.SpanContext())]
				mu.Unlock()
				if s.Name() != "ask" || s.SpanContext().TraceID() != command.SpanContext().TraceID() || !known || int64(got) != attempt.AsInt64() {
					t.Errorf("span %s of attempt %d; the question that names it says %d, %v", s.Name(), attempt.AsInt64(), got, known)
				}
				if failed := s.Status().Code == otelcodes.Error; failed != (attempt.AsInt64() == 0) {
					t.Errorf("attempt %d: status %v", attempt.AsInt64(), s.Status())
				}
			}
			if len(where) != 2 {
				t.Errorf("the spans name %v", where)
			}
		})
	}
}

// Where questions are not traced their spans cost nothing.
func TestUntraced(t *testing.T) {
	f := &flight{ctx: t.Context()}
	l := &lane{replica: &replica{client: new(Client)}}
	if n := testing.AllocsPerRun(100, func() {
		f.begun(l)
		f.ended(l, errNever)
	}); n != 0 || f.attempts != nil {
		t.Errorf("%v allocations, %d spans", n, len(f.attempts))
	}
}
