package input_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"golang.org/x/tools/txtar"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	library "github.com/gatepost/gatepost/rego"
)

// Whatever a dataplane sends, it is refused as a breach of the contract, or the input conforms to the schema that policies
// are checked against, and its text says the same.
func FuzzBuild(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		q := new(deciderv1.Question)
		if err := protojson.Unmarshal(archive.Files[0].Data, q); err != nil {
			f.Fatal(err)
		}
		seed, err := proto.Marshal(q)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	schema := ast.NewTerm(ast.MustParseTerm(string(library.InputSchema)).Value)
	match, err := rego.New(rego.Query("json.match_schema(input.document, input.schema)")).PrepareForEval(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q := new(deciderv1.Question)
		if proto.Unmarshal(data, q) != nil {
			return
		}
		doc, err := input.Build(q)
		if err != nil {
			var broken *input.Error
			if !errors.As(err, &broken) || broken.Field == "" || broken.Want == "" {
				t.Fatalf("error %v", err)
			}
			if _, textErr := input.AppendJSON(nil, q); textErr == nil || textErr.Error() != err.Error() {
				t.Fatalf("error %v, as JSON %v", err, textErr)
			}
			return
		}
		sameText(t, q, doc)
		rs, err := match.Eval(t.Context(), rego.EvalParsedInput(ast.NewObject(
			ast.Item(ast.StringTerm("document"), ast.NewTerm(doc)), ast.Item(ast.StringTerm("schema"), schema))))
		if err != nil || len(rs) != 1 {
			t.Fatalf("result %v, error %v", rs, err)
		}
		if result := rs[0].Expressions[0].Value.([]any); result[0] != true {
			t.Errorf("input %v: %v", doc, result[1])
		}
	})
}
