package decider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// An evaluation that would take for ever holds up a reload, and who asks meanwhile, until its deadline and no longer.
func TestSlowEvaluation(t *testing.T) {
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) { c.Evaluation.Deadline = 300 * time.Millisecond })
	slow := make(chan *deciderv1.Decision, 1)
	go func() {
		d, err := r.ask(t.Context(), "SLOW")
		if err != nil {
			t.Error(err)
		}
		slow <- d
	}()
	before := r.Revision()
	r.write(t, strings.ReplaceAll(rules, "permanent", "renewed"))
	if err := r.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	if d, err := r.ask(t.Context(), "DELETE"); err != nil || string(d.GetText()) != "folders here are renewed" || d.GetRevision() == before {
		t.Errorf("decision %v, error %v", d, err)
	}
	if d := <-slow; d.GetError().GetKind() != deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_DEADLINE {
		t.Errorf("the slow one: %v", d)
	}
}
