package explain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/decisionlog"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/offline"
	"github.com/gatepost/gatepost/decider/internal/reuse"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Explanation is why a decision is as it is.
type Explanation struct {
	// Recorded is the decision that was asked about, where it was one that a decision log has.
	Recorded *Recorded `json:"recorded,omitempty"`
	// Policy is where the policy was read that is asked now, Revision its revision. Absent: none is, and only Recorded is told.
	Policy   string `json:"policy,omitempty"`
	Revision string `json:"revision,omitempty"`
	// Result is what that policy decides, and Fault what is wrong with it.
	Result *decisionlog.Result `json:"result,omitempty"`
	Fault  *decisionlog.Fault  `json:"error,omitempty"`
	// RowAt and RuleAt are where the row and the function are written that decided.
	RowAt  *Place `json:"row_at,omitempty"`
	RuleAt *Place `json:"rule_at,omitempty"`
	// Ready is what each of the ready rules says that the policy has chosen.
	Ready []Ready `json:"ready,omitempty"`
	// Held are the policy's own rules that held, in the order of their places.
	Held []Held `json:"held,omitempty"`
	// Effects are those of the command. Absent: there is no command, or it has none.
	Effects []string `json:"effects,omitempty"`
	// Depends is what the decision depends on.
	Depends *Depends `json:"depends,omitempty"`
	// Input is what the policy sees.
	Input any `json:"input,omitempty"`
	// Notes are what to know besides.
	Notes []string `json:"notes,omitempty"`
	// Trace is OPA's trace of the evaluation, if it was asked for.
	Trace []string `json:"trace,omitempty"`
}

// Recorded is what a decision log says.
type Recorded struct {
	DecisionID string             `json:"decision_id"`
	Source     string             `json:"source"`
	Time       time.Time          `json:"time"`
	Revision   string             `json:"revision"`
	Result     decisionlog.Result `json:"result"`
	Fault      *decisionlog.Fault `json:"error,omitempty"`
	Reuse      bool               `json:"reuse,omitempty"`
}

// Place is a line of a file.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// String is file:line.
func (p *Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Ready is what a ready rule says of the command.
type Ready struct {
	Rule     string `json:"rule"`
	Settings any    `json:"settings,omitempty"`
	Verdict  any    `json:"verdict"`
	// Decides: it is the verdict that the policy gives.
	Decides bool `json:"decides,omitempty"`
}

// Held is a rule that held.
type Held struct {
	Place
	Rule string `json:"rule"`
}

// subject is what is explained.
type subject struct {
	engine.Case
	notes []string
}

// FromLog explains a decision of a log. p nil: only what the log says.
func FromLog(ctx context.Context, p *offline.Policy, logs []string, id string, traced bool) (*Explanation, error) {
	var found *decisionlog.Record
	_, err := decisionlog.Read(logs, func(r *decisionlog.Record) error {
		if r.ID != id {
			return nil
		}
		found = r
		return decisionlog.ErrEnd
	})
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, fmt.Errorf("no decision %s is in %s", id, strings.Join(logs, ", "))
	}
	x := &Explanation{Recorded: &Recorded{
		DecisionID: found.ID, Source: found.Source, Time: found.Time, Revision: found.Revision, Result: found.Result, Fault: found.Fault,
		Reuse: found.Reuse,
	}}
	var notes []string
	if len(found.Hidden) > 0 {
		notes = append(notes, "a mask took these away, so that a policy may decide otherwise without them: "+strings.Join(found.Hidden, ", "))
	}
	if found.Input == nil {
		x.Notes = append(notes, "the record has no input, so that no policy can be asked again")
		return x, nil
	}
	if x.Input, err = ast.JSON(found.Input); err != nil {
		return nil, err
	}
	if p == nil {
		x.Notes = append(notes, "--policy DIR asks a policy again, and says which line of it decides")
		return x, nil
	}
	if now := p.Revision(); now != found.Revision {
		notes = append(notes, fmt.Sprintf("another policy decided then: %s", found.Revision))
	}
	q, err := input.Outline(found.Input)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", found.Source, err)
	}
	nd := found.Nondeterministic
	if nd == nil {
		nd = builtins.NDBCache{}
	}
	return x, x.decide(ctx, p, traced, subject{
		Case: engine.Case{Question: q, Input: found.Input, Time: found.Time, Nondeterministic: nd}, notes: notes,
	})
}

// FromInput explains the decision on an input document in a file; "-" is standard input.
func FromInput(ctx context.Context, p *offline.Policy, file string, traced bool) (*Explanation, error) {
	in := os.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	document, err := ast.ValueFromReader(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	q, err := input.Outline(document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	x := new(Explanation)
	return x, x.decide(ctx, p, traced, subject{Case: engine.Case{Question: q, Input: document}})
}

// FromCommand explains the decision on a command that was typed. args are those of `gatepost-dataplane question`.
func FromCommand(ctx context.Context, p *offline.Policy, d offline.Dataplane, args []string, traced bool) (*Explanation, error) {
	out, err := d.Output(ctx, append([]string{"question"}, args...)...)
	if err != nil {
		return nil, err
	}
	q := new(deciderv1.Question)
	if err := protojson.Unmarshal(out, q); err != nil {
		return nil, fmt.Errorf("gatepost-dataplane question: %w", err)
	}
	x := new(Explanation)
	return x, x.decide(ctx, p, traced, subject{Case: engine.Case{Question: q}})
}

// decide asks the policy. What is told beside the decision is told by the functions that it calls.
func (x *Explanation) decide(ctx context.Context, p *offline.Policy, traced bool, s subject) error {
	trace := topdown.NewBufferTracer()
	s.Tracers = append(s.Tracers, trace)
	a, err := p.EvaluateCase(ctx, s.Case)
	if err != nil {
		return err
	}
	x.Policy, x.Revision, x.Notes = p.Path, a.Decision.GetRevision(), append(x.Notes, s.notes...)
	if x.Policy == "" {
		x.Policy = "the default policy"
	}
	if err := x.result(a); err != nil {
		return err
	}
	if x.Input, err = ast.JSON(a.Input); err != nil {
		return err
	}
	if x.Depends, err = DependsOn(p, reuse.EventOf(a.Question)); err != nil {
		return err
	}
	x.places(p, a.Decision)
	x.held(*trace)
	if err := errors.Join(x.effects(ctx, p, a.Input), x.ready(ctx, p, a)); err != nil {
		return err
	}
	if traced {
		var b bytes.Buffer
		topdown.PrettyTraceWithLocation(&b, *trace)
		x.Trace = strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	}
	return nil
}

func (x *Explanation) result(a engine.Answer) error {
	r, err := decisionlog.ResultOf(audit.Result(a.Decision))
	if err != nil {
		return err
	}
	x.Result = &r
	if f := audit.FaultDocument(a.Decision); f != nil {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		x.Fault = new(decisionlog.Fault)
		return json.Unmarshal(text, x.Fault)
	}
	return nil
}

// places finds the row and the function that decided.
func (x *Explanation) places(p *offline.Policy, d *deciderv1.Decision) {
	if file, line := p.PlaceOf(d.GetRow(), ""); file != "" && d.GetRow() != "" {
		x.RowAt = &Place{file, line}
	}
	if d.GetRule() != "" {
		if file, line := p.PlaceOf(d.GetRow(), d.GetRule()); file != "" {
			x.RuleAt = &Place{file, line}
		}
	}
}

// held finds the rules of the policy's own that held: what is not the library's.
func (x *Explanation) held(trace []*topdown.Event) {
	seen := map[Held]bool{}
	for _, e := range trace {
		rule, ok := e.Node.(*ast.Rule)
		if !ok || e.Op != topdown.ExitOp || rule.Location == nil || rule.Module == nil || isLibrary(rule.Module.Package.Path) {
			continue
		}
		// A table is one rule for every row; its row is told by its place.
		seen[Held{Place{rule.Location.File, rule.Location.Row}, rule.Head.Ref().String()}] = true
	}
	for h := range seen {
		x.Held = append(x.Held, h)
	}
	slices.SortFunc(x.Held, func(a, b Held) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
}

// isLibrary tells the packages below imap, but for the administrator's.
func isLibrary(path ast.Ref) bool {
	return path.HasPrefix(ast.MustParseRef("data.imap")) && !path.HasPrefix(ast.MustParseRef("data.imap.policy"))
}

func (x *Explanation) effects(ctx context.Context, p *offline.Policy, in ast.Value) error {
	v, err := p.Look(ctx, "data.imap.effects.command", in)
	if err != nil || v == nil {
		return err
	}
	set, ok := v.(ast.Set)
	if !ok {
		return nil
	}
	for _, t := range set.Slice() {
		if s, ok := t.Value.(ast.String); ok {
			x.Effects = append(x.Effects, string(s))
		}
	}
	return nil
}

// ready tells what the ready rules say, where the policy asks them.
func (x *Explanation) ready(ctx context.Context, p *offline.Policy, a engine.Answer) error {
	if a.Question.GetCommand() == nil || a.Decision.GetRule() != "ready" {
		return nil
	}
	v, err := p.Look(ctx, "[data.imap.ready.verdicts, data.imap.ready.command]", a.Input)
	if err != nil || v == nil {
		return err
	}
	document, err := ast.JSON(v)
	if err != nil {
		return err
	}
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	var both [2]json.RawMessage
	if err := json.Unmarshal(text, &both); err != nil {
		return err
	}
	if err := json.Unmarshal(both[0], &x.Ready); err != nil {
		return err
	}
	for i := range x.Ready {
		own, err := json.Marshal(x.Ready[i].Verdict)
		if err != nil {
			return err
		}
		x.Ready[i].Decides = bytes.Equal(own, both[1])
	}
	return nil
}
