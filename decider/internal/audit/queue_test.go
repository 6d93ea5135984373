package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/engine"
)

// away makes the console a sink that is away, with room for two records.
func away(t *testing.T, drop bool) *setup {
	s := start(t, []string{rules}, opa(`{"decision_logs": {"console": true}}`), func(_ *engine.Config, c *audit.Config) {
		c.Size, c.Drop = 2, drop
	})
	s.console.setAway(true)
	return s
}

// fill records until the queue is full.
func (s *setup) fill(t *testing.T) (kept int) {
	t.Helper()
	a := s.answer(t, "DELETE")
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := s.queue.Put(ctx, &a)
		cancel()
		if errors.Is(err, audit.ErrFull) {
			return kept
		}
		if kept++; err != nil || kept > 100 {
			t.Fatalf("record %d: error %v", kept, err)
		}
	}
}

// With block a full queue holds a decision up until its deadline, and then it is not given. Policy can be changed meanwhile.
// When the sink is back, every record that was taken is written.
func TestBlock(t *testing.T) {
	s := away(t, false)
	kept := s.fill(t)
	if kept < 2 {
		t.Errorf("%d records were taken, want at least the queue's 2", kept)
	}
	if _, err := s.engine.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	if a := s.answer(t, "DELETE"); a.Decision.GetError() != nil {
		t.Errorf("decision %v", a.Decision)
	}
	s.console.setAway(false)
	s.decide(t, "DELETE")
	s.close(t)
	if es := events(t, &s.console.buf); len(es) != kept+1 {
		t.Errorf("%d records were written, %d taken", len(es), kept+1)
	}
	if n := s.queue.Counts(); n != (audit.Counts{Written: uint64(kept + 1)}) {
		t.Errorf("counts %+v", n)
	}
}

// With drop a full queue holds nothing up, and what is let go is counted exactly.
func TestDrop(t *testing.T) {
	s := away(t, true)
	const count = 50
	for range count {
		s.decide(t, "DELETE")
	}
	s.console.setAway(false)
	s.close(t)
	written := len(events(t, &s.console.buf))
	n := s.queue.Counts()
	if written == 0 || n.Dropped == 0 || n.Written != uint64(written) || n.Written+n.Dropped != count || n.Lost != 0 {
		t.Errorf("%d records were written, counts %+v", written, n)
	}
}

// A sink that stays away does not hold up the end for longer than it is given, and what is lost is counted.
func TestCloseGivesUp(t *testing.T) {
	s := away(t, false)
	kept := s.fill(t)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	s.queue.Close(ctx)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	s.engine.Close(ctx)
	if n := s.queue.Counts(); n.Lost != uint64(kept) {
		t.Errorf("counts %+v, want %d lost", n, kept)
	}
}

// Without a decision log, records go nowhere and hold nothing up.
func TestNoDecisionLog(t *testing.T) {
	s := start(t, []string{rules})
	for range 100 {
		s.decide(t, "DELETE")
	}
	s.close(t)
	if n := s.queue.Counts(); n != (audit.Counts{}) {
		t.Errorf("counts %+v", n)
	}
}
