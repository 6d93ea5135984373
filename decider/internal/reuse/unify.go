package reuse

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// unify makes two terms equal, and calls then for every way in which they can be.
func (d *derivation) unify(f frame, a, b *ast.Term, then func(sure bool)) {
	switch {
	case !d.isPattern(f, b):
		if _, ok := a.Value.(ast.Var); !ok && !d.isPattern(f, a) && !d.isLiteral(a) {
			// OPA may come to it first.
			d.term(f, a, func(*ast.Term, bool) {})
		}
		d.term(f, b, func(v *ast.Term, sure bool) { d.match(f, a, v, sure, then) })
	case !d.isPattern(f, a):
		d.term(f, a, func(v *ast.Term, sure bool) { d.match(f, b, v, sure, then) })
	default:
		x, xok := a.Value.(*ast.Array)
		y, yok := b.Value.(*ast.Array)
		if !xok || !yok {
			d.anything(f, ast.Equality.Expr(a, b), then)
			return
		}
		if x.Len() == y.Len() {
			d.unifyArrays(f, x, y, 0, true, then)
		}
	}
}

func (d *derivation) unifyArrays(f frame, a, b *ast.Array, i int, sure bool, then func(sure bool)) {
	if i == a.Len() {
		then(sure)
		return
	}
	d.unify(f, a.Elem(i), b.Elem(i), func(s bool) { d.unifyArrays(f, a, b, i+1, sure && s, then) })
}

// isPattern says if a term has a variable without a value, not counting those in references and comprehensions.
func (d *derivation) isPattern(f frame, t *ast.Term) bool {
	switch v := t.Value.(type) {
	case ast.Var:
		return f[v] == nil
	case *ast.Array, ast.Object, ast.Set:
		if d.isLiteral(t) {
			return false
		}
		found := false
		_, each, _ := children(t)
		each(func(key, value *ast.Term) {
			found = found || d.isPattern(f, value)
			if _, ok := t.Value.(ast.Object); ok {
				found = found || d.isPattern(f, key)
			}
		})
		return found
	}
	return false
}

// match makes a term that may be a pattern equal to a value.
func (d *derivation) match(f frame, pattern, v *ast.Term, sure bool, then func(sure bool)) {
	if !d.isPattern(f, pattern) {
		d.term(f, pattern, func(p *ast.Term, s bool) { d.compare(p, v, sure && s, then) })
		return
	}
	if name, ok := pattern.Value.(ast.Var); ok {
		f[name] = v
		then(sure)
		delete(f, name)
		return
	}
	if !known(v) {
		if _, ok := v.Value.(ast.Var); ok {
			d.use(v)
			d.anything(f, pattern, then)
			return
		}
	}
	switch p := pattern.Value.(type) {
	case *ast.Array:
		if a, ok := v.Value.(*ast.Array); ok && a.Len() == p.Len() {
			d.matchArrays(f, p, a, 0, sure, then)
		}
	case ast.Object:
		if o, ok := v.Value.(ast.Object); ok && o.Len() == p.Len() {
			d.matchObjects(f, p, o, p.Keys(), sure, then)
		}
	default:
		d.use(v)
		d.anything(f, pattern, then)
	}
}

func (d *derivation) matchArrays(f frame, p, a *ast.Array, i int, sure bool, then func(sure bool)) {
	if i == p.Len() {
		then(sure)
		return
	}
	d.match(f, p.Elem(i), a.Elem(i), sure, func(s bool) { d.matchArrays(f, p, a, i+1, s, then) })
}

func (d *derivation) matchObjects(f frame, p, o ast.Object, keys []*ast.Term, sure bool, then func(sure bool)) {
	if len(keys) == 0 {
		then(sure)
		return
	}
	d.term(f, keys[0], func(k *ast.Term, s bool) {
		next := func(s bool) { d.matchObjects(f, p, o, keys[1:], s, then) }
		if !known(k) {
			d.use(k)
			d.anything(f, p.Get(keys[0]), next)
			return
		}
		if v := o.Get(k); v != nil {
			d.match(f, p.Get(keys[0]), v, sure && s, next)
		}
	})
}

// compare goes on unless two values surely differ.
func (d *derivation) compare(a, b *ast.Term, sure bool, then func(sure bool)) {
	switch same, surely := d.same(a, b); {
	case same:
		then(sure && surely)
	case !surely:
		then(false)
	}
}

// same says if two values are equal, and if that is sure. What is not known in them is read.
func (d *derivation) same(a, b *ast.Term) (same, surely bool) {
	if known(a) && known(b) {
		return a.Equal(b), true
	}
	x, xok := a.Value.(*ast.Array)
	y, yok := b.Value.(*ast.Array)
	if xok && yok {
		if x.Len() != y.Len() {
			return false, true
		}
		for i := range x.Len() {
			if s, surely := d.same(x.Elem(i), y.Elem(i)); !s && surely {
				return false, true
			}
		}
	}
	d.use(a)
	d.use(b)
	_, avar := a.Value.(ast.Var)
	_, bvar := b.Value.(ast.Var)
	if !avar && !bvar && ast.ValueName(a.Value) != ast.ValueName(b.Value) {
		return false, true
	}
	return false, false
}
