package policy

import (
	"errors"
	"os"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
)

// loadBundle reads a file that `opa build` wrote. The error is an *Error.
func loadBundle(name string) (*source, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, refused(name, err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, refused(name, err)
	}
	defer f.Close()
	b, err := bundle.NewCustomReader(bundle.NewTarballLoaderWithBaseURL(f, name)).
		WithRegoVersion(ast.RegoV1).WithProcessAnnotations(true).WithSkipBundleVerification(true).
		WithSizeLimitBytes(maxBytes).Read()
	if err != nil {
		return nil, refused(name, err)
	}
	s := &source{Bundle: b, places: places{}}
	for _, m := range b.Modules {
		s.hasMain = s.hasMain || m.Parsed.Package.Path.Equal(mainPackage)
	}
	if !s.hasMain {
		return nil, refused(name, errors.New("the bundle has no package imap.main; it is built with the library: opa build rego/imap DIR"))
	}
	if s.Manifest.Revision == "" {
		s.Manifest.Revision = revision([]file{{path: "bundle", data: data}})
	}
	return s, nil
}
