package kubernetes

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/decider"
)

var update = flag.Bool("update", false, "write the schema of the programs' configurations into values.schema.json")

const schemaFile = "gatepost/values.schema.json"

// TestSchema: in values.schema.json dataplane.config and decider.config are the programs' own configurations, with their comments,
// less what the chart sets itself. `make docs` writes it.
func TestSchema(t *testing.T) {
	have, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(have, &schema); err != nil {
		t.Fatal(err)
	}
	defs := map[string]any{}
	for _, p := range []struct {
		name   string
		config any
		owned  []string
	}{
		{"dataplane", dataplane.Config{}, []string{
			"Config.Admin", "Decider.Address", "Decider.Addresses", "Decider.TLS", "Timeouts.DrainOnStop",
			"Timeouts.Shutdown",
		}},
		{"decider", decider.Config{}, []string{
			"Config.Listen", "Config.SocketMode", "Config.TLS", "Config.Policy", "Config.OPAConfig", "Config.Shadow", "Config.Admin",
		}},
	} {
		g := generator{program: p.name, owned: p.owned, comments: comments(t, p.name), defs: defs}
		g.schema(reflect.TypeOf(p.config))
		for _, field := range slices.Concat(p.owned, constrained[p.name]) {
			if g.comments[field] == "" {
				t.Errorf("%s: no field %s", p.name, field)
			}
		}
	}
	schema["$defs"] = defs
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(schema); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(have, want.Bytes()) {
		t.Errorf("%s is not of the programs' configurations: run make docs", schemaFile)
	}
}

// generator makes the JSON schema of a configuration from its Go type.
type generator struct {
	program string
	// owned are the fields that the chart sets, TYPE.FIELD.
	owned    []string
	comments map[string]string
	// defs get the types, PROGRAM.TYPE.
	defs map[string]any
}

func (g *generator) schema(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`}
	case t.Name() == "Size":
		return map[string]any{"type": []string{"integer", "string"}, "minimum": 0, "pattern": "^[0-9]+ ?([KMG]iB)?$"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.schema(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.schema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.schema(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Struct:
		return g.object(t)
	}
	panic(fmt.Sprintf("no schema for %v", t))
}

func (g *generator) object(t reflect.Type) map[string]any {
	name := g.program + "." + t.Name()
	ref := map[string]any{"$ref": "#/$defs/" + name}
	if g.defs[name] != nil {
		return ref
	}
	properties := map[string]any{}
	g.defs[name] = map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	for i := range t.NumField() {
		field := t.Name() + "." + t.Field(i).Name
		if slices.Contains(g.owned, field) {
			continue
		}
		s := g.schema(t.Field(i).Type)
		if values := choices[g.program+"."+field]; values != nil {
			s["enum"] = values
		}
		if pattern := patterns[g.program+"."+field]; pattern != "" {
			s["pattern"] = pattern
		}
		s["description"] = g.comments[field]
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		properties[key] = s
	}
	return ref
}

// comments are the comments of the fields in a program's configuration, by TYPE.FIELD.
func comments(t *testing.T, program string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", program, "internal/config/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						all[spec.Name.Name+"."+id.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
					}
				}
			}
			return false
		})
	}
	return all
}
