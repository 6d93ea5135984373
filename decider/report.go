package decider

import (
	"context"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Report has reuses of decisions recorded, as the gRPC service does. It returns when all records are in the queue; on an error at is
// the first that is not.
func (d *Decider) Report(ctx context.Context, reused []*deciderv1.Reused) (at int, err error) {
	answers := make([]engine.Answer, len(reused))
	for i, r := range reused {
		if answers[i], err = d.engine.Repeat(r); err != nil {
			return i, err
		}
		answers[i].TraceID, answers[i].SpanID = server.Traceparent(r.GetQuestion().GetTraceparent())
	}
	for i := range answers {
		if err := d.audit.Put(ctx, &answers[i]); err != nil {
			return i, err
		}
		d.metrics.reported(reused[i])
	}
	return 0, nil
}
