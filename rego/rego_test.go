package rego_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	bundle "github.com/gatepost/gatepost/rego"
)

// The list of files in rego.go is written by hand, to leave the tests out.
func TestBundleHasEveryFileButTests(t *testing.T) {
	err := filepath.WalkDir("imap", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		_, err = fs.Stat(bundle.Bundle, filepath.ToSlash(name))
		if test := strings.HasSuffix(name, "_test.rego"); test == (err == nil) {
			t.Errorf("%s: test %v, in the bundle %v", name, test, err == nil)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryFileHasATest(t *testing.T) {
	for name, m := range library(t, "") {
		if len(m.Rules) == 0 {
			continue
		}
		if _, err := os.Stat(strings.TrimSuffix(name, ".rego") + "_test.rego"); err != nil {
			t.Error(err)
		}
	}
}

func TestBundleCompilesInStrictMode(t *testing.T) {
	c := compile(t, "")
	if len(c.GetRulesExact(ast.MustParseRef("data.imap.main.decision"))) == 0 {
		t.Error("data.imap.main.decision is missing")
	}
}

// A public rule is one that an administrator may use: its name has no underscore in front.
func TestPublicRulesHaveMetadata(t *testing.T) {
	packages := map[string]bool{}
	for _, m := range library(t, "") {
		annotations, errs := ast.BuildAnnotationSet([]*ast.Module{m})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		name := m.Package.Path.String()
		packages[name] = packages[name] || annotations.GetPackageScope(m.Package) != nil || name == "data.imap"
		for _, a := range m.Annotations {
			if a.Title == "" || a.Description == "" {
				t.Errorf("%s: METADATA lacks a title or a description", a.Location)
			}
		}
		for _, r := range m.Rules {
			ref := r.Ref().GroundPrefix()
			head, ok := ref[len(m.Package.Path)].Value.(ast.String)
			if !ok || strings.HasPrefix(string(head), "_") {
				continue
			}
			if len(annotations.GetRuleScope(r)) == 0 && annotations.GetDocumentScope(ref) == nil {
				t.Errorf("%s: %s is public and has no METADATA", r.Location, ref)
			}
		}
	}
	for name, ok := range packages {
		if !ok {
			t.Errorf("package %s has no METADATA", name)
		}
	}
}
