package e2e

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Policies of judges.
const (
	defaultPolicy = ""
	acceptAll     = "testdata/policy/accept-all"
)

// judge is a decider with a policy, and all that it decided.
type judge struct {
	t      testing.TB
	policy string
	// change alters the configuration before each start.
	change []func(*decider.Config)
	socket string
	// records is the file with its decision log.
	records string
	log     *logBuffer
	logger  *slog.Logger
	stop    func() // no effect where it does not run

	mu      sync.Mutex
	decided []decided
	repeats []repeat // that dataplanes have told of
}

// decided is a question with its decision.
type decided struct {
	question *deciderv1.Question
	decision *deciderv1.Decision
}

// newJudge starts a decider with the policy of a directory. When the test ends, each of its decisions has to be in its
// decision log, and no password in anything it was asked or has written.
func newJudge(t testing.TB, policy string, change ...func(*decider.Config)) *judge {
	t.Helper()
	dir := shortDir(t)
	j := &judge{
		t:       t,
		policy:  policy,
		change:  change,
		socket:  filepath.Join(dir, "decider.sock"),
		records: filepath.Join(dir, "decisions.log"),
	}
	j.logger, j.log = newLog()
	j.start()
	t.Cleanup(func() {
		j.stop()
		j.verify()
	})
	return j
}

// start starts it, or starts it again where it was stopped.
func (j *judge) start() {
	t := j.t
	t.Helper()
	c := decider.DefaultConfig()
	c.Listen = []string{"unix:" + j.socket}
	c.Policy = j.policy
	c.DecisionLog.File = &decider.File{Path: j.records}
	c.Evaluation.Deadline = patience // a busy machine is no fault of the policy
	c.Shutdown.Wait = 0
	for _, change := range j.change {
		change(c)
	}
	d, err := decider.New(context.Background(), c, decider.Options{Log: j.logger, OnDecision: j.note})
	must(t, err)
	listeners, err := decider.Listen(c)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx, listeners...) }()
	j.stop = sync.OnceFunc(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func (j *judge) note(q *deciderv1.Question, d *deciderv1.Decision, _ time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.decided = append(j.decided, decided{q, d})
}

// of are the decisions for a dataplane, in order.
func (j *judge) of(dataplane string) (found []decided) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, d := range j.decided {
		if d.question.GetSession().GetDataplane() == dataplane {
			found = append(found, d)
		}
	}
	return found
}

// verify checks what the decider leaves behind.
func (j *judge) verify() {
	t := j.t
	t.Helper()
	decisions, err := os.ReadFile(j.records)
	if err != nil {
		t.Fatal(err)
	}
	times, reuses := map[any]int{}, []map[string]any{}
	for _, r := range records(t, decisions, nil) {
		if at(r, "custom.reuse") != nil {
			reuses = append(reuses, r)
		} else {
			times[r["decision_id"]]++
		}
	}
	j.recorded(reuses)
	for _, d := range j.decided {
		if n := times[d.decision.GetId()]; n != 1 {
			t.Errorf("decision %s is %d times in the decision log", d.decision.GetId(), n)
		}
		keepsSecret(t, "a question", []byte(d.question.String()))
	}
	if len(times) != len(j.decided) {
		t.Errorf("%d decisions, %d in the decision log", len(j.decided), len(times))
	}
	keepsSecret(t, "the decision log", decisions)
	keepsSecret(t, "the decider's log", j.log.bytes())
	for _, r := range records(t, j.log.bytes(), map[string]any{"msg": "policy error"}) {
		t.Errorf("policy error: %v", r)
	}
}

// commands are the decisions on the bed's commands of that name; "" is every name.
func (b *bed) commands(name string) (found []decided) {
	for _, d := range b.judge.of(b.user) {
		if c := d.question.GetCommand(); c != nil && c.GetName() == cmp.Or(name, c.GetName()) {
			found = append(found, d)
		}
	}
	return found
}

// shortDir is a folder whose name leaves room for a socket's: its path may have 107 octets.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
