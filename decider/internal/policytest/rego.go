package policytest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/rego"
)

// suite is a policy with its Rego tests.
type suite struct {
	dir     string
	modules map[string]*ast.Module
	data    map[string]any
	// tests is how many there are.
	tests int
}

func loadSuite(o Options) (*suite, error) {
	s := &suite{dir: o.Dir}
	var err error
	if s.modules, s.data, err = policy.LoadTests(rego.Bundle, o.Dir); err != nil {
		return nil, err
	}
	for name, m := range s.modules {
		if !s.own(name) {
			continue
		}
		for _, r := range m.Rules {
			if strings.HasPrefix(r.Head.Ref()[0].String(), tester.TestPrefix) {
				s.tests++
			}
		}
	}
	return s, nil
}

// own tells a file of the directory from one of the library.
func (s *suite) own(name string) bool {
	below, err := filepath.Rel(s.dir, name)
	return err == nil && !strings.HasPrefix(below, "..")
}

// run runs the tests. The error is a *policy.Error if the policy does not compile with them, as strictly as can be and by the
// schema of the input.
func (s *suite) run(ctx context.Context, o Options, covered *cover.Cover) (cases []Case, err error) {
	schemas, err := inputSchema()
	if err != nil {
		return nil, err
	}
	runner := tester.NewRunner().
		SetStore(inmem.NewFromObject(s.data)).
		SetModules(s.modules).
		SetCompiler(policy.NewLock(o.Allow...).TestCompiler(schemas)).
		CapturePrintOutput(true).
		RaiseBuiltinErrors(true).
		SetCoverageRuns(nil).
		Filter(o.Run)
	if covered != nil {
		runner.SetCoverageQueryTracer(covered)
	} else {
		runner.EnableTracing(true) // tells where a test failed; OPA has either this or coverage
	}
	store := inmem.NewFromObject(s.data)
	err = storage.Txn(ctx, store, storage.WriteParams, func(txn storage.Transaction) error {
		results, err := runner.SetStore(store).RunTests(ctx, txn)
		if err != nil {
			return policy.Refused(s.dir, err)
		}
		for r := range results {
			cases = append(cases, caseOf(r, o.Verbose))
		}
		return nil
	})
	slices.SortFunc(cases, func(a, b Case) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return cases, err
}

func inputSchema() (*ast.SchemaSet, error) {
	var schema any
	if err := json.Unmarshal(rego.InputSchema, &schema); err != nil {
		return nil, err
	}
	set := ast.NewSchemaSet()
	set.Put(ast.MustParseRef("schema.input"), schema)
	return set, nil
}

func caseOf(r *tester.Result, traced bool) Case {
	c := Case{Suite: r.Package, Name: r.Package + "." + r.Name, Took: r.Duration, Skipped: r.Skip}
	if r.Location != nil {
		c.File, c.Line = r.Location.File, r.Location.Row
	}
	if r.Pass() || r.Skip {
		return c
	}
	var b strings.Builder
	switch {
	case r.Error != nil:
		fmt.Fprintln(&b, r.Error)
	default:
		failedAt(&b, r)
	}
	for name, sub := range r.SubResults.Iter {
		if sub.Fail && len(sub.SubResults) == 0 {
			fmt.Fprintf(&b, "case %s\n", strings.Join(name, ": "))
		}
	}
	if out := bytes.TrimSpace(r.Output); len(out) > 0 {
		fmt.Fprintf(&b, "printed:\n%s\n", out)
	}
	if traced && len(r.Trace) > 0 {
		topdown.PrettyTraceWithLocation(&b, r.Trace)
	}
	c.Failure = b.String()
	return c
}

// failedAt prints the expression of the test that was not true last, with the values of its variables.
func failedAt(b *strings.Builder, r *tester.Result) {
	for _, e := range slices.Backward(r.Trace) {
		x, ok := e.Node.(*ast.Expr)
		if !ok || e.Op != topdown.FailOp || x.Location == nil || r.Location == nil || x.Location.File != r.Location.File {
			continue
		}
		fmt.Fprintf(b, "%s:%d: this is not true: %s\n", x.Location.File, x.Location.Row, bytes.TrimSpace(x.Location.Text))
		topdown.PrettyTraceWithOpts(b, []*topdown.Event{e}, topdown.PrettyTraceOptions{ExprVariables: true})
		return
	}
	fmt.Fprintln(b, "is not true")
}

// coverage is what of the directory's policy was reached, by file; nil: nobody asked.
func (s *suite) coverage(covered *cover.Cover) *coverage {
	if covered == nil {
		return nil
	}
	c := &coverage{files: map[string]*cover.FileReport{}}
	modules := maps.Clone(s.modules)
	maps.DeleteFunc(modules, func(name string, _ *ast.Module) bool {
		return !s.own(name) || strings.HasSuffix(name, "_test.rego")
	})
	files := covered.Report(modules).Files
	for name := range modules {
		if f := files[name]; f != nil {
			c.files[name] = f
			c.reached += f.CoveredLines
			c.missed += f.NotCoveredLines
		}
	}
	return c
}

// coverage is what tests reached.
type coverage struct {
	files           map[string]*cover.FileReport
	reached, missed int // lines
}

// percent is 100 where there is nothing to reach.
func (c *coverage) percent() float64 {
	if c.reached+c.missed == 0 {
		return 100
	}
	return 100 * float64(c.reached) / float64(c.reached+c.missed)
}
