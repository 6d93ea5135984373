package explain

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/offline"
	"github.com/gatepost/gatepost/decider/internal/reuse"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	contract "github.com/gatepost/gatepost/proto/reuse"
)

// Depends is what the decisions on an event depend on, beside its kind and name.
type Depends struct {
	Event string `json:"event"`
	// Input are the parts of the input. Empty: none.
	Input []Part `json:"input,omitempty"`
	// Why says why the decisions are not reused, and At where; empty: they may be.
	Why string `json:"not_reused,omitempty"`
	At  *Place `json:"at,omitempty"`
	// Audit is how reuses are recorded: "each", "aggregate", or "by effects" of the command at hand.
	Audit string `json:"audit,omitempty"`
}

// Part is a part of the input.
type Part struct {
	Path string `json:"path"`
	// At is where the policy, or the library, reads it; the first place found.
	At *Place `json:"at,omitempty"`
}

// DependsOn tells what the decisions on an event depend on.
func DependsOn(p *offline.Policy, e reuse.Event) (*Depends, error) {
	deps, err := p.Depends(e)
	if err != nil {
		return nil, err
	}
	d := &Depends{Event: e.String()}
	if deps.No != deciderv1.NoReuse_NO_REUSE_UNSPECIFIED {
		d.Why, d.At = deps.Why, place(deps.At)
		return d, nil
	}
	for _, f := range deps.Fields {
		d.Input = append(d.Input, Part{"input." + contract.Path(f), place(deps.From[f])})
	}
	d.Audit = map[deciderv1.ReuseAudit]string{
		deciderv1.ReuseAudit_REUSE_AUDIT_UNSPECIFIED: "by effects",
		deciderv1.ReuseAudit_REUSE_AUDIT_EACH:        "each",
		deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE:   "aggregate",
	}[deps.Audit]
	return d, nil
}

func place(at *ast.Location) *Place {
	if at == nil || at.File == "" {
		return nil
	}
	return &Place{at.File, at.Row}
}

// On says it in a line.
func (d *Depends) On() string {
	switch {
	case d.Why != "":
		return "asked each time: " + d.Why + at(d.At)
	case len(d.Input) == 0:
		return "nothing"
	}
	parts := make([]string, len(d.Input))
	for i, p := range d.Input {
		parts[i] = p.Path + at(p.At)
	}
	return strings.Join(parts, ", ")
}

// Recorded says how reuses are recorded.
func (d *Depends) Recorded() string {
	if d.Audit == "" {
		return "none"
	}
	return "recorded " + d.Audit
}

// Events are those that DependsList tells of: the greeting, the commands that the default table and the policy have rows for, the
// capability lists that answer them, and what no command asked for.
func Events(ctx context.Context, p *offline.Policy) ([]reuse.Event, error) {
	names := []string{}
	for _, table := range []string{"data.imap.defaults.request", "data.imap.policy.request"} {
		v, err := p.Look(ctx, table, ast.NewObject())
		if err != nil {
			return nil, err
		}
		o, ok := v.(ast.Object)
		if !ok {
			continue
		}
		for _, k := range o.Keys() {
			if name, ok := k.Value.(ast.String); ok && name != "*" {
				names = append(names, string(name))
			}
		}
	}
	slices.Sort(names)
	events := []reuse.Event{{Kind: input.Greeting, Response: "OK"}}
	for _, name := range slices.Compact(names) {
		events = append(events, Command(name))
	}
	return append(events,
		reuse.Event{Kind: input.Untagged, Command: "CAPABILITY", Solicited: true, Response: "CAPABILITY"},
		reuse.Event{Kind: input.Tagged, Command: "LOGIN", Solicited: true, Response: "OK"},
		reuse.Event{Kind: input.Tagged, Command: "AUTHENTICATE", Solicited: true, Response: "OK"},
		reuse.Event{Kind: input.Untagged, Response: "EXISTS"},
	), nil
}

// Command is the event of a command.
func Command(name string) reuse.Event {
	return reuse.Event{Kind: input.Command, Command: strings.ToUpper(name), Solicited: true}
}

// WriteDepends writes a line for each event.
func WriteDepends(w io.Writer, all []*Depends) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, d := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\n", d.Event, d.Recorded(), d.On())
	}
	return t.Flush()
}
