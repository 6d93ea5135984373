package pdp

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// TestConcurrentStreams: where a decider takes few gRPC streams of a connection, each question is answered on those that it takes, and a
// stream that waits for its place harms none. There is one for reports where it takes those that carry questions, two that watch, and one.
func TestConcurrentStreams(t *testing.T) {
	const most = 5
	for _, streams := range []int{most - 3, 2 * most} {
		t.Run(fmt.Sprintf("%d of %d", streams, most), func(t *testing.T) {
			var reported atomic.Int64
			f := (&fake{decide: accepted, revisions: make(chan string, 1), report: func(r []*deciderv1.Reused) error {
				reported.Add(int64(len(r)))
				return nil
			}}).start(t, socket(t), grpc.MaxConcurrentStreams(most))
			f.revisions <- "r1"
			c := dial(t, Options{Address: f.target, Streams: streams})
			lanes := func() int {
				c.mu.Lock()
				defer c.mu.Unlock()
				return len(c.lanes)
			}
			eventually(t, "the streams are open that have a place", func() bool { return lanes() >= most-3 })
			var waiting []chan answer
			for i := range 200 {
				waiting = append(waiting, put(c, ask(t, fmt.Sprintf("a%d NOOP", i))))
			}
			for _, w := range waiting {
				if a := <-w; a.err != nil || a.d.Fault != nil {
					t.Fatalf("%+v", a)
				}
			}
			if n := lanes(); n >= most { // one watches its health
				t.Errorf("%d streams carry questions, of %d in all", n, most)
			}
			if streams > most {
				eventually(t, "a report has no place", func() bool {
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
					defer cancel()
					err := c.Report(ctx, []*deciderv1.Reused{{Id: "x"}})
					return status.Code(err) == codes.DeadlineExceeded
				})
				if a := <-put(c, ask(t, "a NOOP")); a.err != nil {
					t.Error(a.err)
				}
				return
			}
			if err := c.Report(t.Context(), []*deciderv1.Reused{{Id: "x"}}); err != nil || reported.Load() != 1 {
				t.Errorf("%d reported, error %v", reported.Load(), err)
			}
		})
	}
}
