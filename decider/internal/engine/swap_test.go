package engine_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatepost/gatepost/decider/internal/engine"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Under a steady load policy is swapped again and again, good and bad in turn. Every question is answered, by one policy as
// a whole: text (from a rule), reason (from data) and revision belong together, and a bad policy never decides.
func TestSwapUnderLoad(t *testing.T) {
	version := func(n int) string {
		return fmt.Sprintf("-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := [\"IMAP_REQ_REJECT\", \"version %d\"]\nreason := data.version\n"+
			"-- data.json --\n{\"version\": \"version %d\"}\n", n, n)
	}
	e, dir := start(t, version(0), func(c *engine.Config) { c.Workers, c.Queue = 4, 1024 })

	var (
		load      sync.WaitGroup
		revisions sync.Map // revision -> text
		stop      atomic.Bool
		decided   atomic.Int64
	)
	for range 4 {
		load.Go(func() {
			for !stop.Load() {
				a, err := e.Decide(t.Context(), command("NOOP"))
				if err != nil {
					t.Error(err)
					return
				}
				d := a.Decision
				text := string(d.GetText())
				if d.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY || text == "" || d.GetReason() != text {
					t.Errorf("text %q with reason %q, %v", text, d.GetReason(), d.GetError())
					return
				}
				if before, _ := revisions.LoadOrStore(d.GetRevision(), text); before != text {
					t.Errorf("revision %s decided %q and %q", d.GetRevision(), before, text)
					return
				}
				decided.Add(1)
			}
		})
	}
	for n := range 20 {
		write(t, dir, strings.Replace(version(n+100), "IMAP_REQ_REJECT", "IMAP_REQ_REJCT", 1))
		if _, err := e.Reload(t.Context()); err == nil {
			t.Error("a bad policy was loaded")
		}
		write(t, dir, version(n+1))
		if changed, err := e.Reload(t.Context()); err != nil || !changed {
			t.Errorf("reload: changed %v, error %v", changed, err)
		}
		for at := decided.Load(); decided.Load() < at+20 && !t.Failed(); {
			if _, err := e.Decide(t.Context(), command("NOOP")); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop.Store(true)
	load.Wait()
	seen := 0
	revisions.Range(func(_, text any) bool {
		if seen++; strings.Contains(text.(string), "version 1") && len(text.(string)) == len("version 100") {
			t.Errorf("%q decided", text)
		}
		return true
	})
	if seen < 20 {
		t.Errorf("%d of 21 versions decided", seen)
	}
}
