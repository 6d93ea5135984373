package rego_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/tools/txtar"

	bundle "github.com/gatepost/gatepost/rego"
)

// conforms reports whether a document conforms to the input schema.
func conforms(t *testing.T) func(document ast.Value) bool {
	t.Helper()
	match := query(t, "json.match_schema(input.document, input.schema)[0]", ast.NewCompiler())
	schema := ast.NewTerm(value(t, string(bundle.InputSchema)))
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
	files, err := filepath.Glob("../decider/internal/input/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	ok := conforms(t)
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "input" && !ok(value(t, string(f.Data))) {
				t.Errorf("%s does not conform", name)
			}
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	ok := conforms(t)
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
