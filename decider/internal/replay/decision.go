package replay

import (
	"cmp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/decisionlog"
)

// told is what a dataplane is told of a decision: all but what is for logs alone.
func told(d decision) decision {
	d.Reason, d.Row, d.Rule = "", "", ""
	if d.failed {
		// However it failed, the session ends.
		return decision{failed: true}
	}
	// In a record what is not there may be empty.
	if len(d.Untagged) == 0 {
		d.Untagged = nil
	}
	if len(d.Capabilities) == 0 {
		d.Capabilities = nil
	}
	return d
}

// by is what gave a decision: the function, or else the row.
func by(r decisionlog.Result) string {
	if r.Rule != "" {
		return r.Row + ", function " + r.Rule
	}
	return r.Row
}

func text(d decision) string {
	if d.failed {
		return "the policy fails"
	}
	return d.String()
}

// inInput tells a path of the input from one of the result.
func inInput(path string) bool { return path == "/input" || strings.HasPrefix(path, "/input/") }

// subject is what and whom an input is about.
func subject(document ast.Value) (command, user string) {
	at := func(path ...string) string {
		ref := make(ast.Ref, len(path))
		for i, p := range path {
			ref[i] = ast.StringTerm(p)
		}
		v, err := document.Find(ref)
		if err != nil {
			return ""
		}
		s, _ := v.(ast.String)
		return string(s)
	}
	user = at("session", "user")
	switch kind := at("kind"); kind {
	case "command":
		return at("command", "name"), user
	case "greeting":
		return "GREETING", user
	default:
		return at("response", "command") + " " + at("response", "type") + " " + at("response", "name"), user
	}
}

// compare sorts groups: the most frequent first, then by name.
func compare(a, b *Group) int {
	return cmp.Or(
		cmp.Compare(b.Count, a.Count),
		cmp.Compare(a.Command, b.Command),
		cmp.Compare(a.User, b.User),
		cmp.Compare(a.Was, b.Was),
		cmp.Compare(a.Is, b.Is),
		cmp.Compare(a.WasBy, b.WasBy),
		cmp.Compare(a.IsBy, b.IsBy),
	)
}
