package engine_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/logging"
	"golang.org/x/tools/txtar"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/policy"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// start gives an engine on a directory with the files of an archive.
func start(t testing.TB, archive string, change ...func(*engine.Config)) (*engine.Engine, string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, archive)
	lock := policy.NewLock()
	cfg := engine.Config{
		OPA:       []byte("{}"),
		ID:        "test",
		Directory: &policy.Directory{Library: library, Path: dir, Lock: lock},
		Lock:      lock,
		Deadline:  5 * time.Second,
		Workers:   2,
		Queue:     64,
		Log:       slog.New(slog.DiscardHandler),
		Console:   logging.NewNoOpLogger(),
	}
	for _, f := range change {
		f(&cfg)
	}
	e, err := engine.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(context.WithoutCancel(t.Context())) })
	return e, dir
}

func write(t testing.TB, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// command asks about a command of a session of the user.
func command(name string) *deciderv1.Question {
	return &deciderv1.Question{
		Session:      &deciderv1.Session{Id: "s1", User: "anna"},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_SELECTED,
		Event:        &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: name, Known: true}},
	}
}

func greeting() *deciderv1.Question {
	return &deciderv1.Question{
		Session:      &deciderv1.Session{Id: "s1"},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED,
		Event:        &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{Name: "OK", Text: []byte("hello")}},
	}
}

// slow is a policy that never ends by itself.
const slow = `
-- p.rego --
package imap.policy

request["NOOP"] := "IMAP_REQ_ACCEPT"
request["SLOW"] := ["IMAP_REQ_POLICY", "slow"]

functions.slow := "IMAP_REQ_ACCEPT" if {
	input.kind == "command"
	count([x | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x == y + 1]) > 0
}
`

// The seed's two examples: CAPABILITY answered for the server, with a well-formed line, and a greeting that shows nothing.
func TestSeedExamples(t *testing.T) {
	e, _ := start(t, `
-- p.rego --
package imap.policy

request["CAPABILITY"] := ["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]]
response["GREETING"]["UNTAGGED"]["OK"] := ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome to Zorp IMAP proxy"]
`)
	a, err := e.Decide(t.Context(), command("CAPABILITY"))
	if err != nil {
		t.Fatal(err)
	}
	d := a.Decision
	if d.GetRequest() != deciderv1.ImapReq_IMAP_REQ_RESPOND || string(d.GetText()) != "OK CAPABILITY completed" ||
		len(d.GetUntagged()) != 1 || string(d.GetUntagged()[0]) != "CAPABILITY IMAP4rev1" || d.GetRow() != `request["CAPABILITY"]` {
		t.Errorf("CAPABILITY: %v", d)
	}
	if a, err = e.Decide(t.Context(), greeting()); err != nil {
		t.Fatal(err)
	}
	d = a.Decision
	if d.GetResponse() != deciderv1.ImapRsp_IMAP_RSP_REWRITE || string(d.GetText()) != "Welcome to Zorp IMAP proxy" ||
		d.GetRow() != `response["GREETING"]["UNTAGGED"]["OK"]` {
		t.Errorf("greeting: %v", d)
	}
}

// A decision has an id of its own, the revision, what policy saw and how long it took.
func TestAnswer(t *testing.T) {
	e, _ := start(t, "-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\"\nreason := input.session.user")
	first, err := e.Decide(t.Context(), command("NOOP"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := e.Decide(t.Context(), command("NOOP"))
	if err != nil {
		t.Fatal(err)
	}
	d := first.Decision
	if d.GetId() == "" || d.GetId() == second.Decision.GetId() {
		t.Errorf("decision ids %q and %q", d.GetId(), second.Decision.GetId())
	}
	if !strings.HasPrefix(d.GetRevision(), "sha256:") || d.GetRevision() != e.Revision() {
		t.Errorf("revision %q, the engine has %q", d.GetRevision(), e.Revision())
	}
	if d.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY || d.GetReason() != "anna" {
		t.Errorf("decision %v", d)
	}
	if first.Input == nil || first.Took <= 0 || first.Bundles[policy.BundleName].Revision != e.Revision() {
		t.Errorf("answer %+v", first)
	}
}

// Each fault of a policy is an answer that says what, where and in which row.
func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name, policy string
		question     *deciderv1.Question
		kind         deciderv1.PolicyErrorKind
		at           string // file:line
		row, message string
	}{
		{
			"two results are a conflict",
			"package imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\" if input.session.id\nrequest[\"NOOP\"] := \"IMAP_REQ_DROP\" if input.session.user",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_CONFLICT, "p.rego:3", "", "data.imap.policy.request.NOOP produced conflicting values",
		},
		{
			"a failing builtin function is no undefined",
			"package imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\" if not blocked\nblocked if net.cidr_contains(\"not a net\", \"10.0.0.1\")",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_BUILTIN, "p.rego:3", "", "net.cidr_contains",
		},
		{
			"a builtin function given the wrong type",
			"package imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\" if upper(input.session.authentication_failures) == \"X\"",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_BUILTIN, "p.rego:2", "", "upper",
		},
		{
			"a function that is undefined for the event",
			"package imap.policy\nrequest[\"NOOP\"] := [\"IMAP_REQ_POLICY\", \"f\"]\n\nfunctions.f := \"IMAP_REQ_ACCEPT\" if input.session.user == \"else\"",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_UNDEFINED, "p.rego:4", `request["NOOP"]`, "function f: is undefined",
		},
		{
			"a function that is not there",
			"package imap.policy\nrequest[\"NOOP\"] := [\"IMAP_REQ_POLICY\", \"g\"] if input.session.id\nfunctions.f := 1",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_UNDEFINED, "", `request["NOOP"]`, "function g: is undefined",
		},
		{
			"a function that returns POLICY",
			"package imap.policy\nrequest[\"NOOP\"] := [\"IMAP_REQ_POLICY\", \"f\"]\nfunctions.f := \"IMAP_REQ_DROP\" if not input.session.user\nfunctions.f := [\"IMAP_REQ_POLICY\", \"f\"] if input.session.user",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_ROW, "p.rego:4", `request["NOOP"]`, "function f: returned IMAP_REQ_POLICY",
		},
		{
			"a malformed row that depends on the event",
			"package imap.policy\nrequest[\"NOOP\"] := [\"IMAP_REQ_REJECT\", input.session.user, 7] if input.session.user",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_ROW, "p.rego:2", `request["NOOP"]`, "wants [IMAP_REQ_REJECT, text]",
		},
		{
			"a state that is none",
			"package imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\"\nimap_state_new := \"asleep\"",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_ROW, "p.rego:3", "imap_state_new", "is not a state",
		},
		{
			"a decision that is undefined",
			"package imap.main\ndecision := \"x\" if input.kind == \"greeting\"",
			command("NOOP"), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_UNDEFINED, "", "", "data.imap.main.decision is undefined",
		},
		{
			"a decision that is no object",
			"package imap.main\ndecision := \"x\" if input.kind == \"greeting\"",
			greeting(), deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_INTERNAL, "", "", "is \"x\" and not an object",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, dir := start(t, "-- p.rego --\n"+tc.policy)
			a, err := e.Decide(t.Context(), tc.question)
			if err != nil {
				t.Fatal(err)
			}
			d, f := a.Decision, a.Decision.GetError()
			if d.GetOutcome() != deciderv1.Outcome_OUTCOME_ERROR || d.GetVerdict() != nil || d.GetId() == "" || d.GetRevision() == "" {
				t.Errorf("decision %v", d)
			}
			at := ""
			if f.GetFile() != "" {
				at = strings.TrimPrefix(f.GetFile(), dir+"/") + ":" + string(rune('0'+f.GetLine()))
			}
			if f.GetKind() != tc.kind || at != tc.at || f.GetRow() != tc.row || !strings.Contains(f.GetMessage(), tc.message) {
				t.Errorf("fault %v at %s row %s: %s\nwant  %v at %s row %s: %s", f.GetKind(), at, f.GetRow(), f.GetMessage(), tc.kind, tc.at, tc.row, tc.message)
			}
		})
	}
}

// An evaluation is cut off at its deadline, wherever it is.
func TestDeadline(t *testing.T) {
	e, _ := start(t, slow, func(c *engine.Config) { c.Deadline = 50 * time.Millisecond })
	begin := time.Now()
	a, err := e.Decide(t.Context(), command("SLOW"))
	if err != nil {
		t.Fatal(err)
	}
	f := a.Decision.GetError()
	if f.GetKind() != deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_DEADLINE ||
		f.GetMessage() != "the evaluation took longer than 50ms" {
		t.Errorf("fault %v", f)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if a, err = e.Decide(t.Context(), command("NOOP")); err != nil || a.Decision.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY {
		t.Errorf("afterwards: %v, %v", a.Decision, err)
	}
}

// Whoever asks for less time than the engine gives, or goes away, gets no decision.
func TestCallerGivesUp(t *testing.T) {
	e, _ := start(t, slow)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := e.Decide(ctx, command("SLOW")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: error %v", err)
	}
	if _, err := e.Evaluate(ctx, command("SLOW")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline before the start: error %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := e.Decide(ctx, command("SLOW")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

// With all workers busy and the queue full, a question is shed at once.
func TestOverload(t *testing.T) {
	e, _ := start(t, slow, func(c *engine.Config) { c.Workers, c.Queue = 1, 2 })
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _, _ = e.Decide(ctx, command("SLOW")) })
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
		_, err := e.Decide(ctx, command("NOOP"))
		stop()
		if errors.Is(err, engine.ErrOverload) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the queue never was full; error %v", err)
		}
	}
	cancel()
	wg.Wait()
	for {
		_, err := e.Decide(t.Context(), command("NOOP"))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after the load: %v", err)
		}
		time.Sleep(time.Millisecond)
	}
}

// A question that breaks the contract is refused with the field.
func TestBrokenQuestion(t *testing.T) {
	e, _ := start(t, "-- p.rego --\npackage imap.policy")
	var broken *input.Error
	if _, err := e.Decide(t.Context(), &deciderv1.Question{}); !errors.As(err, &broken) {
		t.Errorf("error %v", err)
	}
}

// A policy that does not load at the start is an error with file and line, and nothing runs.
func TestBadStart(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "-- p.rego --\npackage imap.policy\n\nrequest[ := 1\n")
	lock := policy.NewLock()
	_, err := engine.New(t.Context(), engine.Config{
		OPA: []byte("{}"), ID: "test", Lock: lock, Log: slog.New(slog.DiscardHandler), Console: logging.NewNoOpLogger(),
		Directory: &policy.Directory{Library: library, Path: dir, Lock: lock}, Workers: 1, Queue: 1, Deadline: time.Second,
	})
	var refused *policy.Error
	if !errors.As(err, &refused) || refused.Problems[0].File != filepath.Join(dir, "p.rego") || refused.Problems[0].Line != 3 {
		t.Errorf("error %v", err)
	}
}

// OPA's own configuration errors are reported at the start.
func TestBadConfiguration(t *testing.T) {
	lock := policy.NewLock()
	_, err := engine.New(t.Context(), engine.Config{
		OPA: []byte(`{"bundles": {"b": {"service": "none"}}}`), ID: "test", Lock: lock,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Console: logging.NewNoOpLogger(), Workers: 1, Queue: 1, Deadline: time.Second,
	})
	if err == nil || !strings.Contains(err.Error(), `invalid configuration for bundle "b"`) {
		t.Errorf("error %v", err)
	}
}
