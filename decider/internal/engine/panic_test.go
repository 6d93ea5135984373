package engine_test

import (
	"log/slog"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"

	"github.com/gatepost/gatepost/decider/internal/engine"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func init() {
	rego.RegisterBuiltin1(
		&rego.Function{Name: "test.panic", Decl: types.NewFunction(types.Args(types.S), types.S)},
		func(rego.BuiltinContext, *ast.Term) (*ast.Term, error) { panic("out of order") },
	)
}

// A panic in one evaluation is a fault of that decision alone, and the worker goes on.
func TestPanic(t *testing.T) {
	var log logBuffer
	e, _ := start(t, "-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\"\nrequest[\"BAD\"] := \"IMAP_REQ_ACCEPT\" if test.panic(input.kind)",
		func(c *engine.Config) {
			c.Workers = 1
			c.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
	for range 2 {
		a, err := e.Decide(t.Context(), command("BAD"))
		if err != nil {
			t.Fatal(err)
		}
		f := a.Decision.GetError()
		if f.GetKind() != deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_INTERNAL || f.GetMessage() != "panic: out of order" || a.Decision.GetId() == "" {
			t.Errorf("decision %v", a.Decision)
		}
		if a, err = e.Decide(t.Context(), command("NOOP")); err != nil || a.Decision.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY {
			t.Errorf("afterwards: %v, %v", a.Decision, err)
		}
	}
	if !log.has("panic in an evaluation") || !log.has("panic_test.go") {
		t.Error("the log has no stack")
	}
	// The store is not left locked.
	if _, err := e.Reload(t.Context()); err != nil {
		t.Error(err)
	}
}

// Ready is told once policy is there, and results of nondeterministic builtin functions are kept where OPA is to log them.
func TestReadyAndNondeterministic(t *testing.T) {
	told := make(chan bool, 10)
	e, _ := start(t, "-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\" if time.now_ns() > 0", func(c *engine.Config) {
		c.OPA = []byte(`{"nd_builtin_cache": true}`)
		c.Ready = func(yes bool) { told <- yes }
	})
	if !<-told || len(told) != 0 {
		t.Error("ready was not told once")
	}
	a, err := e.Decide(t.Context(), command("NOOP"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := a.Nondeterministic["time.now_ns"]; !ok {
		t.Errorf("nondeterministic: %v", a.Nondeterministic)
	}
}
