package rego_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/tools/txtar"

	bundle "github.com/gatepost/gatepost/rego"
)

// conforms reports whether a document conforms to a schema.
func conforms(t *testing.T, text []byte) func(document ast.Value) bool {
	t.Helper()
	match := query(t, "json.match_schema(input.document, input.schema)[0]", ast.NewCompiler())
	schema := ast.NewTerm(value(t, string(text)))
	return func(document ast.Value) bool {
		v, err := match(ast.NewObject(
			ast.Item(ast.StringTerm("document"), ast.NewTerm(document)),
			ast.Item(ast.StringTerm("schema"), schema),
		))
		if err != nil || v == nil {
			t.Fatalf("%v and error %v", v, err)
		}
		return v.Compare(ast.Boolean(true)) == 0
	}
}

// What the decider builds, as its golden files print it, is what the schema describes.
func TestDeciderInputConforms(t *testing.T) {
	ok := conforms(t, bundle.InputSchema)
	for name, input := range deciderInputs(t) {
		if !ok(input) {
			t.Errorf("%s does not conform", name)
		}
	}
}

// deciderInputs are what the decider builds, by the file that has it.
func deciderInputs(t *testing.T) map[string]ast.Value {
	t.Helper()
	files, err := filepath.Glob("../decider/internal/input/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	inputs := map[string]ast.Value{}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "input" {
				inputs[name] = value(t, string(f.Data))
			}
		}
	}
	return inputs
}

func TestSchemaRefuses(t *testing.T) {
	ok := conforms(t, bundle.InputSchema)
	for _, tc := range []struct {
		name   string
		change func(document map[string]any)
	}{
		{"a field that there is not", func(d map[string]any) { d["x"] = 1 }},
		{"a field of the command that there is not", func(d map[string]any) { command(d)["nam"] = "NOOP" }},
		{"a kind that there is not", func(d map[string]any) { d["kind"] = "continuation" }},
		{"a state that there is not", func(d map[string]any) { d["imap_state_old"] = "preauth" }},
		{"no session", func(d map[string]any) { delete(d, "session") }},
		{"null in place of what is absent", func(d map[string]any) { command(d)["mailbox"] = nil }},
		{"no args", func(d map[string]any) { delete(command(d), "args") }},
		{"message 0", func(d map[string]any) { command(d)["set"] = []any{map[string]any{"first": 0, "last": 1}} }},
		{"a set that ends nowhere", func(d map[string]any) { command(d)["set"] = []any{map[string]any{"first": 1}} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var document map[string]any
			if err := json.Unmarshal([]byte(fetch), &document); err != nil {
				t.Fatal(err)
			}
			if v, _ := ast.InterfaceToValue(document); !ok(v) {
				t.Fatal("does not conform before the change")
			}
			tc.change(document)
			if v, _ := ast.InterfaceToValue(document); ok(v) {
				t.Error("conforms")
			}
		})
	}
}

func command(document map[string]any) map[string]any { return document["command"].(map[string]any) }

// A misspelt field is undefined, and a rule on it never holds: with the schema it does not compile.
func TestSchemaFindsMisspeltFields(t *testing.T) {
	var schema any
	if err := json.Unmarshal(bundle.InputSchema, &schema); err != nil {
		t.Fatal(err)
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.MustParseRef("schema.input"), schema)
	for field, want := range map[string]bool{"input.command.name": true, "input.command.nam": false} {
		c := ast.NewCompiler().WithStrict(true).WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
		c.Compile(library(t, `functions.f := "IMAP_REQ_ACCEPT" if `+field))
		if c.Failed() == want {
			t.Errorf("%s: compiles %v, want %v: %v", field, !c.Failed(), want, c.Errors)
		}
	}
}

// What is decided is what the schema describes.
func TestResultsConform(t *testing.T) {
	ok := conforms(t, bundle.ResultSchema)
	check := func(name, policy string, input ast.Value) {
		t.Helper()
		result, err := query(t, "data.imap.main.decision", compile(t, policy))(input)
		if err != nil || result == nil {
			t.Errorf("%s: %v and error %v", name, result, err)
		} else if !ok(result) {
			t.Errorf("%s: does not conform: %v", name, result)
		}
	}
	for _, tc := range policies {
		if tc.name != "a table of numbers" { // the decider refuses those
			check(tc.name, tc.policy, value(t, tc.input))
		}
	}
	ready := `
import data.imap.ready
rules := {"quiet": {"show": ["IDLE"]}, "folders": {"mailboxes": ["INBOX"]}, "read_only": {}}
request := ready.request
functions["ready"] := ready.command
functions["listed"] := ready.listed
response := ready.response
capability := ready.capability
`
	for name, input := range deciderInputs(t) {
		for _, policy := range []string{"", oneRow, byEffect, withUsual, ready} {
			check(name, policy, input)
		}
	}
}

func TestResultSchemaRefuses(t *testing.T) {
	ok := conforms(t, bundle.ResultSchema)
	for result, want := range map[string]bool{
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_ACCEPT", "responses": {}}`:                                           true,
		`{"row": ["request", "NOOP"], "value": ["IMAP_REQ_REJECT", "no", "ALERT"], "responses": {}}`:                          true,
		`{"row": ["response", "*", "*", "*"], "value": "IMAP_RSP_ACCEPT", "capabilities": [{"name": "IDLE"}]}`:                true,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_ACEPT", "responses": {}}`:                                            false,
		`{"row": ["request", "NOOP"], "value": "IMAP_RSP_ACCEPT", "responses": {}, "x": 1}`:                                   false,
		`{"row": ["request", "NOOP"], "value": ["IMAP_REQ_REJECT", "no", "ALERT", "more"], "responses": {}}`:                  false,
		`{"row": ["request", "NOOP"], "value": ["IMAP_REQ_REWRITE"], "responses": {}}`:                                        false,
		`{"row": ["request", "NOOP"], "value": ["IMAP_REQ_RESPOND", "OK", "CAPABILITY"], "responses": {}}`:                    false,
		`{"row": ["request", "NOOP"], "value": ["IMAP_REQ_POLICY", "f"], "responses": {}}`:                                    false,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_ACCEPT", "responses": {"any": {"BOTH": {}}}}`:                        false,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_ACCEPT", "responses": {"any": {"*": {"*": "IMAP_REQ_ACCEPT"}}}}`:     false,
		`{"row": ["response", "*", "*", "*"], "value": "IMAP_RSP_ACCEPT", "capabilities": [{"name": "IDLE", "value": "NO"}]}`: false,
		`{"value": "IMAP_REQ_ACCEPT", "responses": {}}`:                                                                       false,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_ACCEPT", "responses": {}, "imap_state_new": "asleep"}`:               false,
	} {
		if got := ok(value(t, result)); got != want {
			t.Errorf("%s: conforms %v, want %v", result, got, want)
		}
	}
}
