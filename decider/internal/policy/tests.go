package policy

import (
	"errors"
	"io/fs"

	"github.com/open-policy-agent/opa/v1/ast"
)

// LoadTests reads a directory's policy and the library as Directory does, and its files *_test.rego beside them. The modules are
// by the name of their file. The error is an *Error.
func LoadTests(library fs.FS, dir string) (modules map[string]*ast.Module, data map[string]any, err error) {
	s, err := load(library, dir)
	if err != nil {
		return nil, nil, err
	}
	modules = map[string]*ast.Module{}
	for _, m := range s.Modules {
		modules[m.Path] = m.Parsed
	}
	tests, err := readDirectory(dir, isTest)
	if err != nil {
		return nil, nil, refused(dir, err)
	}
	e := new(Error)
	for _, f := range tests {
		m, err := ast.ParseModuleWithOpts(f.name, string(f.data), ParserOptions())
		var found *Error
		if errors.As(refused(f.name, err), &found) {
			e.Problems = append(e.Problems, found.Problems...)
			continue
		}
		modules[f.name] = m
	}
	if len(e.Problems) != 0 {
		return nil, nil, e
	}
	return modules, s.Data, nil
}

// Refused gives an error of OPA's, of a policy in a directory, the form of an *Error; nil stays nil.
func Refused(dir string, err error) error { return refused(dir, err) }

// TestCompiler is a compiler for tests of policy: with the lock, as strict as can be, and with the schemas that METADATA names.
func (l Lock) TestCompiler(schemas *ast.SchemaSet) *ast.Compiler {
	return ast.NewCompiler().WithCapabilities(l.capabilities).WithStrict(true).
		WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
}
