package explain

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gatepost/gatepost/decider/internal/decisionlog"
)

// Write writes the explanation for a terminal.
func (x *Explanation) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	if r := x.Recorded; r != nil {
		line("decision", "%s", r.DecisionID)
		line("decided", "%s, %s", r.Time.UTC().Format("2006-01-02 15:04:05 MST"), r.Source)
		line("", "%s", decided(&r.Result, r.Fault))
		if r.Reuse {
			line("", "by an earlier decision, which was reused")
		}
		if x.Result == nil {
			line("row", "%s", rowOf(&r.Result))
			if r.Result.Rule != "" {
				line("function", "%s", r.Result.Rule)
			}
		}
		line("by", "%s", r.Revision)
	}
	if x.Result != nil {
		line("verdict", "%s", decided(x.Result, x.Fault))
		line("row", "%s%s", rowOf(x.Result), at(x.RowAt))
		if x.Result.Rule != "" {
			line("function", "%s%s", x.Result.Rule, at(x.RuleAt))
		}
		if x.Result.Reason != "" {
			line("reason", "%s", x.Result.Reason)
		}
		for i, r := range x.Ready {
			mark := "  "
			if r.Decides {
				mark = "* "
			}
			name := ""
			if i == 0 {
				name = "rules"
			}
			rule := r.Rule
			if r.Settings != nil {
				rule += " " + compact(r.Settings)
			}
			line(name, "%s%s: %s", mark, rule, compact(r.Verdict))
		}
		for i, h := range x.Held {
			name := ""
			if i == 0 {
				name = "held"
			}
			line(name, "%s  %s", h.Place.String(), h.Rule)
		}
		if x.Effects != nil {
			line("effects", "%s", strings.Join(x.Effects, ", "))
		}
		if d := x.Depends; d != nil {
			line("depends on", "%s", d.On())
			line("reuses", "%s", d.Recorded())
		}
		line("policy", "%s, %s", x.Policy, x.Revision)
	}
	for _, n := range x.Notes {
		line("note", "%s", n)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if x.Input != nil {
		text, err := json.MarshalIndent(x.Input, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "input\n%s\n", text)
	}
	if x.Trace != nil {
		fmt.Fprintf(w, "trace\n%s\n", strings.Join(x.Trace, "\n"))
	}
	return nil
}

func at(p *Place) string {
	if p == nil {
		return ""
	}
	return " (" + p.String() + ")"
}

// decided is a decision in a line.
func decided(r *decisionlog.Result, f *decisionlog.Fault) string {
	if f == nil {
		return r.String()
	}
	text := f.Message
	if f.Row != "" {
		text = f.Row + ": " + text
	}
	if f.File != "" {
		text = fmt.Sprintf("%s:%d: %s", f.File, f.Line, text)
	}
	return "the policy fails: " + text
}

func rowOf(r *decisionlog.Result) string {
	if r.Row == "" {
		return "none is for it, and what no row is for is refused"
	}
	return r.Row
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
