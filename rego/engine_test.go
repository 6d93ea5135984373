package rego_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"

	bundle "github.com/gatepost/gatepost/rego"
)

// library parses the embedded modules; with a policy of one's own, it stands in the place of the default one.
func library(tb testing.TB, policy string) map[string]*ast.Module {
	tb.Helper()
	modules := map[string]*ast.Module{}
	parse := func(name, text string) {
		m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{ProcessAnnotation: true})
		if err != nil {
			tb.Fatal(err)
		}
		modules[name] = m
	}
	err := fs.WalkDir(bundle.Bundle, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".rego") {
			return err
		}
		text, err := bundle.Bundle.ReadFile(name)
		if !strings.HasPrefix(name, "imap/policy/") || policy == "" {
			parse(name, string(text))
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if policy != "" {
		parse("policy.rego", "package imap.policy\n\n"+policy)
	}
	return modules
}

// compile compiles the library as the decider does, and stricter.
func compile(tb testing.TB, policy string) *ast.Compiler {
	tb.Helper()
	c := ast.NewCompiler().WithStrict(true)
	if c.Compile(library(tb, policy)); c.Failed() {
		tb.Fatal(c.Errors)
	}
	return c
}

// query prepares a query; the function returned evaluates it, and gives nil if it is undefined.
func query(tb testing.TB, q string, c *ast.Compiler) func(input ast.Value) (ast.Value, error) {
	tb.Helper()
	prepared, err := rego.New(
		rego.Query(q),
		rego.Compiler(c),
		rego.StrictBuiltinErrors(true),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return func(input ast.Value) (ast.Value, error) {
		rs, err := prepared.Eval(tb.Context(), rego.EvalParsedInput(input), rego.EvalMetrics(metrics.NoOp()))
		if err != nil || len(rs) == 0 {
			return nil, err
		}
		return rs[0].Expressions[0].Value.(ast.Value), nil
	}
}

// value parses JSON.
func value(tb testing.TB, json string) ast.Value {
	tb.Helper()
	t, err := ast.ParseTerm(json)
	if err != nil {
		tb.Fatalf("%v in %s", err, json)
	}
	return t.Value
}
