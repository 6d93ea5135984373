package rego_test

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// verdicts has what a row of each default table may say.
var verdicts = map[string][]string{
	"request":    {"IMAP_REQ_ACCEPT", "IMAP_REQ_REJECT", "IMAP_REQ_DROP", "IMAP_REQ_ABORT"},
	"capability": {"IMAP_CAP_ACCEPT", "IMAP_CAP_DROP"},
}

func TestDefaultTablesAreWellFormed(t *testing.T) {
	for table, allowed := range verdicts {
		for name, v := range object(t, "data.imap.defaults."+table) {
			if v, ok := v.(string); !ok || !slices.Contains(allowed, v) {
				t.Errorf("%s[%q] is %v, want one of %v", table, name, v, allowed)
			}
			if name != strings.ToUpper(name) {
				t.Errorf("%s[%q] is not in upper case", table, name)
			}
		}
	}
}

// notByDefault are the commands that the default policy refuses, whether or not the dataplane can follow them: they reach
// for mailboxes that are not selected, or change the user.
var notByDefault = map[string]bool{"ESEARCH": true, "NOTIFY": true, "UNAUTHENTICATE": true}

// The dataplane's table of commands, as its golden file prints it, is the list of what policy can meet.
func TestTablesAgreeWithTheDataplane(t *testing.T) {
	accepted := object(t, "data.imap.defaults.request")
	byName := object(t, "data.imap.effects.table")
	decision := query(t, "data.imap.main.decision", compile(t, `request["*"] := "IMAP_REQ_ACCEPT"`))
	effects := query(t, "data.imap.effects.command == data.imap.effects.all", compile(t, ""))

	known := map[string]bool{}
	for _, c := range dataplaneCommands(t) {
		known[c.name] = true

		if _, ok := accepted[c.name]; ok != (!c.refused && !notByDefault[c.name]) {
			t.Errorf("%s: refused by the dataplane %v, accepted by default %v", c.name, c.refused, ok)
		}

		args := `"mailbox": "x", "flags_operation": "-", "literal": {"size": 1}`
		if strings.HasSuffix(c.name, "FETCH") {
			args = `"items": ["FLAGS"]`
		}
		worst, err := effects(value(t, fmt.Sprintf(`{"command": {"name": %q, "known": true, %s}}`, c.name, args)))
		if err != nil || worst == nil || worst.Compare(ast.Boolean(false)) != 0 {
			t.Errorf("%s: has all effects, as if it were unknown: %v (error %v)", c.name, worst, err)
		}

		// AUTHENTICATE is of the base, and its mechanisms are not.
		got, err := decision(value(t, fmt.Sprintf(`{"kind": "command", "command": {"name": %q, "known": true, %s}}`, c.name, args)))
		if err != nil {
			t.Fatal(err)
		}
		hidden := strings.Contains(got.String(), `"row": ["capability"`)
		if hidden != (c.capability != "" || c.name == "AUTHENTICATE") {
			t.Errorf("%s: brought by %q, refused without capabilities %v", c.name, c.capability, hidden)
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(accepted)), slices.Collect(maps.Keys(byName))) {
		if !known[name] {
			t.Errorf("%s is in a table here, and unknown to the dataplane", name)
		}
	}
}

type dataplaneCommand struct {
	name, capability string
	// refused: by the dataplane, whatever policy says. onlySelected: it is for the selected state alone.
	refused, onlySelected bool
}

// dataplaneCommands reads lines such as "UID MOVE  RFC 9051 6.4.9  selected | MOVE or IMAP4REV2 | pass".
func dataplaneCommands(t *testing.T) (commands []dataplaneCommand) {
	t.Helper()
	f, err := os.Open("../dataplane/internal/syntax/testdata/commands.golden")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, ok := strings.Cut(lines.Text(), "  ")
		fields := strings.Split(rest, " | ")
		if !ok || len(fields) < 2 {
			t.Fatalf("not understood: %q", lines.Text())
		}
		c := dataplaneCommand{
			name:         name,
			refused:      strings.HasPrefix(fields[len(fields)-1], "refuse"),
			onlySelected: strings.HasSuffix(fields[0], " selected") && !strings.HasSuffix(fields[0], "authenticated selected"),
		}
		for _, field := range fields[1 : len(fields)-1] {
			if field != "barrier" && !strings.Contains(field, ": ") {
				c.capability = field
			}
		}
		commands = append(commands, c)
	}
	if len(commands) < 60 {
		t.Fatalf("only %d commands", len(commands))
	}
	return commands
}

// object evaluates a query for an object.
func object(t *testing.T, q string) map[string]any {
	t.Helper()
	rs, err := rego.New(rego.Query(q), rego.Compiler(compile(t, ""))).Eval(t.Context())
	if err != nil || len(rs) == 0 {
		t.Fatalf("%s: %v and error %v", q, rs, err)
	}
	return rs[0].Expressions[0].Value.(map[string]any)
}

func TestTablesAsData(t *testing.T) {
	c := ast.NewCompiler().WithStrict(true)
	modules := library(t, "")
	delete(modules, "imap/policy/default.rego")
	if c.Compile(modules); c.Failed() {
		t.Fatal(c.Errors)
	}
	store := inmem.NewFromObject(map[string]any{"imap": map[string]any{"policy": map[string]any{
		"request":   map[string]any{"NOOP": []any{"IMAP_REQ_POLICY", "f"}},
		"response":  map[string]any{"NOOP": map[string]any{"TAGGED": map[string]any{"OK": "IMAP_RSP_ACCEPT"}}},
		"functions": map[string]any{"f": "IMAP_REQ_DROP"},
	}}})
	rs, err := rego.New(
		rego.Query("data.imap.main.decision"), rego.Compiler(c), rego.Store(store), rego.ParsedInput(value(t, noop)),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).Eval(t.Context())
	if err != nil || len(rs) == 0 {
		t.Fatalf("%v and error %v", rs, err)
	}
	want := value(t, `{"row": ["request", "NOOP"], "rule": "f", "value": "IMAP_REQ_DROP",
		"responses": {"own": {"TAGGED": {"OK": "IMAP_RSP_ACCEPT"}}}}`)
	if got := rs[0].Expressions[0].Value.(ast.Value); got.Compare(want) != 0 {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
