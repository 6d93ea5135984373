package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/open-policy-agent/opa/v1/topdown/builtins"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/decisionlog"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/offline"
)

// Options say what is replayed.
type Options struct {
	// Logs are the files of the decision log; "-" is standard input.
	Logs []string
	// Policy decides. Base, where there is one, stands in the place of what was recorded: both policies decide each input. Then
	// the rows kept for the responses of commands are compared too, which records do not have.
	Policy, Base *offline.Policy
	// Examples is how many decisions a group names.
	Examples int
}

// ErrChanges says that decisions would change.
var ErrChanges = errors.New("decisions would change")

// maxGroups bounds what is remembered. What is in no group then is counted as one.
const maxGroups = 10_000

// Report is what a replay found. Counts are of decisions: a record of several reuses counts as often as it says.
type Report struct {
	// Policy is the policy that decided, Revision its revision. Base and BaseRevision are those it is compared with; absent: the
	// records.
	Policy       string `json:"policy"`
	Revision     string `json:"revision"`
	Base         string `json:"base,omitempty"`
	BaseRevision string `json:"base_revision,omitempty"`
	// Records were read; Other is what the files had besides.
	Records int `json:"records"`
	Other   int `json:"other"`
	// Reused are the records of decisions that were reused.
	Reused int `json:"reused"`
	// Compared, Same and Changed count decisions. OtherRow are those of Same that another row, function or reason decides.
	Compared uint64 `json:"compared"`
	Same     uint64 `json:"same"`
	Changed  uint64 `json:"changed"`
	OtherRow uint64 `json:"other_row"`
	// Revisions counts records by the revision that decided.
	Revisions map[string]int `json:"revisions"`
	// Left are records that were not compared, by why, with examples.
	Left []Left `json:"left,omitempty"`
	// Uncertain counts decisions that depended on what no record has, by the builtin function.
	Uncertain map[string]uint64 `json:"uncertain,omitempty"`
	// Groups are what would change, the most frequent first.
	Groups []*Group `json:"groups,omitempty"`
}

// Left are records that were not compared.
type Left struct {
	Why      string   `json:"why"`
	Count    int      `json:"count"`
	Examples []string `json:"examples"`
}

// Group are decisions that change alike.
type Group struct {
	Key
	Count uint64 `json:"count"`
	// Examples are decision ids.
	Examples []string `json:"examples"`
}

// Key is what a group has in common.
type Key struct {
	// Command is the command's name, or that of the response with its kind; User who was logged in.
	Command string `json:"command"`
	User    string `json:"user,omitempty"`
	// Was and Is are the decisions, WasBy and IsBy the rows, or functions, that gave them.
	Was   string `json:"was"`
	WasBy string `json:"was_by,omitempty"`
	Is    string `json:"is"`
	IsBy  string `json:"is_by,omitempty"`
}

// replay is a replay under way.
type replay struct {
	Options
	report *Report
	groups map[Key]*Group
	left   map[string]*Left
}

// Run replays. It remembers groups and counts, not records.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := &replay{
		Options: o,
		report:  &Report{Policy: o.Policy.Path, Revision: o.Policy.Revision(), Revisions: map[string]int{}, Uncertain: map[string]uint64{}},
		groups:  map[Key]*Group{},
		left:    map[string]*Left{},
	}
	if o.Base != nil {
		r.report.Base, r.report.BaseRevision = o.Base.Path, o.Base.Revision()
	}
	counts, err := decisionlog.Read(o.Logs, func(rec *decisionlog.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.record(ctx, rec)
	})
	if err != nil {
		return nil, err
	}
	r.report.Records, r.report.Other = counts.Records, counts.Other
	r.report.Groups = slices.SortedFunc(maps.Values(r.groups), func(a, b *Group) int {
		return compare(a, b)
	})
	for _, why := range slices.Sorted(maps.Keys(r.left)) {
		r.report.Left = append(r.report.Left, *r.left[why])
	}
	return r.report, nil
}

// leave counts a record that is not compared.
func (r *replay) leave(rec *decisionlog.Record, why string) {
	l := r.left[why]
	if l == nil {
		l = &Left{Why: why}
		r.left[why] = l
	}
	l.Count++
	if len(l.Examples) < r.Examples {
		l.Examples = append(l.Examples, rec.ID)
	}
}

func (r *replay) record(ctx context.Context, rec *decisionlog.Record) error {
	r.report.Revisions[rec.Revision]++
	if rec.Reuse {
		r.report.Reused++
	}
	if rec.Input == nil {
		r.leave(rec, "without an input")
		return nil
	}
	for _, path := range rec.Hidden {
		// What was hidden of the result is not missed where a base decides.
		if r.Base == nil || inInput(path) {
			r.leave(rec, "masked: "+path)
			return nil
		}
	}
	q, err := input.Outline(rec.Input)
	if err != nil {
		r.leave(rec, "not an input of this version: "+err.Error())
		return nil
	}
	c := engine.Case{Question: q, Input: rec.Input, Time: rec.Time}
	is, err := r.decide(ctx, r.Policy, c, rec)
	if err != nil {
		return fmt.Errorf("%s: %w", rec.Source, err)
	}
	was := decision{Result: rec.Result, failed: rec.Fault != nil}
	if r.Base != nil {
		if was, err = r.decide(ctx, r.Base, c, rec); err != nil {
			return fmt.Errorf("%s: %w", rec.Source, err)
		}
	}
	r.compare(rec, was, is)
	return nil
}

// decision is what is compared.
type decision struct {
	decisionlog.Result
	failed bool
	// rows are those for the responses; empty in a record.
	rows string
}

// decide has a policy decide a record's input, at its time and with the results of functions that it has.
func (r *replay) decide(ctx context.Context, p *offline.Policy, c engine.Case, rec *decisionlog.Record) (decision, error) {
	c.Nondeterministic = builtins.NDBCache{}
	for name, results := range rec.Nondeterministic {
		c.Nondeterministic[name] = results.Copy()
	}
	a, err := p.EvaluateCase(ctx, c)
	if err != nil {
		return decision{}, err
	}
	if p == r.Policy {
		for name, results := range c.Nondeterministic {
			// The time is the record's.
			if had := rec.Nondeterministic[name]; name != "time.now_ns" && (had == nil || had.Len() != results.Len()) {
				r.report.Uncertain[name] += rec.Repeats
			}
		}
	}
	result, err := decisionlog.ResultOf(audit.Result(a.Decision))
	if err != nil {
		return decision{}, err
	}
	d := decision{Result: result, failed: a.Decision.GetError() != nil}
	if r.Base != nil {
		for _, row := range a.Decision.GetRows() {
			d.rows += row.String() + "\n"
		}
	}
	return d, nil
}

// compare counts a decision.
func (r *replay) compare(rec *decisionlog.Record, was, is decision) {
	r.report.Compared += rec.Repeats
	if reflect.DeepEqual(told(was), told(is)) {
		r.report.Same += rec.Repeats
		if by(was.Result) != by(is.Result) || was.Reason != is.Reason {
			r.report.OtherRow += rec.Repeats
		}
		return
	}
	r.report.Changed += rec.Repeats
	key := Key{Was: text(was), WasBy: by(was.Result), Is: text(is), IsBy: by(is.Result)}
	if key.Was == key.Is {
		key.Is += ", other rows for the responses"
	}
	key.Command, key.User = subject(rec.Input)
	g := r.groups[key]
	if g == nil && len(r.groups) >= maxGroups {
		key = Key{Command: "others", Was: fmt.Sprintf("there are more than %d groups", maxGroups)}
		g = r.groups[key]
	}
	if g == nil {
		g = &Group{Key: key}
		r.groups[key] = g
	}
	g.Count += rec.Repeats
	if len(g.Examples) < r.Examples {
		g.Examples = append(g.Examples, rec.ID)
	}
}
