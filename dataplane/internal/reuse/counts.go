package reuse

import (
	"strings"
	"sync"
	"sync/atomic"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// why is why a question is asked.
type why uint8

const (
	// askedNew: no decision on an equal question is kept.
	askedNew why = iota
	// askedLease: its lease has ended.
	askedLease
	// askedRevision: no revision is in force on all replicas.
	askedRevision
	// askedFull: its reuse could not be recorded.
	askedFull
	// askedStrict: the listener's audit is strict.
	askedStrict
	whys
)

// names are those of the metric's label.
var names = [whys]string{"new", "lease", "revision", "reports_full", "strict"}

// Why an answer is not kept, beside the decider's own reasons (NoReuse).
const (
	notFault    = "error"
	notLease    = "lease"
	notStrict   = "strict"
	notRevision = "revision"
	notField    = "unknown_field"
)

// reason is the decider's, as it is in the metric.
func reason(n deciderv1.NoReuse) string {
	name, known := deciderv1.NoReuse_name[int32(n)]
	if !known {
		n = deciderv1.NoReuse_NO_REUSE_UNSPECIFIED
		name = n.String()
	}
	return strings.ToLower(strings.TrimPrefix(name, "NO_REUSE_"))
}

type counters struct {
	asked                [whys]atomic.Uint64
	each, aggregated     atomic.Uint64
	evicted, invalidated atomic.Uint64
	sent, failed         atomic.Uint64
	dropped, lost        atomic.Uint64

	mu  sync.Mutex
	not map[string]uint64
}

func (c *counters) notReusable(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.not == nil {
		c.not = map[string]uint64{}
	}
	c.not[why]++
}

// Counts are sums since New, or since that of Options.After, but for what is there now.
type Counts struct {
	// Asked is the questions that were asked, by why: "new", "lease", "revision", "reports_full", "strict".
	Asked map[string]uint64
	// Each is the reuses with a record of their own, Aggregated those that were counted together.
	Each, Aggregated uint64
	// NotReusable is the answers that were not kept, by why: the decider's NoReuse, "lease", "strict", "revision", "unknown_field".
	NotReusable map[string]uint64
	// Decisions is how many are kept now, in about as many Octets.
	Decisions, Octets uint64
	// Evicted is the decisions that were let go for want of memory, Invalidated those with a revision.
	Evicted, Invalidated uint64
	// Sent is the records that the decider has taken. Failed is the attempts to send a batch that failed.
	Sent, Failed uint64
	// Dropped is the reuses that found no room and were not recorded, Lost those whose records could not be sent.
	Dropped, Lost uint64
	// Waiting is the records that wait to be sent or are counted in, in about as many WaitingOctets.
	Waiting, WaitingOctets uint64
}

// Counts are the sums so far.
func (d *Decider) Counts() Counts {
	c := d.counts
	out := Counts{
		Asked:       map[string]uint64{},
		NotReusable: map[string]uint64{},
		Each:        c.each.Load(), Aggregated: c.aggregated.Load(),
		Evicted: c.evicted.Load(), Invalidated: c.invalidated.Load(),
		Sent: c.sent.Load(), Failed: c.failed.Load(),
		Dropped: c.dropped.Load(), Lost: c.lost.Load(),
		Waiting: uint64(d.book.records.Load()), WaitingOctets: d.book.octets.Load(),
	}
	for w, name := range names {
		out.Asked[name] = c.asked[w].Load()
	}
	for n := range deciderv1.NoReuse_name {
		out.NotReusable[reason(deciderv1.NoReuse(n))] = 0
	}
	for _, why := range []string{notFault, notLease, notStrict, notRevision, notField} {
		out.NotReusable[why] = 0
	}
	c.mu.Lock()
	for why, n := range c.not {
		out.NotReusable[why] = n
	}
	c.mu.Unlock()
	if g := d.now.Load(); g != nil {
		out.Decisions, out.Octets = uint64(g.decisions.EstimatedSize()), g.decisions.WeightedSize()
	}
	return out
}
