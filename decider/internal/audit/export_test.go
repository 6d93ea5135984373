package audit

import (
	"context"

	"github.com/open-policy-agent/opa/v1/plugins/logs"

	"github.com/gatepost/gatepost/decider/internal/engine"
)

// ByPlugin is Log by way of OPA's plugin, which may not be needed.
func (q *Queue) ByPlugin(ctx context.Context, a *engine.Answer) error {
	if err := q.byPlugin(ctx, logs.Lookup(q.cfg.Manager), a, q.candidate(a)); err != nil {
		return err
	}
	return q.flush()
}

// Direct says if records are written without OPA's plugin.
func (q *Queue) Direct(ctx context.Context) bool {
	return q.direct(ctx, logs.Lookup(q.cfg.Manager).Config()) != (sinks{})
}
