package pdp

import (
	"context"
	"slices"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
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
