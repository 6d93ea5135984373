package reuse

import (
	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

type found = func(v *ast.Term, sure bool)

// ref calls then for each value that a reference can have, with the variables in it set.
func (d *derivation) ref(f frame, r ast.Ref, then found) {
	if !d.step() {
		return
	}
	switch {
	case r[0].Equal(ast.InputRootDocument):
		d.inputRef(f, d.input, r[1:], true, then)
	case r[0].Equal(ast.DefaultRootDocument):
		d.dataRef(f, d.Compiler.RuleTree.Child(r[0].Value), ast.Ref{r[0]}, r[1:], true, then)
	default:
		d.term(f, r[0], func(v *ast.Term, sure bool) { d.index(f, v, r[1:], sure, then) })
	}
}

// index looks into a value.
func (d *derivation) index(f frame, v *ast.Term, rest ast.Ref, sure bool, then found) {
	if len(rest) == 0 {
		then(v, sure)
		return
	}
	if p := d.placeOf(v); p != nil {
		d.inputRef(f, p, rest, sure, then)
		return
	}
	if isUnknown(v) {
		d.anywhere(f, rest, then)
		return
	}
	n, each, ok := children(v)
	if !ok {
		return
	}
	d.key(f, rest[0], func(key *ast.Term, s bool) {
		if c := child(v, key); c != nil {
			d.index(f, c, rest[1:], sure && s, then)
		}
	}, func() {
		// Chosen by what is not known, or each in turn.
		pattern := d.isPattern(f, rest[0])
		if n > maxMembers || !pattern && n > maxChosen {
			d.use(v)
			d.anywhere(f, rest, then)
			return
		}
		each(func(key, value *ast.Term) {
			if !pattern {
				d.index(f, value, rest[1:], false, then)
				return
			}
			d.match(f, rest[0], key, sure, func(s bool) { d.index(f, value, rest[1:], s, then) })
		})
	})
}

// key calls is for each value of a part of a reference that is known, and any once if it is not, or is a variable to be set.
func (d *derivation) key(f frame, t *ast.Term, is found, any func()) {
	if d.isPattern(f, t) {
		any()
		return
	}
	asked := false
	d.term(f, t, func(k *ast.Term, sure bool) {
		if known(k) {
			is(k, sure)
			return
		}
		d.use(k)
		if !asked {
			asked = true
			any()
		}
	})
}

// anywhere sets what is not set in the rest of a reference, and goes on with what is not known.
func (d *derivation) anywhere(f frame, rest ast.Ref, then found) {
	d.from(f, rest, func() { then(unknown, false) })
}

func (d *derivation) from(f frame, rest ast.Ref, then func()) {
	if len(rest) == 0 {
		then()
		return
	}
	if d.isPattern(f, rest[0]) {
		d.anything(f, rest[0], func(bool) { d.from(f, rest[1:], then) })
		return
	}
	d.term(f, rest[0], func(k *ast.Term, _ bool) {
		d.use(k)
		d.from(f, rest[1:], then)
	})
}

// inputRef looks into the input below a place.
func (d *derivation) inputRef(f frame, p *place, rest ast.Ref, sure bool, then found) {
	switch {
	case p.value != nil:
		if isUnknown(p.value) {
			// A name: nothing is below it.
			if len(rest) == 0 {
				then(unknown, sure)
			}
			return
		}
		d.index(f, p.value, rest, sure, then)
	case p.below == nil && len(rest) == 0:
		d.read(p)
		then(unknown, sure && p.always)
	case p.below == nil:
		d.read(p)
		d.anywhere(f, rest, then)
	case len(rest) == 0:
		then(placeTerm(p), d.readPresence(p) && sure)
	default:
		d.key(f, rest[0], func(key *ast.Term, s bool) {
			name, ok := key.Value.(ast.String)
			if !ok {
				return
			}
			if next := p.below[string(name)]; next != nil {
				d.inputRef(f, next, rest[1:], sure && s, then)
				return
			}
			if !d.absent(p, string(name)) {
				d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%s.%s is not a part of the input that is known", p.path, string(name))
			}
		}, func() {
			d.readAll(p)
			d.anywhere(f, rest, then)
		})
	}
}

// absent says if a part of the input is one that other events have.
func (d *derivation) absent(p *place, name string) bool {
	return p == d.input && (name == "command" || name == "response" || name == "greeting")
}
