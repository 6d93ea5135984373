package policy

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"go.yaml.in/yaml/v3"

	"github.com/gatepost/gatepost/decider/internal/verdict"
)

// members are what package imap.policy is looked at for.
var members = []string{
	"request", "response", "capability", "functions", "delimiter", "imap_state_old", "imap_state_new", "reason", "lease", "no_store",
}

// places are where data files write the tables, and what chooses rules by account: by the path below imap.policy, or below imap.
type places map[string]place

type place struct {
	file string
	line int
}

// note notes what a data file has below imap.policy, and returns what it gives twice. YAML's reader would let the last of the
// two stand. JSON is read as YAML.
func (p places) note(f file) (twice []Problem) {
	folder := path.Dir(f.path)
	if folder != "." && folder != "imap" && !isBelow(folder, "imap/policy") && !isBelow(folder, "imap/accounts") {
		return nil
	}
	var doc yaml.Node
	// YAML wants no tabs for indentation; in the strings of JSON there are none.
	if yaml.Unmarshal(bytes.ReplaceAll(f.data, []byte("\t"), []byte(" ")), &doc) != nil || len(doc.Content) == 0 {
		return nil // whoever reads the data says what is wrong
	}
	var at []string
	if folder != "." {
		at = strings.Split(folder, "/")
	}
	var walk func(at []string, n *yaml.Node)
	walk = func(at []string, n *yaml.Node) {
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		if n.Kind != yaml.MappingNode || len(at) > maxNesting {
			return
		}
		keys := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			below := append(slices.Clip(at), key.Value)
			if row, ok := belowPolicy(below); ok {
				if first := keys[key.Value]; first != 0 {
					twice = append(twice, Problem{File: f.name, Line: key.Line,
						Message: fmt.Sprintf("%s: stands in line %d already", verdict.Reference(row), first)})
				}
				p[join(row)] = place{f.name, key.Line}
			}
			keys[key.Value] = key.Line
			walk(below, n.Content[i+1])
		}
	}
	walk(at, doc.Content[0])
	return twice
}

func isBelow(folder, of string) bool { return folder == of || strings.HasPrefix(folder, of+"/") }

// belowPolicy is a path in data, below imap.policy; or below imap, for what imap.accounts chooses.
func belowPolicy(at []string) (row []string, ok bool) {
	switch {
	case len(at) < 3 || at[0] != "imap":
		return nil, false
	case at[1] == "accounts":
		return at[1:], true
	}
	return at[2:], at[1] == "policy"
}

func join(row []string) string { return strings.Join(row, "\x00") }

// locate is where a row is, or what it is part of.
func (p places) locate(row []string) place {
	for n := len(row); n > 0; n-- {
		if found, ok := p[join(row[:n])]; ok {
			return found
		}
	}
	return place{}
}

// fill says of problems with rows that are data where they are.
func (p places) fill(e *Error) {
	for i := range e.Problems {
		if problem := &e.Problems[i]; problem.File == "" {
			found := p.locate(problem.row)
			problem.File, problem.Line = found.file, found.line
		}
	}
}

// tablesAsData is data.imap.policy, where data files write it.
func (s *source) tablesAsData() map[string]any {
	imap, _ := s.Data["imap"].(map[string]any)
	tables, _ := imap["policy"].(map[string]any)
	return tables
}

// checkMembers refuses what data files have below imap.policy and nobody looks at. Only for a directory without rules of that
// package, which might.
func (s *source) checkMembers() error {
	e := new(Error)
	for _, name := range slices.Sorted(maps.Keys(s.tablesAsData())) {
		if !slices.Contains(members, name) {
			e.Problems = append(e.Problems, Problem{
				Message: fmt.Sprintf("%s: nobody looks at this; tables are request, response and capability", name),
				row:     []string{name},
			})
		}
	}
	if len(e.Problems) == 0 {
		return nil
	}
	s.places.fill(e)
	return e
}

// without is a module without the rules of these names, nil if none is left.
func without[V any](m *ast.Module, f file, names map[string]V) (*ast.Module, []byte, error) {
	if len(names) == 0 {
		return m, f.data, nil
	}
	// Without annotations, which would be left behind.
	bare, err := ast.ParseModuleWithOpts(f.name, string(f.data), ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, nil, err
	}
	bare.Comments = nil
	bare.Rules = slices.DeleteFunc(bare.Rules, func(r *ast.Rule) bool {
		_, given := names[r.Head.Ref()[0].Value.String()]
		return given
	})
	if len(bare.Rules) == 0 {
		return nil, nil, nil
	}
	raw, err := format.AstWithOpts(bare, format.Opts{RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, nil, err
	}
	m, err = ast.ParseModuleWithOpts(f.name, string(raw), ParserOptions())
	return m, raw, err
}
