// Package offline is what the policy tools have in common: a policy that decides without a service, and the program that knows
// IMAP, which is asked what is not the decider's to know.
package offline

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/logging"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/rego"
)

// Policy is a policy that tools ask. It records nothing.
type Policy struct {
	*engine.Engine
	// Path is where it was read; empty: it is the default policy.
	Path string
}

// deadline is how long an evaluation may take. Traces take their time, and the machine may be slow.
const deadline = 10 * time.Second

// Open loads a policy as the decider does: a directory, a bundle file, or the default policy for an empty path. tracers see every
// evaluation. The error is a *policy.Error where the policy is at fault.
func Open(ctx context.Context, path string, allow []string, tracers ...topdown.QueryTracer) (*Policy, error) {
	lock := policy.NewLock(allow...)
	e, err := engine.New(ctx, engine.Config{
		OPA:       []byte("{}"),
		ID:        "offline",
		Directory: &policy.Directory{Library: rego.Bundle, Path: path, Lock: lock},
		Lock:      lock,
		Deadline:  deadline,
		Workers:   1,
		Queue:     64,
		Log:       slog.New(slog.NewTextHandler(io.Discard, nil)),
		Console:   logging.NewNoOpLogger(),
		Tracers:   tracers,
	})
	if err != nil {
		return nil, err
	}
	return &Policy{e, path}, nil
}

// Serve answers dataplanes at a unix socket that only this user can reach, until stop is called.
func (p *Policy) Serve() (address string, stop func(), err error) {
	folder, err := os.MkdirTemp("", "gatepost")
	if err != nil {
		return "", nil, err
	}
	socket := filepath.Join(folder, "decider.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		_ = os.RemoveAll(folder)
		return "", nil, err
	}
	s := server.New(server.Config{
		MessageBytes:      16 << 20,
		ConcurrentStreams: 16,
		ConnectionAge:     24 * time.Hour,
		StreamQuestions:   16,
		ReportReuses:      1000,
		QuestionTimeout:   deadline,
		StreamWorkers:     1,
		Log:               slog.New(slog.DiscardHandler),
	}, p)
	s.Ready(true)
	go func() { _ = s.Serve(l) }()
	return "unix:" + socket, func() {
		s.Stop()
		_ = os.RemoveAll(folder)
	}, nil
}

// Decide implements server.Decider.
func (p *Policy) Decide(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
	a, err := p.Engine.Decide(ctx, q)
	return a.Decision, err
}

// Ask implements server.Decider.
func (p *Policy) Ask(ctx context.Context, q *deciderv1.Question, done func(*deciderv1.Decision, error)) {
	err := p.Submit(ctx, q, func(a engine.Answer, err error) { done(a.Decision, err) })
	if err != nil {
		done(nil, err)
	}
}

// Report implements server.Decider. Nothing is recorded.
func (p *Policy) Report(context.Context, []*deciderv1.Reused) (at int, err error) { return 0, nil }

// Info implements server.Decider.
func (p *Policy) Info() server.Info {
	f := p.Force()
	return server.Info{ID: "offline", Revision: f.Revision, Since: f.Since, Changed: f.Changed}
}

// PlaceOf is where a decision's row, or the function that it called, is written; row and rule are those of a decision.
func (p *Policy) PlaceOf(row, rule string) (file string, line int) {
	if rule != "" {
		return p.Place([]string{"functions", rule}, nil)
	}
	return p.Place(pathOf(row), nil)
}

// pathOf is a row's reference, request["DELETE"], as a path; nil: it is none.
func pathOf(row string) (path []string) {
	ref, err := ast.ParseRef("data." + row)
	if err != nil {
		return nil
	}
	for _, t := range ref[1:] {
		s, ok := t.Value.(ast.String)
		if !ok {
			return nil
		}
		path = append(path, string(s))
	}
	return path
}
