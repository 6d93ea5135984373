package engine

import (
	"context"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
)

// Look evaluates another query than the decision against the policy in force; nil: it is undefined, or there is no such rule. It is
// for tools: nothing is prepared, and nothing bounds it but ctx.
func (e *Engine) Look(ctx context.Context, query string, input ast.Value) (v ast.Value, err error) {
	s := e.current.Load()
	if s == nil || !e.ready.Load() {
		return nil, ErrNotReady
	}
	err = storage.Txn(ctx, e.store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		rs, err := rego.New(
			rego.Query(query),
			rego.Compiler(s.compiler),
			rego.Store(e.store),
			rego.Transaction(txn),
			rego.ParsedInput(input),
			rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
		).Eval(ctx)
		if err != nil || len(rs) == 0 {
			return err
		}
		v = rs[0].Expressions[0].Value.(ast.Value)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("engine: %s: %w", query, err)
	}
	return v, nil
}

// Place is where a row or function at a path below package imap.policy is written; value is what it has, or nil. An empty file: its
// place is not known. Only of a policy from a directory.
func (e *Engine) Place(path []string, value ast.Value) (file string, line int) {
	s := e.current.Load()
	if s == nil || e.cfg.Directory == nil {
		return "", 0
	}
	return e.cfg.Directory.Place(s.compiler, path, value)
}
