package reuse

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A value in a derivation is a term of which parts may not be known. What is not known is a variable: unknown, which can be
// anything, or one that stands for a place in the input that has others below it. Such a place counts as read when something is
// made of it; what is only handed on, and then looked into, is read where it is looked into.
var unknown = ast.VarTerm("?")

const placePrefix = "?input"

// placeTerm stands for a place.
func placeTerm(p *place) *ast.Term { return ast.VarTerm("?" + p.path) }

// placeOf is the place that a value stands for; nil: none.
func (d *derivation) placeOf(v *ast.Term) *place {
	name, ok := v.Value.(ast.Var)
	if !ok || !strings.HasPrefix(string(name), placePrefix) {
		return nil
	}
	p := d.input
	if rest, ok := strings.CutPrefix(string(name), placePrefix+"."); ok {
		for part := range strings.SplitSeq(rest, ".") {
			p = p.below[part]
		}
	}
	return p
}

func isUnknown(v *ast.Term) bool { return v == unknown }

// known says that all of a value is known.
func known(v *ast.Term) bool { return v.IsGround() }

// use reads every place that stands in a value.
func (d *derivation) use(v *ast.Term) {
	if known(v) {
		return
	}
	switch t := v.Value.(type) {
	case ast.Var:
		if p := d.placeOf(v); p != nil {
			d.readAll(p)
		}
	case *ast.Array:
		t.Foreach(d.use)
	case ast.Object:
		t.Foreach(func(_, v *ast.Term) { d.use(v) })
	}
}

// children gives the members of a known or partly known collection with their keys; ok is false for what has none.
func children(v *ast.Term) (n int, each func(func(key, value *ast.Term)), ok bool) {
	switch t := v.Value.(type) {
	case *ast.Array:
		return t.Len(), func(f func(key, value *ast.Term)) {
			for i := range t.Len() {
				f(ast.IntNumberTerm(i), t.Elem(i))
			}
		}, true
	case ast.Object:
		return t.Len(), func(f func(key, value *ast.Term)) { t.Foreach(f) }, true
	case ast.Set:
		return t.Len(), func(f func(key, value *ast.Term)) { t.Foreach(func(m *ast.Term) { f(m, m) }) }, true
	}
	return 0, nil, false
}

// child is the member of a collection at a known key; nil: there is none.
func child(v, key *ast.Term) *ast.Term {
	switch t := v.Value.(type) {
	case *ast.Array:
		n, ok := key.Value.(ast.Number)
		if !ok {
			return nil
		}
		if i, ok := n.Int(); ok && i >= 0 && i < t.Len() {
			return t.Elem(i)
		}
	case ast.Object:
		return t.Get(key)
	case ast.Set:
		if t.Contains(key) {
			return key
		}
	}
	return nil
}
