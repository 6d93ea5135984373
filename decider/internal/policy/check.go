package policy

import (
	"context"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/gatepost/gatepost/decider/internal/verdict"
)

// checkTables refuses a policy with malformed rows, as far as they show without an input.
func checkTables(ctx context.Context, c *ast.Compiler, s storage.Store, txn storage.Transaction) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var tables ast.Value
	rs, err := rego.New(
		rego.Query(tablesPackage.String()),
		rego.Compiler(c),
		rego.Store(s),
		rego.Transaction(txn),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) {
			tables = t.Value
			return nil, nil
		}),
	).Eval(ctx)
	if err != nil || len(rs) == 0 || tables == nil {
		// A fault that shows without an input need not show with one. It is reported when it decides.
		return nil
	}
	faults := verdict.CheckTables(tables, func(function string) bool {
		path := []string{"functions", function}
		return locate(c, path, nil) != nil || has(tables, path)
	})
	accounts, err := s.Read(ctx, txn, storage.MustParsePath("/imap/accounts"))
	if err != nil && !storage.IsNotFound(err) {
		return err
	}
	if v, ok := accounts.(ast.Value); ok {
		if accounts, err = ast.JSON(v); err != nil {
			return err
		}
	}
	e := &Error{Problems: checkReady(c, tables, accounts)}
	for _, f := range faults {
		Locate(c, f)
		p := Problem{File: f.File, Line: f.Line, row: f.Path}
		f.File = ""
		p.Message = f.Error()
		e.Problems = append(e.Problems, p)
	}
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// has tells if there is something at a path in a document.
func has(document ast.Value, path []string) bool {
	for _, key := range path {
		o, ok := document.(ast.Object)
		if !ok {
			return false
		}
		below := o.Get(ast.StringTerm(key))
		if below == nil {
			return false
		}
		document = below.Value
	}
	return true
}
