package decider

import (
	"testing"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// A decider that is not traced pays nothing for it.
func TestUntraced(t *testing.T) {
	d, q, ctx := new(Decider), new(deciderv1.Question), t.Context()
	if n := testing.AllocsPerRun(100, func() {
		got, span := d.asked(ctx, q)
		if span != nil || got != ctx {
			t.Error("it is traced")
		}
		answerSpan(span, nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
