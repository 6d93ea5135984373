package pdp

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestRevisions: the revision in force on each replica is known at once, follows what is announced, also over connections, and is
// forgotten with the replica.
func TestRevisions(t *testing.T) {
	fs, addresses := group(t, 2, func(i int) *fake {
		f := accepting(i)
		f.revisions = make(chan string)
		return f
	})
	var log syncBuffer
	c := dial(t, Options{Addresses: addresses, Streams: 1, Log: slog.New(slog.NewTextHandler(&log, nil))})
	first, second := addresses[0], addresses[1]
	known := func(want ...Revision) {
		t.Helper()
		eventually(t, fmt.Sprint(want), func() bool {
			return slices.EqualFunc(c.Revisions(), want, func(a, b Revision) bool { return a.Replica == b.Replica && a.Revision == b.Revision })
		})
	}
	eventually(t, "both have told", func() bool { return len(c.Revisions()) == 2 })
	fs[1].revisions <- "r1"
	known(Revision{Replica: second, Revision: "r1"}, Revision{Replica: first, Revision: "r0"})
	fs[0].revisions <- "r1"
	fs[0].revisions <- "r2"
	fs[0].revisions <- "r2" // not news
	known(Revision{Replica: first, Revision: "r2"}, Revision{Replica: second, Revision: "r1"})
	fs[1].stop()
	known(Revision{Replica: first, Revision: "r2"})
	f := accepting(1)
	f.revisions = make(chan string)
	f.start(t, strings.TrimPrefix(fs[1].target, "unix:"))
	known(Revision{Replica: second, Revision: "r0"}, Revision{Replica: first, Revision: "r2"})
	f.revisions <- ""
	known(Revision{Replica: second, Revision: ""}, Revision{Replica: first, Revision: "r2"})
	if got := log.String(); strings.Count(got, "policy changed") != 4 || strings.Count(got, "decider connected") != 3 ||
		!strings.Contains(got, "revision=r2 before=r1") || !strings.Contains(got, "version=v0 revision=r0") {
		t.Error(got)
	}
}

// syncBuffer is a log that can be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
