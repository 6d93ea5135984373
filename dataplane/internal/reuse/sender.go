package reuse

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// sender brings records to the decider.
type sender struct {
	opt    Options
	counts *counters
	ctx    context.Context
	giveUp context.CancelFunc
	failed lately
	lost   uint64 // reuses whose records are
}

var errClosed = errors.New("reuse: closed")

const (
	// maxBatch is how many octets records take that are sent at once, which is more than they are on the wire; one may be over it.
	maxBatch = 1 << 20
	// reportTimeout is how long a decider may take for a batch.
	reportTimeout = 10 * time.Second
	// The bounds of the pause before a batch is sent again.
	minPause, maxPause = 20 * time.Millisecond, time.Second
)

func newSender(o Options, c *counters) *sender {
	s := &sender{opt: o, counts: c}
	s.ctx, s.giveUp = context.WithCancel(context.Background())
	return s
}

// send sends records in batches. What became of them is counted, and done is called with each part that is no longer needed.
func (s *sender) send(rs []*record, done func([]*record)) {
	for len(rs) > 0 {
		batch, size := []*deciderv1.Reused(nil), uint64(0)
		for _, r := range rs[:min(len(rs), s.opt.Batch)] {
			if size += r.octets; size > maxBatch && len(batch) > 0 {
				break
			}
			batch = append(batch, r.report())
		}
		s.deliver(batch)
		done(rs[:len(batch)])
		clear(rs[:len(batch)])
		rs = rs[len(batch):]
	}
}

// deliver sends a batch until it is taken, refused, or given up.
func (s *sender) deliver(batch []*deciderv1.Reused) {
	for pause := minPause; s.ctx.Err() == nil; pause = min(2*pause, maxPause) {
		err := s.report(batch)
		if err == nil {
			s.counts.sent.Add(uint64(len(batch)))
			return
		}
		s.counts.failed.Add(1)
		switch {
		case pdp.Refused(err) && len(batch) > 1: // one of them is why
			s.deliver(batch[:len(batch)/2])
			s.deliver(batch[len(batch)/2:])
			return
		case pdp.Refused(err):
			s.lose(batch, err)
			return
		case s.failed.now():
			s.opt.Log.Warn("reuses of decisions wait: the decider does not record them", "records", len(batch), "error", err)
		}
		select {
		case <-time.After(pause):
		case <-s.ctx.Done():
		}
	}
	s.lose(batch, s.ctx.Err())
}

func (s *sender) report(batch []*deciderv1.Reused) error {
	ctx, cancel := context.WithTimeout(s.ctx, reportTimeout)
	defer cancel()
	return s.opt.Reporter.Report(ctx, batch)
}

func (s *sender) lose(batch []*deciderv1.Reused, err error) {
	if len(batch) == 0 {
		return
	}
	var n uint64
	for _, r := range batch {
		n += r.Count
	}
	s.lost += n
	s.counts.lost.Add(n)
	s.opt.Log.Error("reuses of decisions lost", slog.Uint64("reuses", n), slog.Int("records", len(batch)),
		slog.String("first", batch[0].Id), slog.Any("error", err))
}

// report is the contract's form of the record.
func (r *record) report() *deciderv1.Reused {
	return &deciderv1.Reused{
		Id:          r.id,
		Decision:    r.entry.received,
		Question:    pdp.Convert(r.conn, r.question),
		Count:       r.count,
		FirstUnixUs: r.first,
		LastUnixUs:  r.last,
	}
}

// lately keeps a log from being flooded.
type lately struct{ last atomic.Int64 }

// now reports true at most every ten seconds.
func (l *lately) now() bool {
	now, last := time.Now().UnixNano(), l.last.Load()
	return (last == 0 || now-last >= int64(10*time.Second)) && l.last.CompareAndSwap(last, now)
}
