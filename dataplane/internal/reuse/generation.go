package reuse

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// generation is what is kept while a revision is in force. When it no longer is, the whole is forgotten: what is found in it needs
// no other look at its revision, and an answer that comes too late is kept where nobody looks.
type generation struct {
	revision string
	// sets are the sets of fields that decisions on a name had (pdp.AppendEvent).
	sets *otter.Cache[string, sets]
	// decisions are by name, set and values.
	decisions *otter.Cache[string, *entry]
}

// sets are not changed, but replaced.
type sets [][]deciderv1.InputField

// maxSets is how many sets of fields there may be for one name. The decider derives them from the name, so that one is usual.
const maxSets = 4

// The memory of a generation goes to decisions, and this part of it to sets.
const setsPart = 16

func newGeneration(revision string, memory uint64, evicted *atomic.Uint64) *generation {
	return &generation{
		revision: revision,
		sets: otter.Must(&otter.Options[string, sets]{
			MaximumWeight: max(memory/setsPart, 1),
			Weigher:       func(name string, s sets) uint32 { return uint32(len(name) + 256*len(s)) },
		}),
		decisions: otter.Must(&otter.Options[string, *entry]{
			MaximumWeight: max(memory-memory/setsPart, 1),
			Weigher:       func(key string, e *entry) uint32 { return uint32(len(key)) + e.octets },
			StatsRecorder: &recorder{evicted: evicted},
		}),
	}
}

// recorder counts evictions, and nothing else.
type recorder struct {
	stats.NoopRecorder
	evicted *atomic.Uint64
}

// RecordEviction implements stats.Recorder.
func (r *recorder) RecordEviction(uint32) { r.evicted.Add(1) }

// scratch is where keys are made.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// find is the decision on a question, or why there is none.
func (g *generation) find(c *pdp.Connection, q *session.Question, now time.Time) (*entry, why) {
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	name := pdp.AppendEvent((*buf)[:0], q)
	*buf = name
	known, _ := g.sets.GetIfPresent(view(name))
	late := askedNew
	for _, fields := range known {
		key, _ := pdp.AppendFields(name, c, q, fields)
		*buf = key
		e, ok := g.decisions.GetIfPresent(view(key))
		switch {
		case !ok:
		case now.Before(e.until):
			return e, 0
		default:
			late = askedLease
		}
	}
	return nil, late
}

// keep keeps a decision on a question. False: its fields are not all known.
func (g *generation) keep(c *pdp.Connection, q *session.Question, e *entry) bool {
	fields := e.fields(q)
	name := pdp.AppendEvent(nil, q)
	key, ok := pdp.AppendFields(slices.Clip(name), c, q, fields)
	if !ok {
		return false
	}
	g.sets.Compute(string(name), func(old sets, _ bool) (sets, otter.ComputeOp) {
		if slices.ContainsFunc(old, func(s []deciderv1.InputField) bool { return slices.Equal(s, fields) }) {
			return old, otter.CancelOp
		}
		return append(sets{fields}, old[:min(len(old), maxSets-1)]...), otter.WriteOp
	})
	g.decisions.Set(string(key), e)
	return true
}

// view is b as a string, for a look-up that does not keep it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
