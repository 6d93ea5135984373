package reuse

import (
	"context"
	"errors"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/topdown"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// call follows a call: the function, its arguments, and behind them what its value is to equal, if that is there.
func (d *derivation) call(f frame, e *ast.Expr, terms []*ast.Term, then func(sure bool)) {
	operator, ok := terms[0].Value.(ast.Ref)
	if !ok {
		d.anything(f, e, then)
		return
	}
	name, args := operator.String(), terms[1:]
	if name == ast.Equality.Name || name == ast.Assign.Name {
		d.unify(f, args[0], args[1], then)
		return
	}
	if operator[0].Equal(ast.DefaultRootDocument) {
		d.function(f, operator, args, then)
		return
	}
	b := ast.BuiltinMap[name]
	if b == nil {
		d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%s is not a builtin function that is known", name)
		return
	}
	d.deterministic(name)
	if b.Relation || len(args) < b.Decl.Arity() {
		d.anything(f, e, then)
		return
	}
	args, out := args[:b.Decl.Arity()], args[b.Decl.Arity():]
	if b.Name == ast.ObjectGet.Name && d.get(f, args, out, then) {
		return
	}
	d.terms(f, args, func(vs []*ast.Term, sure bool) {
		value := apply(b, vs)
		switch {
		case value == nil:
			// Not known, or an error, which ends the evaluation.
			d.useAll(vs)
			d.value(f, out, unknown, false, then)
		case isUnknown(value):
			// Surely undefined.
		default:
			d.value(f, out, value, sure, then)
		}
	})
}

// value goes on with a call's value.
func (d *derivation) value(f frame, out []*ast.Term, v *ast.Term, sure bool, then func(sure bool)) {
	if len(out) == 0 {
		d.holds(v, sure, then)
		return
	}
	d.match(f, out[0], v, sure, then)
}

// get follows object.get where the object is a place in the input with others below it, and the key, or the path of keys, is known:
// only what is there is read.
func (d *derivation) get(f frame, args, out []*ast.Term, then func(sure bool)) (done bool) {
	if !d.isPlace(f, args[0]) {
		return false
	}
	d.terms(f, args, func(vs []*ast.Term, _ bool) {
		p := d.placeOf(vs[0])
		if !known(vs[1]) {
			d.useAll(vs)
			d.value(f, out, unknown, false, then)
			return
		}
		path := ast.Ref{vs[1]}
		if a, ok := vs[1].Value.(*ast.Array); ok {
			path = nil
			a.Foreach(func(k *ast.Term) { path = append(path, k) })
		}
		d.inputRef(f, p, path, false, func(v *ast.Term, _ bool) { d.value(f, out, v, false, then) })
		d.use(vs[2])
		d.value(f, out, vs[2], false, then)
	})
	return true
}

// isPlace says if a term is a variable that stands for a place.
func (d *derivation) isPlace(f frame, t *ast.Term) bool {
	v, ok := t.Value.(ast.Var)
	if ok && f[v] != nil {
		return d.placeOf(f[v]) != nil
	}
	r, ok := t.Value.(ast.Ref)
	if !ok {
		return false
	}
	p := d.input.at(r)
	return p != nil && p.below != nil
}

// function follows a call of a function of the policy.
func (d *derivation) function(f frame, operator ast.Ref, args []*ast.Term, then func(sure bool)) {
	rules := d.Compiler.GetRulesExact(operator)
	if len(rules) == 0 {
		d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%v is not a function that is known", operator)
		return
	}
	arity := len(rules[0].Head.Args)
	out := args[arity:]
	d.terms(f, args[:arity], func(vs []*ast.Term, sure bool) {
		for _, r := range d.called(operator, rules, vs) {
			d.value(f, out, r.value, sure && r.sure, then)
		}
	})
}

// called gives the values of a function for arguments.
func (d *derivation) called(operator ast.Ref, rules []*ast.Rule, vs []*ast.Term) []result {
	var b strings.Builder
	b.WriteString(operator.String())
	for _, v := range vs {
		b.WriteByte(0)
		b.WriteString(v.String())
	}
	key := b.String()
	rs, ok := d.calls[key]
	if !ok {
		rs = d.evaluate(rules, vs)
		d.calls[key] = rs
	}
	return rs
}

// apply gives a builtin function's value for known arguments, and for some where enough of them is known; nil: not known; unknown:
// it is undefined.
func apply(b *ast.Builtin, vs []*ast.Term) *ast.Term {
	for _, v := range vs {
		if !known(v) {
			return applyPartly(b, vs)
		}
	}
	if !pure[b.Name] {
		return nil
	}
	value := unknown
	bctx := topdown.BuiltinContext{Context: context.Background(), Metrics: metrics.NoOp(), Cancel: topdown.NewCancel(), Capabilities: capabilities}
	err := call(topdown.GetBuiltin(b.Name), bctx, vs, func(t *ast.Term) error {
		value = t
		return nil
	})
	if err != nil {
		return nil
	}
	return value
}

var capabilities = ast.CapabilitiesForThisVersion()

// call calls a builtin function, and takes a panic for an error.
func call(fn topdown.BuiltinFunc, bctx topdown.BuiltinContext, vs []*ast.Term, iter func(*ast.Term) error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return fn(bctx, vs, iter)
}

var errPanic = errors.New("reuse: panic in a builtin function")

// applyPartly is apply for collections of which not all is known.
func applyPartly(b *ast.Builtin, vs []*ast.Term) *ast.Term {
	if _, isVar := vs[0].Value.(ast.Var); isVar {
		return nil
	}
	kind := ast.ValueName(vs[0].Value)
	if want, ok := strings.CutPrefix(b.Name, "is_"); ok {
		return ast.BooleanTerm(kind == want)
	}
	if a, ok := vs[0].Value.(*ast.Array); ok && b.Name == ast.Count.Name {
		return ast.IntNumberTerm(a.Len())
	}
	return nil
}

// pure are builtin functions that are called in a derivation: cheap ones, of their arguments alone.
var pure = map[string]bool{
	"and": true, "array.concat": true, "array.slice": true, "concat": true, "contains": true, "count": true, "endswith": true, "equal": true,
	"gt": true, "gte": true, "internal.member_2": true, "internal.member_3": true, "is_array": true, "is_boolean": true, "is_null": true,
	"is_number": true, "is_object": true, "is_set": true, "is_string": true, "json.marshal": true, "lower": true, "lt": true, "lte": true,
	"minus": true, "neq": true, "object.filter": true, "object.get": true, "object.keys": true, "object.remove": true, "object.union": true,
	"object.union_n": true, "or": true, "plus": true, "regex.find_n": true, "split": true, "sprintf": true, "startswith": true,
	"trim": true, "trim_prefix": true, "trim_suffix": true, "union": true, "upper": true,
}
