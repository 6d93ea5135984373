package spans

import (
	"context"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// A session that is not traced costs nothing.
func TestOff(t *testing.T) {
	s := Begin(t.Context(), nil, new(pdp.Connection))
	if s != nil {
		t.Fatal("it is traced")
	}
	ctx := context.Background()
	q, d := session.Question{Ask: 1, First: 1}, new(session.Decision)
	if n := testing.AllocsPerRun(100, func() {
		if s.Ask(ctx, &q) != ctx {
			t.Error("the context has changed")
		}
		s.Answer(q.First, q.Kind, d, nil)
		if s.Tell(session.Event{Type: session.Decided}) {
			t.Error("an event was kept back")
		}
		s.End("", nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
