package reuse

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const (
	revision = "r1"
	user     = deciderv1.InputField_INPUT_FIELD_SESSION_USER
	mailbox  = deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOX
	patience = 30 * time.Second
)

// bed is a Decider between questions and a policy, and what it reported.
type bed struct {
	*Decider
	t testing.TB
	// reuse is what the policy's decisions depend on; nil: on nothing.
	reuse *deciderv1.Reuse
	// change alters an answer of the policy.
	change func(*deciderv1.Decision)

	mu    sync.Mutex
	asked []session.Question
	// held are answers that wait for release; hold says that they do.
	hold bool
	held []func()
	// reports are what was taken; refuse says why a report is not.
	reports []*deciderv1.Reused
	sizes   []int
	refuse  func([]*deciderv1.Reused) error
	log     bytes.Buffer
}

func newBed(t testing.TB, change ...func(*Options)) *bed {
	t.Helper()
	b := &bed{t: t, reuse: &deciderv1.Reuse{LeaseMs: 3_600_000, Audit: deciderv1.ReuseAudit_REUSE_AUDIT_EACH}}
	o := Options{Decider: b, Reporter: b, Memory: 1 << 24, Batch: 100, Interval: time.Hour, Aggregate: time.Hour, Queue: 1 << 24,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{b: b}, nil))}
	for _, f := range change {
		f(&o)
	}
	b.Decider = New(o)
	b.Revise(revision)
	t.Cleanup(func() {
		select {
		case <-b.book.closing:
		default:
			_ = b.Close(context.Background())
		}
	})
	return b
}

type lockedWriter struct{ b *bed }

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	return w.b.log.Write(p)
}

// Ask is the policy's: it accepts everything.
func (b *bed) Ask(_ context.Context, _ *pdp.Connection, q session.Question, done func(*session.Decision, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, q)
	in := &deciderv1.Decision{Id: fmt.Sprintf("d%d", len(b.asked)), Revision: revision, Outcome: deciderv1.Outcome_OUTCOME_POLICY, Reuse: b.reuse}
	if b.change != nil {
		b.change(in)
	}
	d := &session.Decision{ID: in.Id, Revision: in.Revision, Request: session.ReqAccept, Source: in}
	if in.Outcome == deciderv1.Outcome_OUTCOME_ERROR {
		d.Fault = &session.Fault{Kind: "undefined"}
	}
	d.Capabilities = make([]bool, len(q.Capabilities))
	if b.hold {
		b.held = append(b.held, func() { done(d, nil) })
		return
	}
	go done(d, nil)
}

// Report is the decision log's.
func (b *bed) Report(ctx context.Context, reused []*deciderv1.Reused) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		if err := b.refuse(reused); err != nil {
			return err
		}
	}
	b.sizes = append(b.sizes, len(reused))
	for _, r := range reused {
		b.reports = append(b.reports, proto.CloneOf(r))
	}
	return ctx.Err()
}

func (b *bed) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

func (b *bed) questions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

func (b *bed) taken() []*deciderv1.Reused {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*deciderv1.Reused(nil), b.reports...)
}

// put answers a question as a session has it answered.
func (b *bed) put(c *pdp.Connection, q session.Question) *session.Decision {
	b.t.Helper()
	if d, ok := b.Reuse(c, &q); ok {
		return d
	}
	answer := make(chan *session.Decision, 1)
	b.Decider.Ask(context.Background(), c, q, func(d *session.Decision, err error) { answer <- d })
	select {
	case d := <-answer:
		return d
	case <-time.After(patience):
		b.t.Fatal("no answer")
		return nil
	}
}

// reused puts a question and reports whether the answer is a repeated one.
func (b *bed) reused(c *pdp.Connection, q session.Question) bool {
	b.t.Helper()
	before := b.questions()
	d := b.put(c, q)
	asked := b.questions() - before
	if (d.Repeats == "") != (asked == 1) || asked > 1 {
		b.t.Errorf("%d questions, and the decision %s repeats %q", asked, d.ID, d.Repeats)
	}
	return asked == 0
}

// wait waits until something holds.
func (b *bed) wait(what string, holds func() bool) {
	b.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func connection(id string) *pdp.Connection {
	return (&pdp.Connection{ID: id, Dataplane: "edge-1", Listener: "imap", Client: &net.UnixAddr{}, Local: &net.UnixAddr{}}).Prepare()
}

// command is a question about a command of a user.
func command(t testing.TB, line, user string) session.Question {
	t.Helper()
	c, err := new(syntax.Parser).Parse([]byte(line), syntax.Mode{})
	if err != nil {
		t.Fatal(err)
	}
	return session.Question{
		Kind: session.Command, Old: syntax.Authenticated, New: syntax.Authenticated, Command: c,
		Session: session.Snapshot{Identity: session.Identity{User: user, Mechanism: "LOGIN"}},
	}
}
