package rego_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

var update = flag.Bool("update", false, "write REFERENCE.md")

// REFERENCE.md says what METADATA does. `make docs` writes it.
func TestReference(t *testing.T) {
	want := reference(t)
	if *update {
		if err := os.WriteFile("REFERENCE.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("REFERENCE.md is stale; make docs writes it")
	}
}

func reference(t *testing.T) string {
	t.Helper()
	described := map[string]*ast.Annotations{}
	public := map[string][]entry{}
	for name, m := range library(t, "") {
		annotations, errs := ast.BuildAnnotationSet([]*ast.Module{m})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		pkg := strings.TrimPrefix(m.Package.Path.String(), "data.")
		if _, ok := public[pkg]; !ok {
			public[pkg] = nil
		}
		if a := annotations.GetPackageScope(m.Package); a != nil {
			described[pkg] = a
		}
		for _, r := range m.Rules {
			a := annotations.GetDocumentScope(r.Ref().GroundPrefix())
			if own := annotations.GetRuleScope(r); len(own) > 0 {
				a = own[0]
			}
			if a == nil {
				continue
			}
			public[pkg] = append(public[pkg], entry{strings.TrimPrefix(pkg, "imap.") + "." + signature(r), name, r.Location.Row, a})
		}
	}

	var b strings.Builder
	b.WriteString("# Reference\n\nWhat the rules of the library mean. `make docs` writes this page from their METADATA.\n")
	for _, pkg := range slices.Sorted(maps.Keys(public)) {
		if a := described[pkg]; a != nil {
			fmt.Fprintf(&b, "\n## %s: %s\n\n%s\n", pkg, a.Title, a.Description)
		}
		entries := public[pkg]
		slices.SortFunc(entries, func(a, b entry) int {
			return cmp.Or(a.minor()-b.minor(), cmp.Compare(a.file, b.file), cmp.Compare(a.row, b.row))
		})
		// Of several rules that have one description together the first stands for all.
		entries = slices.CompactFunc(entries, func(a, b entry) bool { return a.annotations == b.annotations })
		for _, e := range entries {
			fmt.Fprintf(&b, "\n### `%s`\n\n%s. %s ([%s](%s))\n", e.signature, e.annotations.Title, e.annotations.Description, e.file, e.file)
		}
	}
	return b.String()
}

// entry is a public rule.
type entry struct {
	signature, file string
	row             int
	annotations     *ast.Annotations
}

// minor is 0 for the file that has the package's name, and comes first, else 1.
func (e entry) minor() int {
	folder, file := path.Split(e.file)
	if strings.TrimSuffix(file, ".rego") == path.Base(folder) {
		return 0
	}
	return 1
}

// signature is how a rule is written where it is used.
func signature(r *ast.Rule) string {
	name := r.Head.Name.String()
	if name == "" {
		name = r.Head.Ref().GroundPrefix().String()
	}
	if len(r.Head.Args) == 0 {
		return name
	}
	args := make([]string, len(r.Head.Args))
	for i, a := range r.Head.Args {
		if args[i] = a.String(); a.Value.Compare(ast.Var("_")) == 0 || strings.HasPrefix(args[i], "_") {
			args[i] = "_"
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}
