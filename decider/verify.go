package decider

import (
	"context"
	"log/slog"
	"math/rand/v2"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// verify has a share of the reported reuses decided anew and compared with what was reused, while the revision that decided is in
// force. It does not wait, is left out under load, and changes nothing: it is a witness, beside the tests, of the derivation of what
// decisions depend on.
func (d *Decider) verify(r *deciderv1.Reused) {
	reused := r.GetDecision()
	if rand.Float64() >= d.cfg.Reuse.Verify || reused.GetRevision() != d.engine.Revision() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*d.cfg.Evaluation.Deadline)
	err := d.engine.Submit(ctx, r.GetQuestion(), func(a engine.Answer, err error) {
		defer cancel()
		switch {
		case err != nil || a.Decision.GetRevision() != reused.GetRevision():
			d.metrics.verified.WithLabelValues("missing").Inc()
		case differ(reused, a.Decision):
			d.opts.Log.Error("a reused decision is another when it is made anew: switch reuse off (reuse.enabled) and report it",
				slog.String("decision_id", r.GetId()), slog.String("of", reused.GetId()), slog.String("revision", reused.GetRevision()),
				slog.String("kind", string(input.KindOf(r.GetQuestion()))), slog.String("command", command(r.GetQuestion())))
			d.metrics.verified.WithLabelValues("different").Inc()
		default:
			d.metrics.verified.WithLabelValues("same").Inc()
		}
	})
	if err != nil {
		cancel()
		d.metrics.verified.WithLabelValues("missing").Inc()
	}
}
