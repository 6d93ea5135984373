package pdp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// TestFollow: the revision that all replicas have in force is told at once and with every change, before whoever announced it can know
// that it was heard. Those that differ have none; one that has not told, and one that has left, does not count; while there is none,
// the last holds.
func TestFollow(t *testing.T) {
	fs, addresses := group(t, 2, func(i int) *fake {
		f := accepting(i)
		f.revisions = make(chan string)
		return f
	})
	c := dial(t, Options{Addresses: addresses, Streams: 1})
	eventually(t, "both have told", func() bool { return len(c.Revisions()) == 2 })
	var mu sync.Mutex
	var told []string
	c.Follow(func(r string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, r)
	})
	want := func(rs ...string) {
		t.Helper()
		eventually(t, strings.Join(rs, ","), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Equal(told, rs)
		})
	}
	want("r0")
	fs[1].revisions <- "r1"
	want("r0", "")
	fs[0].revisions <- "r1"
	want("r0", "", "r1")
	fs[0].revisions <- "r2"
	want("r0", "", "r1", "")
	fs[1].stop() // it had r1
	want("r0", "", "r1", "", "r2")
	fs[0].revisions <- "" // it has no policy any more
	want("r0", "", "r1", "", "r2", "")
	fs[0].revisions <- "r3"
	want("r0", "", "r1", "", "r2", "", "r3")
	fs[0].stop()
	eventually(t, "no replica", func() bool { return len(c.Revisions()) == 0 })
	f := accepting(0)
	f.revisions = make(chan string)
	f.start(t, strings.TrimPrefix(fs[0].target, "unix:"))
	want("r0", "", "r1", "", "r2", "", "r3", "r0")
}

// TestReport: a report goes to the replicas in turn, from one that fails to the next, and back to where it came from when all fail or
// one finds it wrong.
func TestReport(t *testing.T) {
	var mu sync.Mutex
	taken := map[int]int{}
	var broken, wrong bool
	fs, addresses := group(t, 3, func(i int) *fake {
		f := accepting(i)
		if i == 2 {
			return f // knows no reports
		}
		f.report = func(rs []*deciderv1.Reused) error {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case wrong:
				return status.Error(codes.InvalidArgument, "wrong")
			case broken && i == 0:
				return status.Error(codes.ResourceExhausted, "full")
			}
			taken[i] += len(rs)
			return nil
		}
		return f
	})
	c := dial(t, Options{Addresses: addresses})
	if err := c.Report(t.Context(), nil); !errors.Is(err, ErrUnavailable) && err != nil {
		t.Error(err)
	}
	eventually(t, "all have told", func() bool { return len(c.Revisions()) == 3 })
	report := func() error {
		return c.Report(t.Context(), []*deciderv1.Reused{{Id: "1"}, {Id: "2"}})
	}
	for range 12 {
		if err := report(); err != nil {
			t.Error(err)
		}
	}
	if taken[0] == 0 || taken[1] == 0 || taken[0]+taken[1] != 24 {
		t.Errorf("%v", taken)
	}
	mu.Lock()
	broken = true
	before := taken[0]
	mu.Unlock()
	for range 6 {
		if err := report(); err != nil {
			t.Error(err)
		}
	}
	if taken[0] != before || taken[0]+taken[1] != 36 {
		t.Errorf("%v", taken)
	}
	mu.Lock()
	wrong = true
	mu.Unlock()
	for range 3 { // the one that knows none passes it on
		if err := report(); !Refused(err) {
			t.Error(err)
		}
	}
	for _, f := range fs {
		f.stop()
	}
	eventually(t, "no replica", func() bool { return len(c.Revisions()) == 0 })
	if err := report(); err == nil || Refused(err) {
		t.Errorf("%v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Report(canceled, nil); err == nil {
		t.Error("a report to nobody")
	}
}

// TestReportFits: what may be in one report is within what a decider takes.
func TestReportFits(t *testing.T) {
	var got int
	fs, addresses := group(t, 1, func(i int) *fake {
		f := accepting(i)
		f.report = func(rs []*deciderv1.Reused) error { got = len(rs); return nil }
		return f
	})
	_ = fs
	c := dial(t, Options{Addresses: addresses})
	eventually(t, "it has told", func() bool { return len(c.Revisions()) == 1 })
	rs := make([]*deciderv1.Reused, 3)
	for i := range rs {
		rs[i] = &deciderv1.Reused{Id: strconv.Itoa(i), Question: &deciderv1.Question{Traceparent: strings.Repeat("x", 1<<20)}}
	}
	if err := c.Report(t.Context(), rs); err != nil || got != 3 {
		t.Errorf("%v, %d", err, got)
	}
}
