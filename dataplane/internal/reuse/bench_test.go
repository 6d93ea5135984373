package reuse

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// audits are the two ways in which reuses are recorded, with what one may allocate: counted, nothing; each by itself, its record with
// the session's decision in it, its id, and what the id is made of.
var audits = []struct {
	name  string
	audit deciderv1.ReuseAudit
	bar   float64
}{
	{"aggregate", deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE, 0},
	{"each", deciderv1.ReuseAudit_REUSE_AUDIT_EACH, 3},
}

// depends are decisions that depend on as much as a policy by user and mailbox makes them.
func depends(audit deciderv1.ReuseAudit) *deciderv1.Reuse {
	return &deciderv1.Reuse{Fields: []deciderv1.InputField{user, mailbox}, LeaseMs: 3_600_000, Audit: audit}
}

func unbounded(o *Options) { o.Queue, o.Batch, o.Interval = 1<<40, 1<<30, time.Hour }

// A reuse allocates no more than its record.
func TestReuseAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("counts allocations, and the race detector adds some")
	}
	for _, a := range audits {
		t.Run(a.name, func(t *testing.T) {
			b := newBed(t, unbounded)
			b.reuse = depends(a.audit)
			c, q := connection("s1"), command(t, "a1 STATUS work/x (MESSAGES)", "anna")
			b.put(c, q)
			n := testing.AllocsPerRun(1000, func() {
				if _, ok := b.Reuse(c, &q); !ok {
					t.Fatal("asked")
				}
			})
			if n > a.bar {
				t.Errorf("%v allocations, want at most %v", n, a.bar)
			}
		})
	}
}

// taker takes every report.
type taker struct{}

func (taker) Report(context.Context, []*deciderv1.Reused) error { return nil }

// BenchmarkReuse is the cost of a reuse in 64 sessions at once, of which each says the same, with what it takes to make the reports and
// without sending them.
func BenchmarkReuse(b *testing.B) {
	for _, a := range audits {
		b.Run(a.name, func(b *testing.B) {
			bed := newBed(b, func(o *Options) { o.Reporter, o.Interval, o.Drop = taker{}, 10*time.Millisecond, true })
			bed.reuse = depends(a.audit)
			var connections [64]*pdp.Connection
			var questions [64]session.Question
			for i := range connections {
				connections[i], questions[i] = connection(fmt.Sprint("s", i)), command(b, "a1 STATUS work/x (MESSAGES)", "anna")
			}
			bed.put(connections[0], questions[0])
			var next atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				i := next.Add(1) % 64
				for pb.Next() {
					if _, ok := bed.Reuse(connections[i], &questions[i]); !ok {
						b.Fatal("asked")
					}
				}
			})
			b.ReportMetric(float64(bed.Counts().Dropped)/float64(b.N), "dropped/op")
		})
	}
}
