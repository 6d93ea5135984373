package reuse

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// body follows a body from its i-th expression on, and calls then for every way to its end. sure says of a way that evaluation comes
// to its end with every input.
func (d *derivation) body(f frame, b ast.Body, i int, sure bool, then func(sure bool)) {
	if i == len(b) {
		then(sure)
		return
	}
	d.expr(f, b[i], func(s bool) { d.body(f, b, i+1, sure && s, then) })
}

// ruleBody follows the body of a rule.
//
// OPA looks at conditions of a rule on the input, and on a function's arguments, before it evaluates it, in whatever place they stand,
// and passes over a rule that cannot hold. That matters where something before them could fail with an error: they decide whether it
// does. So they are read, if no way leads to them; and where one is on a part that a variable chooses, OPA looks at all parts.
func (d *derivation) ruleBody(f frame, b ast.Body, then func(sure bool)) {
	reached := -1
	var from func(i int, sure bool)
	from = func(i int, sure bool) {
		reached = max(reached, i)
		if i == len(b) {
			then(sure)
			return
		}
		d.expr(f, b[i], func(s bool) { from(i+1, sure && s) })
	}
	from(0, true)
	first := slices.IndexFunc(b, mayFail)
	if first < 0 {
		return
	}
	for i, e := range b[first+1:] {
		d.conditions(f, b, e, first+1+i > reached)
	}
}

// conditions reads what the references in an expression of a body are to, if OPA may look at them early: all of them, or those of which
// a variable chooses the part.
func (d *derivation) conditions(f frame, b ast.Body, e *ast.Expr, all bool) {
	defer d.looking(e.Location)()
	ast.WalkRefs(e, func(r ast.Ref) bool {
		head, ok := r[0].Value.(ast.Var)
		if !ok || !all && r.IsGround() || r[0].Equal(ast.DefaultRootDocument) || ast.BuiltinMap[r.String()] != nil {
			return false
		}
		switch {
		case r[0].Equal(ast.InputRootDocument):
			d.collectRef(r)
		case f[head] != nil:
			d.use(f[head])
		default:
			// It may stand for a part of the input.
			ast.WalkRefs(b, func(r ast.Ref) bool {
				if p := d.input.at(r); p != nil && p.below != nil {
					d.readAll(p)
				}
				return false
			})
		}
		return false
	})
}

// mayFail says if evaluation of an expression could end in an error.
func mayFail(e *ast.Expr) bool {
	if len(e.With) != 0 {
		return true
	}
	switch t := e.Terms.(type) {
	case *ast.SomeDecl:
		return false
	case *ast.Term, []*ast.Term:
		if terms, ok := t.([]*ast.Term); ok && !total[terms[0].String()] {
			return true
		}
		fails := false
		ast.WalkTerms(e, func(t *ast.Term) bool {
			switch v := t.Value.(type) {
			case ast.Ref:
				fails = fails || v[0].Equal(ast.DefaultRootDocument)
			case ast.Call, *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
				fails = true
			}
			return fails
		})
		return fails
	}
	return true
}

// total are builtin functions that take anything.
var total = map[string]bool{
	"eq": true, "equal": true, "neq": true, "lt": true, "lte": true, "gt": true, "gte": true, "internal.member_2": true, "internal.member_3": true,
	"is_string": true, "is_object": true, "is_array": true, "is_set": true, "is_number": true, "is_boolean": true, "is_null": true,
}

// expr follows an expression, and calls then for every way in which it can hold.
func (d *derivation) expr(f frame, e *ast.Expr, then func(sure bool)) {
	if !d.step() {
		return
	}
	defer d.looking(e.Location)()

	if len(e.With) != 0 {
		d.anything(f, e, then)
		return
	}
	if !e.Negated {
		d.positive(f, e, then)
		return
	}
	holds, surely := false, false
	d.positive(f, e, func(s bool) { holds, surely = true, surely || s })
	if !surely {
		then(!holds)
	}
}

// looking sets what is looked at, until the result is called.
func (d *derivation) looking(at *ast.Location) (restore func()) {
	before := d.at
	d.at = at
	return func() { d.at = before }
}

func (d *derivation) positive(f frame, e *ast.Expr, then func(sure bool)) {
	switch t := e.Terms.(type) {
	case *ast.Term:
		d.term(f, t, func(v *ast.Term, sure bool) { d.holds(v, sure, then) })
	case []*ast.Term:
		d.call(f, e, t, then)
	case *ast.Every:
		d.every(f, t, then)
	case *ast.SomeDecl:
		then(true)
	default:
		d.anything(f, e, then)
	}
}

// holds goes on unless the value is false.
func (d *derivation) holds(v *ast.Term, sure bool, then func(sure bool)) {
	if b, ok := v.Value.(ast.Boolean); ok && !bool(b) {
		return
	}
	// A place with others below it is an object, which holds; that it is there was read with the reference.
	then(sure && !isUnknown(v))
}

// anything collects all that an expression can come to, and takes it for one that may hold, with anything in its variables.
func (d *derivation) anything(f frame, x any, then func(sure bool)) {
	d.collect(f, x)
	var bound []ast.Var
	vars := ast.NewVarVisitor()
	vars.Walk(x)
	for v := range vars.Vars() {
		if f[v] == nil {
			f[v] = unknown
			bound = append(bound, v)
		}
	}
	then(false)
	for _, v := range bound {
		delete(f, v)
	}
}

// every follows the body for each member of the domain, as far as it is known.
func (d *derivation) every(f frame, e *ast.Every, then func(sure bool)) {
	d.term(f, e.Domain, func(domain *ast.Term, sure bool) {
		d.use(domain)
		n, each, ok := children(domain)
		if !ok && !isUnknown(domain) && d.placeOf(domain) == nil {
			// Not a collection.
			return
		}
		member := func(key, value *ast.Term) (holds, surely bool) {
			restore := f.set(e.Key, key)
			restoreValue := f.set(e.Value, value)
			d.body(f, e.Body, 0, true, func(s bool) { holds, surely = true, surely || s })
			restoreValue()
			restore()
			return holds, surely
		}
		if !ok || n > maxMembers {
			member(unknown, unknown)
			then(false)
			return
		}
		all := true
		each(func(key, value *ast.Term) {
			// A member of which it fails need not be the first that evaluation comes to.
			holds, surely := member(key, value)
			all = all && holds
			sure = sure && surely
		})
		if all {
			then(sure)
		}
	})
}

// set gives a variable a value until the result is called. A nil term or one that is not a variable is left alone.
func (f frame) set(t, value *ast.Term) (restore func()) {
	if t == nil {
		return func() {}
	}
	v, ok := t.Value.(ast.Var)
	if !ok {
		return func() {}
	}
	old, had := f[v]
	f[v] = value
	return func() {
		if had {
			f[v] = old
		} else {
			delete(f, v)
		}
	}
}
