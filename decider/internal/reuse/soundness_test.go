package reuse_test

import (
	"flag"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/util"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/gatepost/gatepost/decider/internal/input"
	derive "github.com/gatepost/gatepost/decider/internal/reuse"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

// defaultPairs take some seconds; make soundness compares more.
const defaultPairs = 10_000

var (
	pairs = flag.Int("pairs", defaultPairs, "how many decisions TestSoundness compares at least, reused and made anew")
	seed  = flag.Uint64("seed", 1, "where TestSoundness begins")
)

const (
	entrypoint = "data.imap.main.decision"
	effects    = "data.imap.effects.command"
)

// trial is a policy, and questions with the decisions on them.
type trial struct {
	text      string
	deps      map[derive.Event]derive.Dependencies
	questions []*deciderv1.Question
	// decisions are what was decided, or what went wrong. usable says that one may be reused.
	decisions []string
	usable    []bool
}

// evaluator decides by a policy, without reuse, and tells how that is recorded.
func evaluator(t *testing.T, base map[string]*ast.Module, text string) (c *ast.Compiler, decide func(*deciderv1.Question) (string, bool),
	audit func(*deciderv1.Question) deciderv1.ReuseAudit, err error) {
	m, err := ast.ParseModule("policy.rego", text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	ms := maps.Clone(base)
	ms["policy.rego"] = m
	c = ast.NewCompiler()
	if c.Compile(ms); c.Failed() {
		return nil, nil, nil, c.Errors
	}
	store := inmem.NewFromObjectWithOpts(document(t), inmem.OptReturnASTValuesOnRead(true))
	query := func(document string) func(*deciderv1.Question) (rego.ResultSet, error) {
		p, err := rego.New(rego.Query(document), rego.Compiler(c), rego.Store(store), rego.StrictBuiltinErrors(true),
			rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil })).PrepareForEval(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return func(q *deciderv1.Question) (rego.ResultSet, error) {
			doc, err := input.Build(q)
			if err != nil {
				t.Fatal(err)
			}
			return p.Eval(t.Context(), rego.EvalParsedInput(doc), rego.EvalMetrics(metrics.NoOp()))
		}
	}
	decision, effect := query(entrypoint), query(effects)
	audit = func(q *deciderv1.Question) deciderv1.ReuseAudit {
		rs, err := effect(q)
		if err != nil || len(rs) == 0 && derive.EventOf(q).Solicited {
			return deciderv1.ReuseAudit_REUSE_AUDIT_EACH
		}
		if len(rs) == 0 {
			return deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
		}
		return derive.Audit(rs[0].Expressions[0].Value.(ast.Value))
	}
	return c, func(q *deciderv1.Question) (string, bool) {
		rs, err := decision(q)
		if err != nil {
			return "error: " + err.Error(), false
		}
		if len(rs) == 0 {
			return "undefined", false
		}
		d := new(deciderv1.Decision)
		if fault := verdict.Parse(q, rs[0].Expressions[0].Value.(ast.Value), d); fault != nil {
			return fault.Error(), false
		}
		return prototext.MarshalOptions{}.Format(d), true
	}, audit, nil
}

func document(t *testing.T) map[string]any {
	var doc map[string]any
	if err := util.UnmarshalJSON([]byte(data), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// newTrial decides all questions; nil: the policy does not compile.
func newTrial(t *testing.T, base map[string]*ast.Module, text string, questions []*deciderv1.Question) *trial {
	c, decide, audit, err := evaluator(t, base, text)
	if err != nil {
		return nil
	}
	tr := &trial{text: text, deps: map[derive.Event]derive.Dependencies{}}
	store := ast.MustInterfaceToValue(document(t))
	for _, q := range questions {
		e := shared(q)
		deps, ok := tr.deps[e]
		if !ok {
			deps = derive.Derive(derive.Policy{Compiler: c, Entrypoint: ast.MustParseRef(entrypoint), Effects: ast.MustParseRef(effects), Data: func(path ast.Ref) (ast.Value, error) {
				v, err := store.Find(path[1:])
				if err != nil {
					return nil, nil
				}
				return v, nil
			}}, e)
			tr.deps[e] = deps
		}
		d, usable := "", false
		if deps.No == 0 {
			// What may not be reused is not compared, and need not be decided.
			d, usable = decide(q)
			switch deps.Audit {
			case deciderv1.ReuseAudit_REUSE_AUDIT_UNSPECIFIED:
				// Whoever shares the decision must be recorded alike.
				d += audit(q).String()
			case deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE:
				if audit(q) != deps.Audit {
					t.Errorf("reuses on %v are recorded together, and it has effects", q)
				}
			}
		}
		tr.questions, tr.decisions, tr.usable = append(tr.questions, q), append(tr.decisions, d), append(tr.usable, usable)
	}
	return tr
}

// shared is the event that a question's dependencies are derived for: of XFOO, those of a command that nobody knows.
func shared(q *deciderv1.Question) derive.Event {
	return derive.NewCache(func(command string) bool { return command != "XFOO" }).Shared(derive.EventOf(q))
}

// difference is a decision that reuse makes another.
type difference struct {
	first, then *deciderv1.Question
	was, is     string
}

// compare answers the questions once more, with reuse, keyed as a dataplane does, but without the field that is left out (0: none). It
// says how many were answered from the cache, and gives the first decision that differs.
func (tr *trial) compare(without deciderv1.InputField) (reused int, d *difference) {
	cache := map[string]int{}
	for i, q := range tr.questions {
		deps := tr.deps[shared(q)]
		if deps.No != 0 {
			continue
		}
		fields := deps.Fields
		if slices.Contains(fields, without) {
			fields = slices.DeleteFunc(slices.Clone(fields), func(f deciderv1.InputField) bool { return f == without })
		}
		k, ok := reuse.AppendKey(nil, q, fields)
		if !ok {
			if !slices.ContainsFunc(fields, func(f deciderv1.InputField) bool { return reuse.Always(f, derive.EventOf(q).Command) }) {
				panic(fmt.Sprintf("no key by %v for %v", fields, q))
			}
			continue // of a dataplane older than a field: asked each time
		}
		first, hit := cache[string(k)]
		switch {
		case hit:
			reused++
			if tr.decisions[first] != tr.decisions[i] {
				return reused, &difference{tr.questions[first], q, tr.decisions[first], tr.decisions[i]}
			}
		case tr.usable[i]:
			cache[string(k)] = i
		}
	}
	return reused, nil
}

// trials makes trials until enough decisions are reused in them.
func trials(t *testing.T, enough int) (all []*trial, reused, decided int) {
	t.Helper()
	base := modules(t)
	const questions = 1000
	gc := debug.SetGCPercent(400)
	defer debug.SetGCPercent(gc)
	refused, seeds := 0, *seed
	take := func(text string, qs []*deciderv1.Question) {
		tr := newTrial(t, base, text, qs)
		if tr == nil {
			refused++
			return
		}
		n, d := tr.compare(0)
		if d != nil {
			t.Fatalf("reuse makes a difference (go test -seed %d):\n%s\n%s\ndepends on %v\nfirst\n%v\n%s\nthen\n%v\n%s", seeds, tr.text, derive.EventOf(d.then),
				tr.deps[shared(d.then)].Fields, d.first, d.was, d.then, d.is)
		}
		all, reused, decided = append(all, tr), reused+n, decided+len(tr.questions)
	}
	for ; reused < enough; seeds++ {
		w := writer{source: newSource(seeds)}
		for range questions {
			w.questions = append(w.questions, w.question())
		}
		if seeds == *seed {
			take(w.directed())
		}
		take(w.policy(), w.questions)
		if len(all) > 100 && reused < decided/50 {
			t.Fatalf("of %d decisions only %d were reused", decided, reused)
		}
	}
	if refused > len(all)/5 {
		t.Errorf("%d policies do not compile, %d do", refused, len(all))
	}
	t.Logf("%d policies, %d questions, %d decisions reused and made anew: all equal", len(all), decided, reused)
	return all, reused, decided
}

// A decision that is reused for an equal question is the one that would be made, whatever the policy.
func TestSoundness(t *testing.T) {
	enough := *pairs
	if raceEnabled && enough == defaultPairs {
		enough /= 10
	}
	all, reused, decided := trials(t, enough)
	if share := float64(reused) / float64(decided); share < 0.2 {
		t.Errorf("%.2f of the decisions were reused; that tests little", share)
	}
	appeared := map[deciderv1.InputField]bool{}
	refusals := map[deciderv1.NoReuse]int{}
	for _, tr := range all {
		for _, deps := range tr.deps {
			refusals[deps.No]++
			for _, f := range deps.Fields {
				appeared[f] = true
			}
		}
	}
	t.Logf("events by why they are not reused: %v", refusals)
	for _, no := range []deciderv1.NoReuse{deciderv1.NoReuse_NO_REUSE_INPUT, deciderv1.NoReuse_NO_REUSE_NONDETERMINISTIC} {
		if refusals[no] == 0 {
			t.Errorf("no event had %v", no)
		}
	}
	// The comparison finds a derivation that forgets a field, whichever it is.
	for _, f := range reuse.Fields() {
		if f == deciderv1.InputField_INPUT_FIELD_COMMAND_TAG {
			continue // never
		}
		if !appeared[f] {
			t.Errorf("no decision depended on %v", f)
			continue
		}
		if !slices.ContainsFunc(all, func(tr *trial) bool {
			_, d := tr.compare(f)
			return d != nil
		}) {
			t.Errorf("a derivation that forgets %v is not found out", f)
		}
	}
}
