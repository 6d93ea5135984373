package decider_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// away is a console that takes nothing while it is away.
type away struct {
	mu   sync.Mutex
	gone bool
	buf  bytes.Buffer
}

func (a *away) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return 0, errors.New("away")
	}
	return a.buf.Write(p)
}

func (a *away) set(gone bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone = gone
}

func (a *away) has(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Contains(a.buf.String(), id)
}

// With audit.sync a decision that is given has its record written already, and one whose record cannot be written is not given.
func TestSync(t *testing.T) {
	console := new(away)
	r := run(t, rules, func(c *decider.Config, o *decider.Options) {
		c.Audit.Sync, c.DecisionLog.Console, o.Console = true, true, console
	})
	s, err := r.client.DecideStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := uint64(0)
	stream := func(timeout time.Duration) (*deciderv1.Decision, codes.Code) {
		t.Helper()
		id++
		if err := s.Send(&deciderv1.DecideStreamRequest{Id: id, Question: question("NOOP"), TimeoutUs: uint64(timeout.Microseconds())}); err != nil {
			t.Fatal(err)
		}
		a, err := s.Recv()
		if err != nil || a.GetId() != id {
			t.Fatalf("answer %v, error %v", a, err)
		}
		return a.GetDecision(), codes.Code(a.GetNoAnswer().GetCode())
	}
	unary := func(timeout time.Duration) (*deciderv1.Decision, codes.Code) {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		d, err := r.ask(ctx, "NOOP")
		return d, status.Code(err)
	}
	for range 50 {
		for _, ask := range []func(time.Duration) (*deciderv1.Decision, codes.Code){stream, unary} {
			if d, code := ask(time.Minute); code != codes.OK || !console.has(d.GetId()) {
				t.Fatalf("decision %v, status %v, recorded: %v", d, code, console.has(d.GetId()))
			}
		}
	}
	console.set(true)
	for _, ask := range []func(time.Duration) (*deciderv1.Decision, codes.Code){stream, unary} {
		if d, code := ask(50 * time.Millisecond); code != codes.DeadlineExceeded {
			t.Errorf("the console is away: decision %v, status %v", d, code)
		}
	}
	console.set(false)
	for _, ask := range []func(time.Duration) (*deciderv1.Decision, codes.Code){stream, unary} {
		if d, code := ask(time.Minute); code != codes.OK || !console.has(d.GetId()) {
			t.Errorf("the console is back: decision %v, status %v", d, code)
		}
	}
	_ = s.CloseSend()
	r.stop()
}
