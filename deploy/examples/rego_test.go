package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/loader"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/gatepost/gatepost/rego"
)

const library = "../../rego"

// The Rego tests of every example pass, and reach every line of its policy, which compiles as strictly as can be.
func TestRego(t *testing.T) {
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			loaded := load(t, folder)
			covered := cover.New()
			store := inmem.NewFromObject(loaded.Documents)
			err := storage.Txn(t.Context(), store, storage.WriteParams, func(txn storage.Transaction) error {
				results, err := tester.NewRunner().SetStore(store).SetModules(loaded.ParsedModules()).
					SetCompiler(strict(t)).SetCoverageQueryTracer(covered).RunTests(t.Context(), txn)
				if err != nil {
					return err
				}
				ran := 0
				for r := range results {
					if ran++; !r.Pass() {
						t.Errorf("%s: %s", r.Location, r)
					}
				}
				if ran == 0 {
					t.Error("no tests")
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, report := range covered.Report(loaded.ParsedModules()).Files {
				if strings.HasPrefix(name, folder) && len(report.NotCovered) > 0 {
					t.Errorf("%s: no test reaches %v", name, report.NotCovered)
				}
			}
		})
	}
}

// load reads an example and the library as `opa test --ignore 'default*.rego' rego EXAMPLE` does, without the library's tests.
func load(t *testing.T, folder string) *loader.Result {
	t.Helper()
	loaded, err := loader.NewFileLoader().WithProcessAnnotation(true).WithRegoVersion(ast.RegoV1).
		Filtered([]string{library, folder}, func(name string, info os.FileInfo, _ int) bool {
			inLibrary := strings.HasPrefix(filepath.ToSlash(name), library)
			return info.Name() == "schemas" || inLibrary &&
				(strings.HasPrefix(info.Name(), "default") && !info.IsDir() && strings.HasSuffix(filepath.Dir(name), "policy") ||
					strings.HasSuffix(name, "_test.rego"))
		})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// strict is a compiler that knows the input's schema.
func strict(t *testing.T) *ast.Compiler {
	t.Helper()
	var schema any
	if err := json.Unmarshal(rego.InputSchema, &schema); err != nil {
		t.Fatal(err)
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.MustParseRef("schema.input"), schema)
	return ast.NewCompiler().WithStrict(true).WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
}
