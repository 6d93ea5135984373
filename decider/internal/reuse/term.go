package reuse

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// term calls then for each value that a term can have; sure says that it has that one with every input.
func (d *derivation) term(f frame, t *ast.Term, then func(v *ast.Term, sure bool)) {
	switch v := t.Value.(type) {
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		then(t, true)
	case ast.Var:
		if value := f[v]; value != nil {
			then(value, true)
			return
		}
		then(unknown, false)
	case ast.Ref:
		d.ref(f, v, then)
	case *ast.Array, ast.Object, ast.Set:
		if d.isLiteral(t) {
			then(t, true)
			return
		}
		d.composite(f, t, then)
	case *ast.ArrayComprehension:
		d.comprehension(f, t, v.Body, []*ast.Term{v.Term}, then)
	case *ast.SetComprehension:
		d.comprehension(f, t, v.Body, []*ast.Term{v.Term}, then)
	case *ast.ObjectComprehension:
		d.comprehension(f, t, v.Body, []*ast.Term{v.Key, v.Value}, then)
	default:
		d.anything(f, t, func(bool) { then(unknown, false) })
	}
}

// isLiteral says if a term of the policy stands for itself.
func (d *derivation) isLiteral(t *ast.Term) bool {
	if is, ok := d.literal[t]; ok {
		return is
	}
	is := true
	ast.WalkTerms(t, func(t *ast.Term) bool {
		switch t.Value.(type) {
		case ast.Null, ast.Boolean, ast.Number, ast.String, *ast.Array, ast.Object, ast.Set:
		default:
			is = false
		}
		return !is
	})
	d.literal[t] = is
	return is
}

// terms calls then for each combination of values of several terms.
func (d *derivation) terms(f frame, ts []*ast.Term, then func(vs []*ast.Term, sure bool)) {
	vs := make([]*ast.Term, len(ts))
	var from func(i int, sure bool)
	from = func(i int, sure bool) {
		if i == len(ts) {
			then(append([]*ast.Term(nil), vs...), sure)
			return
		}
		d.term(f, ts[i], func(v *ast.Term, s bool) {
			vs[i] = v
			from(i+1, sure && s)
		})
	}
	from(0, true)
}

// composite makes a collection of what is known of its parts. A set, and an object's keys, are known or not as a whole.
func (d *derivation) composite(f frame, t *ast.Term, then func(v *ast.Term, sure bool)) {
	switch c := t.Value.(type) {
	case *ast.Array:
		var parts []*ast.Term
		c.Foreach(func(v *ast.Term) { parts = append(parts, v) })
		d.terms(f, parts, func(vs []*ast.Term, sure bool) { then(ast.ArrayTerm(vs...), sure) })
	case ast.Set:
		d.terms(f, c.Slice(), func(vs []*ast.Term, sure bool) { then(d.set(vs), sure) })
	case ast.Object:
		var parts []*ast.Term
		c.Foreach(func(k, v *ast.Term) { parts = append(parts, k, v) })
		d.terms(f, parts, func(vs []*ast.Term, sure bool) { then(d.object(vs), sure) })
	}
}

func (d *derivation) set(members []*ast.Term) *ast.Term {
	for _, m := range members {
		if !known(m) {
			d.useAll(members)
			return unknown
		}
	}
	return ast.SetTerm(members...)
}

// object makes an object of keys and values in turn.
func (d *derivation) object(members []*ast.Term) *ast.Term {
	o := ast.NewObject()
	for i := 0; i < len(members); i += 2 {
		if !known(members[i]) {
			d.useAll(members)
			return unknown
		}
		o.Insert(members[i], members[i+1])
	}
	return ast.NewTerm(o)
}

func (d *derivation) useAll(vs []*ast.Term) {
	for _, v := range vs {
		d.use(v)
	}
}

// comprehension collects what its body gives; head has the term, or key and value.
func (d *derivation) comprehension(f frame, t *ast.Term, body ast.Body, head []*ast.Term, then func(v *ast.Term, sure bool)) {
	if !d.step() {
		return
	}
	if index := d.Compiler.ComprehensionIndex(t); index != nil {
		// OPA evaluates it once, for all values of these variables.
		for _, key := range index.Keys {
			defer f.set(key, unknown)()
		}
	}
	var got []*ast.Term
	exact := true
	d.body(f, body, 0, true, func(sure bool) {
		d.terms(f, head, func(vs []*ast.Term, s bool) {
			if exact = exact && sure && s && len(got) < 2*maxMembers; !exact {
				d.useAll(vs)
				return
			}
			got = append(got, vs...)
		})
	})
	if !exact {
		d.useAll(got)
		then(unknown, true)
		return
	}
	switch t.Value.(type) {
	case *ast.ArrayComprehension:
		then(ast.ArrayTerm(got...), true)
	case *ast.SetComprehension:
		then(d.set(got), true)
	default:
		then(d.object(got), true)
	}
}
