package reuse

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// A decision answers questions that are equal in what it depended on, of all sessions, and no others.
func TestReused(t *testing.T) {
	b := newBed(t)
	b.reuse.Fields = []deciderv1.InputField{user, mailbox}
	first, second := connection("s1"), connection("s2")
	if b.reused(first, command(t, "a1 STATUS work (MESSAGES)", "anna")) {
		t.Fatal("the first question is not asked")
	}
	for _, c := range []struct {
		line, user string
		want       bool
	}{
		{"a2 STATUS work (MESSAGES)", "anna", true},
		{"a3 STATUS \"work\" (UIDNEXT)", "anna", true},
		{"a4 STATUS work (MESSAGES)", "ben", false},
		{"a5 STATUS home (MESSAGES)", "anna", false},
		{"a6 EXAMINE work", "anna", false},
		{"a7 STATUS home (MESSAGES)", "anna", true},
		{"a8 EXAMINE work", "anna", true},
	} {
		if got := b.reused(second, command(t, c.line, c.user)); got != c.want {
			t.Errorf("%s of %s: reused %v", c.line, c.user, got)
		}
	}
	b.now.Load().decisions.CleanUp() // what it tells of its size may lag behind
	n := b.Counts()
	if n.Each != 4 || n.Asked["new"] != 4 || n.Decisions != 4 || n.Octets == 0 {
		t.Errorf("%+v", n)
	}
}

// Where a name's decisions depend on different fields, each is found by its own.
func TestSeveralSetsOfFields(t *testing.T) {
	b := newBed(t)
	b.change = func(d *deciderv1.Decision) {
		d.Reuse = &deciderv1.Reuse{LeaseMs: 1000, Fields: []deciderv1.InputField{mailbox}}
		if len(b.asked)%2 == 0 {
			d.Reuse.Fields = []deciderv1.InputField{user}
		}
	}
	c := connection("s1")
	for _, q := range []struct {
		mailbox, user string
		want          bool
	}{{"x", "anna", false}, {"y", "ben", false}, {"x", "carl", true}, {"z", "ben", true}, {"z", "carl", false}} {
		if got := b.reused(c, command(t, "a1 STATUS "+q.mailbox+" (MESSAGES)", q.user)); got != q.want {
			t.Errorf("%v: reused %v", q, got)
		}
	}
}

// What may not be reused is asked each time, and counted with its reason.
func TestNotReused(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*deciderv1.Decision)
		strict bool
	}{
		{reason: "unspecified", change: func(d *deciderv1.Decision) { d.Reuse = nil }},
		{reason: "input", change: func(d *deciderv1.Decision) { d.Reuse, d.NoReuse = nil, deciderv1.NoReuse_NO_REUSE_INPUT }},
		{reason: "nondeterministic", change: func(d *deciderv1.Decision) { d.Reuse, d.NoReuse = nil, deciderv1.NoReuse_NO_REUSE_NONDETERMINISTIC }},
		{reason: "no_store", change: func(d *deciderv1.Decision) { d.Reuse, d.NoReuse = nil, deciderv1.NoReuse_NO_REUSE_NO_STORE }},
		{reason: "unspecified", change: func(d *deciderv1.Decision) { d.Reuse, d.NoReuse = nil, 99 }},
		{reason: "error", change: func(d *deciderv1.Decision) { d.Outcome = deciderv1.Outcome_OUTCOME_ERROR }},
		{reason: "lease", change: func(d *deciderv1.Decision) { d.Reuse = &deciderv1.Reuse{} }},
		{reason: "revision", change: func(d *deciderv1.Decision) { d.Revision = "r2" }},
		{reason: "unknown_field", change: func(d *deciderv1.Decision) {
			d.Reuse = &deciderv1.Reuse{LeaseMs: 1000, Fields: []deciderv1.InputField{user, 4711}}
		}},
		{reason: "strict", strict: true, change: func(*deciderv1.Decision) {}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b := newBed(t)
			b.change = c.change
			conn, q := connection("s1"), command(t, "a1 NOOP", "anna")
			conn.Strict = c.strict
			for range 3 {
				if b.reused(conn, q) {
					t.Error("reused")
				}
			}
			n, all := b.Counts(), uint64(0)
			for _, k := range n.NotReusable {
				all += k
			}
			if n.NotReusable[c.reason] != 3 || all != 3 || n.Decisions != 0 {
				t.Errorf("%+v", n)
			}
		})
	}
}

// A strict listener's questions are asked though others' answers are kept.
func TestStrictAsksWhatIsKept(t *testing.T) {
	b := newBed(t)
	strict, q := connection("s2"), command(t, "a1 NOOP", "anna")
	strict.Strict = true
	b.put(connection("s1"), q)
	if b.reused(strict, q) || b.Counts().Asked["strict"] != 1 {
		t.Error("reused")
	}
}

// A lease is from receipt, and using a decision does not extend it.
func TestLease(t *testing.T) {
	b := newBed(t)
	now := time.Now()
	b.clock = func() time.Time { return now }
	b.reuse = &deciderv1.Reuse{LeaseMs: 5000}
	c, q := connection("s1"), command(t, "a1 NOOP", "anna")
	b.put(c, q)
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {3 * time.Second, true}, {1999 * time.Millisecond, true}, {time.Millisecond, false}, {4 * time.Second, true}, {time.Second, false}} {
		now = now.Add(step.after)
		if got := b.reused(c, q); got != step.want {
			t.Errorf("%v later: reused %v", step.after, got)
		}
	}
	if n := b.Counts(); n.Asked["lease"] != 2 || n.Asked["new"] != 1 {
		t.Errorf("%+v", n)
	}
}

// From the moment on at which another revision is announced no older answer is used: none that is kept, none that was on its way, and
// none of the same revision from before.
func TestRevision(t *testing.T) {
	b := newBed(t)
	c, q := connection("s1"), command(t, "a1 NOOP", "anna")
	b.put(c, q)
	if !b.reused(c, q) {
		t.Fatal("asked")
	}
	b.Revise("r2")
	for range 2 { // the policy still answers with r1
		if b.reused(c, q) {
			t.Error("an answer of r1 is used under r2")
		}
	}
	b.Revise("") // the replicas differ
	if b.reused(c, q) {
		t.Error("an answer is used under no revision")
	}
	b.Revise(revision)
	if b.reused(c, q) {
		t.Error("an answer of r1 is used after r2")
	}
	if !b.reused(c, q) {
		t.Error("nothing is reused after a change")
	}

	b.set(func() { b.hold = true })
	late := command(t, "a2 CAPABILITY", "anna")
	answered := 0
	ask := func() {
		b.Decider.Ask(t.Context(), c, late, func(*session.Decision, error) { answered++ })
	}
	ask()
	b.Revise("r2")
	ask()
	b.Revise(revision)
	b.held[0]()
	b.held[1]()
	b.set(func() { b.hold = false })
	if b.reused(c, late) || answered != 2 {
		t.Error("an answer that was on its way through a change is used")
	}
	n := b.Counts()
	if n.Invalidated != 2 || n.Asked["revision"] != 1 || n.NotReusable["revision"] != 5 {
		t.Errorf("%+v", n)
	}
}

// So too under load: who reuses after a change has been told gets nothing from before it.
func TestRevisionUnderLoad(t *testing.T) {
	b := newBed(t, unbounded)
	var told atomic.Int64
	b.change = func(d *deciderv1.Decision) {
		d.Revision = fmt.Sprint("r", told.Load())
		d.Reuse = &deciderv1.Reuse{LeaseMs: 3_600_000, Audit: deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE}
	}
	var reused atomic.Int64
	var running sync.WaitGroup
	stop := make(chan struct{})
	for i := range 4 {
		running.Go(func() {
			c, q := connection(fmt.Sprint("s", i)), command(t, "a1 NOOP", "anna")
			for {
				select {
				case <-stop:
					return
				default:
				}
				from := told.Load()
				d, ok := b.Reuse(c, &q)
				if !ok {
					d = b.put(c, q)
				} else {
					reused.Add(1)
				}
				var of int64
				if _, err := fmt.Sscanf(d.Revision, "r%d", &of); err != nil || of < from {
					t.Errorf("%s is used though r%d had been told", d.Revision, from)
					return
				}
			}
		})
	}
	for r := range int64(60) {
		// The policy changes, and the change is announced; from then on it has been told.
		b.Revise(fmt.Sprint("r", r+1))
		told.Store(r + 1)
		before := reused.Load()
		b.wait("reuses", func() bool { return reused.Load() > before || t.Failed() })
	}
	close(stop)
	running.Wait()
}

// A list of verdicts on capabilities is for no other list, whatever the decision says of its fields.
func TestCapabilities(t *testing.T) {
	b := newBed(t)
	c := connection("s1")
	greeting := func(capabilities ...string) session.Question {
		return session.Question{Kind: session.Greeting, Response: &syntax.Response{Name: "OK", Status: true}, Capabilities: capabilities}
	}
	for _, q := range []struct {
		list []string
		want bool
	}{{nil, false}, {[]string{"IDLE"}, false}, {[]string{"IDLE", "MOVE"}, false}, {[]string{"IDLE"}, true}, {nil, true}} {
		if got := b.reused(c, greeting(q.list...)); got != q.want {
			t.Errorf("%q: reused %v", q.list, got)
		}
		if d := b.put(c, greeting(q.list...)); len(d.Capabilities) != len(q.list) {
			t.Errorf("%d verdicts on %q", len(d.Capabilities), q.list)
		}
	}
}

// What is kept is bounded by its memory.
func TestMemory(t *testing.T) {
	b := newBed(t, unbounded, func(o *Options) { o.Memory = 1 << 20 })
	b.reuse.Fields = []deciderv1.InputField{mailbox}
	c := connection("s1")
	for i := range 3000 {
		b.put(c, command(t, fmt.Sprintf("a1 STATUS m%d (MESSAGES)", i), "anna"))
	}
	g := b.now.Load()
	g.decisions.CleanUp()
	n := b.Counts()
	if n.Octets > 1<<20 || n.Evicted == 0 || n.Decisions+n.Evicted != 3000 || n.Decisions < 100 {
		t.Errorf("%+v", n)
	}
	// So are the names, which clients invent.
	for i := range 3000 {
		b.put(c, command(t, fmt.Sprintf("a1 X%d", i), "anna"))
	}
	g.sets.CleanUp()
	if w := g.sets.WeightedSize(); w > 1<<20/setsPart {
		t.Errorf("sets of fields take %d", w)
	}
}

// The counts of one go on in the one that takes its place; what it keeps does not.
func TestAfter(t *testing.T) {
	b := newBed(t)
	c, q := connection("s1"), command(t, "a1 NOOP", "anna")
	for range 3 {
		b.put(c, q)
	}
	b.close()
	next := newBed(t, func(o *Options) { o.After = b.Decider })
	if next.reused(c, q) || !next.reused(c, q) {
		t.Error("it does not begin empty")
	}
	next.close()
	if n := next.Counts(); n.Each != 3 || n.Asked["new"] != 2 || n.Sent != 3 || n.Lost != 0 {
		t.Errorf("%+v", n)
	}
}
