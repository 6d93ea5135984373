package policy

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/verdict"
)

// Locate finds where a fault's row or function is written, and sets its File and Line. A row of base data has no place.
func Locate(c *ast.Compiler, f *verdict.Fault) {
	if loc := locate(c, f.Source(), f.Value); loc != nil {
		f.File, f.Line = loc.File, loc.Row
	}
}

// Place is where the row or function at a path below package imap.policy is written, by a compiler for the policy that is active.
// value is what it has, which helps where several rules could give it; nil: not known. An empty file: its place is not known.
func (d *Directory) Place(c *ast.Compiler, path []string, value ast.Value) (file string, line int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if loc := locate(c, path, value); loc != nil {
		return loc.File, loc.Row
	}
	p := d.places.locate(path)
	return p.file, p.line
}

// locate finds the rule of package imap.policy that gives value at path. Of several rules that could, it is the one with
// that very value, else the one with the longest path in its head, else the first.
func locate(c *ast.Compiler, path []string, value ast.Value) *ast.Location {
	if len(path) == 0 {
		return nil
	}
	var (
		best      *ast.Location
		bestDepth = -1
	)
	for _, r := range c.GetRulesWithPrefix(tablesPackage) {
		depth := covers(r.Head.Ref(), path)
		if depth < 0 {
			continue
		}
		loc, exact := inside(r, path[depth:], value)
		if exact {
			depth += len(path)
		}
		if depth > bestDepth || depth == bestDepth && before(loc, best) {
			best, bestDepth = loc, depth
		}
	}
	return best
}

// covers is how many elements of the path a rule's head spells, if they agree; else -1.
func covers(head ast.Ref, path []string) int {
	for i, t := range head {
		if i == len(path) {
			return i
		}
		var name string
		switch v := t.Value.(type) {
		case ast.Var:
			if i > 0 {
				return i // a variable: it may be any key
			}
			name = string(v)
		case ast.String:
			name = string(v)
		default:
			return -1
		}
		if name != path[i] {
			return -1
		}
	}
	return len(head)
}

// inside follows the rest of the path into a rule's value where that is a literal table.
func inside(r *ast.Rule, rest []string, value ast.Value) (loc *ast.Location, exact bool) {
	loc, t := r.Location, r.Head.Value
	for _, key := range rest {
		if t == nil {
			return loc, false
		}
		o, ok := t.Value.(ast.Object)
		if !ok {
			return loc, false
		}
		t = o.Get(ast.StringTerm(key))
		if t != nil && t.Location != nil {
			loc = t.Location
		}
	}
	return loc, t != nil && value != nil && t.Value.Compare(value) == 0
}

func before(a, b *ast.Location) bool {
	return b == nil || a != nil && (a.File < b.File || a.File == b.File && a.Row < b.Row)
}
