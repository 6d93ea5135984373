package decider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/channelz/grpc_channelz_v1"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Many questions on several streams, while policy changes under them: every one is answered under its id, by a revision that
// was in force, and every decision is recorded once.
func TestStream(t *testing.T) {
	name := filepath.Join(t.TempDir(), "decisions.json")
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) {
		c.DecisionLog.File = &decider.File{Path: name}
		c.Audit.Queue = 8 // so that decisions wait for their records
		c.Server.QuestionTimeout, c.Evaluation.Deadline = 5*time.Minute, time.Minute
		c.Shutdown.Drain = time.Minute
		// A busy machine is no fault of the decider.
		c.Server.QuestionTimeout = 10 * time.Minute
		c.Evaluation.Deadline = time.Minute
	})
	const streams, questions = 4, 300
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		ids = map[string]bool{}
	)
	for range streams {
		s, err := r.client.DecideStream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for id := range uint64(questions) {
				command := []string{"NOOP", "DELETE", "FAIL"}[id%3]
				if err := s.Send(&deciderv1.DecideStreamRequest{Id: id + 1, Question: question(command)}); err != nil {
					t.Error(err)
					return
				}
			}
			_ = s.CloseSend()
		})
		wg.Go(func() {
			pending := map[uint64]bool{}
			for id := range uint64(questions) {
				pending[id+1] = true
			}
			for range questions {
				a, err := s.Recv()
				if err != nil || !pending[a.GetId()] || a.GetDecision() == nil {
					t.Errorf("answer %v, error %v", a, err)
					return
				}
				delete(pending, a.GetId())
				want := []string{"IMAP_REQ_ACCEPT", "IMAP_REQ_REJECT", "IMAP_REQ_UNSPECIFIED"}[(a.GetId()-1)%3]
				if got := a.GetDecision().GetRequest().String(); got != want {
					t.Errorf("question %d: %s, want %s", a.GetId(), got, want)
				}
				mu.Lock()
				ids[a.GetDecision().GetId()] = true
				mu.Unlock()
			}
		})
	}
	stop := make(chan struct{})
	reloads := make(chan struct{})
	go func() {
		defer close(reloads)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				r.write(t, rules+fmt.Sprintf("\n# %d\n", n))
				if err := r.Reload(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	wg.Wait()
	close(stop)
	<-reloads
	r.stop()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n != streams*questions || len(ids) != n {
		t.Errorf("%d records, %d decisions, %d questions", n, len(ids), streams*questions)
	}
	for id := range ids {
		if strings.Count(string(data), id) != 1 {
			t.Fatalf("decision %s has not one record", id)
		}
	}
}

// A panic in what listens to decisions costs one answer of a stream, and not the decider.
func TestStreamPanic(t *testing.T) {
	r := run(t, rules, func(_ *decider.Config, o *decider.Options) {
		o.OnDecision = func(q *deciderv1.Question, _ *deciderv1.Decision, _ time.Duration) {
			if q.GetCommand().GetName() == "DELETE" {
				panic("out of order")
			}
		}
	})
	s, err := r.client.DecideStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[uint64]string{1: "DELETE", 2: "NOOP"} {
		if err := s.Send(&deciderv1.DecideStreamRequest{Id: id, Question: question(want)}); err != nil {
			t.Fatal(err)
		}
		a, err := s.Recv()
		if err != nil || (a.GetNoAnswer() != nil) != (want == "DELETE") {
			t.Errorf("%s: answer %v, error %v", want, a, err)
		}
	}
}

// Every watcher hears of a new revision as soon as it is in force, and GetInfo agrees; at the end watchers go.
func TestWatchRevision(t *testing.T) {
	r := run(t, rules, nil)
	const watchers = 10
	heard := make(chan string, 10*watchers)
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range watchers {
		w, err := r.client.WatchRevision(ctx, &deciderv1.WatchRevisionRequest{})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for {
				m, err := w.Recv()
				if err != nil {
					return
				}
				heard <- m.GetRevision()
			}
		})
	}
	all := func(want string) {
		t.Helper()
		for range watchers {
			select {
			case got := <-heard:
				if got != want {
					t.Errorf("heard %q, want %q", got, want)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("not all watchers heard")
			}
		}
	}
	all(r.Revision())
	before, err := r.client.GetInfo(t.Context(), &deciderv1.GetInfoRequest{})
	if err != nil || before.GetRevision() != r.Revision() || before.GetOpaVersion() == "" || before.GetVersion() == "" || before.GetId() == "" {
		t.Errorf("info %v, error %v", before, err)
	}
	if age := time.Since(time.UnixMilli(before.GetActivatedUnixMs())); age < 0 || age > time.Minute {
		t.Errorf("activated %v ago", age)
	}
	r.write(t, "-- p.rego --\npackage imap.policy\nrequest[\"DELETE\"] := \"IMAP_REQ_DROP\"\n")
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	all(r.Revision())
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("watchers heard %v after it was in force", took)
	}
	after, err := r.client.GetInfo(t.Context(), &deciderv1.GetInfoRequest{})
	if err != nil || after.GetRevision() == before.GetRevision() || after.GetRevision() != r.Revision() ||
		after.GetActivatedUnixMs() < before.GetActivatedUnixMs() || after.GetId() != before.GetId() {
		t.Errorf("info %v, before %v, error %v", after, before, err)
	}
	r.stop()
	wg.Wait()
}

// Operators can look at the connections.
func TestChannelz(t *testing.T) {
	r := run(t, rules, nil)
	resp, err := grpc_channelz_v1.NewChannelzClient(r.conn).GetServers(t.Context(), &grpc_channelz_v1.GetServersRequest{})
	if err != nil || len(resp.GetServer()) == 0 {
		t.Errorf("servers %v, error %v", resp, err)
	}
}
