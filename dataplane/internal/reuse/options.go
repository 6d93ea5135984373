package reuse

import (
	"context"
	"log/slog"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Options are as in the configuration, which documents them. None of the numbers may be 0.
type Options struct {
	// Decider is asked.
	Decider pdp.Decider
	// Reporter has reuses recorded.
	Reporter Reporter
	// Memory is the octets of what is kept, about.
	Memory uint64
	// Batch is how many records are sent at once, Interval how long one waits for others.
	Batch    int
	Interval time.Duration
	// Aggregate is how long reuses are counted together.
	Aggregate time.Duration
	// Queue is the octets of the records that wait, about.
	Queue uint64
	// Drop: a reuse that finds no room is not recorded. Else the question is asked.
	Drop bool
	// After is the Decider whose counts go on in this one; nil: none.
	After *Decider
	// Log is told of reports that fail and of reuses that are not recorded. Nil: nobody is.
	Log *slog.Logger
}

// Reporter is what reports are sent by.
type Reporter interface {
	// Report returns when all are recorded; see pdp.Client. pdp.Refused tells of its error whether another time would do better.
	Report(ctx context.Context, reused []*deciderv1.Reused) error
}
