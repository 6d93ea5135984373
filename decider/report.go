package decider

import (
	"context"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Report has reuses of decisions recorded, as the gRPC service does. It returns when all records are in the queue or, with Audit.Sync, are
// written; on an error at is one that is not.
func (d *Decider) Report(ctx context.Context, reused []*deciderv1.Reused) (at int, err error) {
	answers := make([]engine.Answer, len(reused))
	for i, r := range reused {
		if answers[i], err = d.engine.Repeat(r); err != nil {
			return i, err
		}
		answers[i].TraceID, answers[i].SpanID = server.Traceparent(r.GetQuestion().GetTraceparent())
	}
	written := make(chan outcome, len(answers))
	for i := range answers {
		if d.cfg.Audit.Sync {
			answers[i].Recorded = func(err error) { written <- outcome{i, err} }
		}
		if err := d.audit.Put(ctx, &answers[i]); err != nil {
			return i, err
		}
		d.metrics.reported(reused[i])
		d.verify(reused[i])
	}
	if !d.cfg.Audit.Sync {
		return 0, nil
	}
	for range answers {
		select {
		case w := <-written:
			if w.err != nil {
				return w.at, w.err
			}
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return 0, nil
}

// outcome is what became of a record.
type outcome struct {
	at  int
	err error
}
