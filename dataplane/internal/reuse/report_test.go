package reuse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func (b *bed) close() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		b.t.Error(err)
	}
	if n := b.Counts(); n.Waiting != 0 || n.WaitingOctets != 0 {
		b.t.Errorf("closed, and %d records wait with %d octets", n.Waiting, n.WaitingOctets)
	}
}

func total(rs []*deciderv1.Reused) (n uint64) {
	for _, r := range rs {
		n += r.Count
	}
	return n
}

// Each reuse has a decision id of its own, in the session as in its record, and the record has what was reused and for what.
func TestEach(t *testing.T) {
	b := newBed(t)
	c := connection("s1")
	b.put(c, command(t, "a0 NOOP", "anna"))
	before := time.Now().UnixMicro()
	ids := map[string]int{}
	for i := range 5 {
		d := b.put(c, command(t, fmt.Sprintf("a%d NOOP", i+1), "anna"))
		if d.Repeats != "d1" || d.Revision != revision {
			t.Errorf("%+v", d)
		}
		ids[d.ID] = i + 1
	}
	b.close()
	rs := b.taken()
	if len(rs) != 5 || len(ids) != 5 {
		t.Fatalf("%d records, %d ids", len(rs), len(ids))
	}
	for i, r := range rs {
		u, err := uuid.Parse(r.Id)
		if err != nil || u.Version() != 7 {
			t.Errorf("%q: %v", r.Id, err)
		}
		if ids[r.Id] != i+1 || string(r.Question.GetCommand().GetTag()) != fmt.Sprintf("a%d", i+1) {
			t.Errorf("record %d is %s of %s", i, r.Id, r.Question.GetCommand().GetTag())
		}
		if r.Decision.GetId() != "d1" || r.Count != 1 || r.FirstUnixUs != r.LastUnixUs || r.FirstUnixUs < before || r.FirstUnixUs > time.Now().UnixMicro() {
			t.Errorf("%v", r)
		}
		if want := pdp.Convert(c, command(t, fmt.Sprintf("a%d NOOP", i+1), "anna")); !proto.Equal(r.Question, want) {
			t.Errorf("%v, want %v", r.Question, want)
		}
	}
}

// Reuses that are counted together are one record for each session and decision, with the first question, and say in the session which
// decision they repeat.
func TestAggregate(t *testing.T) {
	b := newBed(t)
	b.reuse.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
	anna, ben := connection("anna"), connection("ben")
	b.put(anna, command(t, "a0 NOOP", "anna"))
	for i := range 4 {
		if d := b.put(anna, command(t, fmt.Sprintf("a%d NOOP", i+1), "anna")); d.ID != "d1" || d.Repeats != "d1" {
			t.Errorf("%+v", d)
		}
	}
	b.put(ben, command(t, "b1 NOOP", "ben"))
	b.put(ben, command(t, "b2 CHECK", "ben"))
	b.put(ben, command(t, "b3 CHECK", "ben"))
	if len(b.taken()) != 0 {
		t.Error("a report before its time")
	}
	b.close()
	got := map[string]uint64{}
	for _, r := range b.taken() {
		got[r.Question.Session.Id+" "+string(r.Question.GetCommand().Tag)+" "+r.Decision.Id] = r.Count
		if r.LastUnixUs < r.FirstUnixUs || r.Id == r.Decision.Id {
			t.Errorf("%v", r)
		}
	}
	want := map[string]uint64{"anna a1 d1": 4, "ben b1 d1": 1, "ben b3 d2": 1}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A session's counts are sent when it ends, all counts after Aggregate, and a batch when it is full.
func TestWhenReported(t *testing.T) {
	t.Run("end of session", func(t *testing.T) {
		b := newBed(t, func(o *Options) { o.Batch = 1 })
		b.reuse.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
		c, other := connection("s1"), connection("s2")
		for range 3 {
			b.put(c, command(t, "a1 NOOP", "anna"))
			b.put(other, command(t, "a1 NOOP", "anna"))
		}
		b.End(c)
		b.wait("a report", func() bool { return len(b.taken()) == 1 })
		if r := b.taken()[0]; r.Count != 2 || r.Question.Session.Id != "s1" {
			t.Errorf("%v", r)
		}
		b.End(c)
	})
	t.Run("time", func(t *testing.T) {
		b := newBed(t, func(o *Options) { o.Interval, o.Aggregate = time.Millisecond, time.Millisecond })
		c := connection("s1")
		b.put(c, command(t, "a1 NOOP", "anna"))
		b.put(c, command(t, "a2 NOOP", "anna"))
		b.wait("a report", func() bool { return len(b.taken()) == 1 })
		b.reuse = &deciderv1.Reuse{LeaseMs: 1000, Audit: deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE}
		b.put(c, command(t, "a3 CHECK", "anna"))
		b.put(c, command(t, "a4 CHECK", "anna"))
		b.wait("a count", func() bool { return len(b.taken()) == 2 })
		b.wait("room", func() bool { return b.Counts().Waiting == 0 })
	})
	t.Run("batch", func(t *testing.T) {
		b := newBed(t, func(o *Options) { o.Batch = 10 })
		c := connection("s1")
		for i := range 25 {
			b.put(c, command(t, fmt.Sprintf("a%d NOOP", i), "anna"))
		}
		b.wait("a batch", func() bool { return len(b.taken()) >= 10 }) // what came while it was taken may be too few for another
		b.close()
		if rs := b.taken(); len(rs) != 24 {
			t.Errorf("%d records", len(rs))
		}
		for _, n := range b.sizes {
			if n > 10 {
				t.Errorf("%d records at once", n)
			}
		}
	})
	t.Run("octets", func(t *testing.T) {
		b := newBed(t, unbounded)
		c := connection("s1")
		line := "a1 XYZZY " + strings.Repeat("x", 300_000)
		for range 9 {
			b.put(c, command(t, line, "anna"))
		}
		b.close()
		if len(b.taken()) != 8 || len(b.sizes) < 2 {
			t.Errorf("%d records in %v", len(b.taken()), b.sizes)
		}
	})
}

// A report is sent again with the same ids until it is taken.
func TestAgain(t *testing.T) {
	b := newBed(t)
	c := connection("s1")
	var tried []string
	b.refuse = func(rs []*deciderv1.Reused) error {
		tried = append(tried, rs[0].Id)
		if len(tried) < 4 {
			return status.Error([]codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted}[len(tried)-1], "not now")
		}
		return nil
	}
	b.put(c, command(t, "a1 NOOP", "anna"))
	d := b.put(c, command(t, "a2 NOOP", "anna"))
	b.close()
	if fmt.Sprint(tried) != fmt.Sprint([]string{d.ID, d.ID, d.ID, d.ID}) || len(b.taken()) != 1 {
		t.Errorf("%v", tried)
	}
	if n := b.Counts(); n.Failed != 3 || n.Sent != 1 || n.Lost != 0 {
		t.Errorf("%+v", n)
	}
}

// A record that the decider finds wrong does not take others with it, is counted as lost, and is not sent for ever.
func TestRefused(t *testing.T) {
	b := newBed(t)
	c := connection("s1")
	b.refuse = func(rs []*deciderv1.Reused) error {
		for _, r := range rs {
			if string(r.Question.GetCommand().Tag) == "a7" {
				return status.Error(codes.InvalidArgument, "not a7")
			}
		}
		return nil
	}
	for i := range 21 {
		b.put(c, command(t, fmt.Sprintf("a%d NOOP", i), "anna"))
	}
	err := b.Close(t.Context())
	if n := b.Counts(); err == nil || n.Lost != 1 || n.Sent != 19 || len(b.taken()) != 19 || n.Waiting != 0 {
		t.Errorf("%v, %+v, %d taken", err, n, len(b.taken()))
	}
	if !strings.Contains(b.log.String(), "reuses of decisions lost") {
		t.Error(b.log.String())
	}
}

var away = status.Error(codes.Unavailable, "away")

// While reports are not taken a question is asked where its record finds no room; with Drop, the reuse is let go and counted. When
// they are taken again there is room again.
func TestFull(t *testing.T) {
	for _, drop := range []bool{false, true} {
		for _, audit := range audits {
			t.Run(fmt.Sprintf("drop %v, %s", drop, audit.name), func(t *testing.T) {
				b := newBed(t, func(o *Options) { o.Queue, o.Drop, o.Batch = 20_000, drop, 1 })
				b.reuse.Audit = audit.audit
				b.refuse = func([]*deciderv1.Reused) error { return away }
				next := func(i int) bool {
					c := connection(fmt.Sprint("s", i)) // another session, so that counts need records too
					return b.reused(c, command(t, "a1 NOOP", "anna"))
				}
				next(0)
				reused := uint64(0)
				for i := range 100 {
					if next(i + 1) {
						reused++
					}
					if n := b.Counts(); n.WaitingOctets > 20_000 {
						t.Fatalf("%+v", n)
					}
				}
				n := b.Counts()
				if drop && (reused != 100 || n.Dropped == 0 || n.Asked["reports_full"] != 0) {
					t.Errorf("%d reused, %+v", reused, n)
				}
				if !drop && (reused == 100 || n.Dropped != 0 || n.Asked["reports_full"] != 100-reused) {
					t.Errorf("%d reused, %+v", reused, n)
				}
				b.set(func() { b.refuse = nil })
				b.wait("room", func() bool {
					for i := range 100 {
						b.End(connection(fmt.Sprint("s", i)))
					}
					b.book.sweep()
					return b.Counts().Waiting == 0
				})
				if !next(200) {
					t.Error("nothing is reused any more")
				}
				b.close()
				if got := total(b.taken()); got+n.Dropped != reused+1 {
					t.Errorf("%d recorded and %d dropped of %d", got, n.Dropped, reused+1)
				}
			})
		}
	}
}

// What cannot be sent before the end is counted and named.
func TestCloseInVain(t *testing.T) {
	b := newBed(t)
	b.reuse.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
	b.refuse = func([]*deciderv1.Reused) error { return away }
	c := connection("s1")
	for range 4 {
		b.put(c, command(t, "a1 NOOP", "anna"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan error)
	go func() { closed <- b.Close(ctx) }()
	b.wait("an attempt", func() bool { return b.Counts().Failed > 0 })
	cancel()
	if err := <-closed; err == nil || b.Counts().Lost != 3 {
		t.Errorf("%v, %+v", err, b.Counts())
	}
	if !strings.Contains(b.log.String(), "reuses=3") {
		t.Error(b.log.String())
	}
	if b.reused(c, command(t, "a1 NOOP", "anna")) {
		t.Error("a reuse that nobody would record")
	}
}

// Under load every reuse is recorded exactly once: by itself or counted, in whichever session, with sessions that end and a decider
// that fails now and then.
func TestExact(t *testing.T) {
	b := newBed(t, func(o *Options) {
		o.Interval, o.Aggregate, o.Batch, o.Queue = time.Millisecond, 2*time.Millisecond, 7, 60_000
	})
	b.change = func(d *deciderv1.Decision) {
		d.Reuse = &deciderv1.Reuse{LeaseMs: 3_600_000, Fields: []deciderv1.InputField{mailbox}, Audit: deciderv1.ReuseAudit(1 + len(b.asked)%2)}
	}
	tries := 0
	b.refuse = func([]*deciderv1.Reused) error {
		if tries++; tries%3 == 0 {
			return errors.Join(away)
		}
		return nil
	}
	const sessions, each = 16, 400
	var running sync.WaitGroup
	for i := range sessions {
		running.Go(func() {
			c := connection(fmt.Sprint("s", i))
			for k := range each {
				b.put(c, command(t, fmt.Sprintf("a%d STATUS m%d (MESSAGES)", k, k%5), "anna"))
				if k%100 == 99 {
					b.End(c)
				}
			}
		})
	}
	running.Wait()
	b.close()
	ids := map[string]bool{}
	for _, r := range b.taken() {
		if ids[r.Id] {
			t.Errorf("%s is recorded twice", r.Id)
		}
		ids[r.Id] = true
	}
	n := b.Counts()
	if got := total(b.taken()) + uint64(b.questions()); got != sessions*each || n.Each+n.Aggregated != total(b.taken()) || n.Each == 0 || n.Aggregated == 0 {
		t.Errorf("%d of %d are recorded: %+v", got, sessions*each, n)
	}
}
