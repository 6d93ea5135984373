package reuse

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// result is a value that a rule, or a function for some arguments, can have; sure: it surely has it.
type result struct {
	value *ast.Term
	sure  bool
}

// results are several. defined says that the rule surely has one of them.
type results struct {
	all     []result
	defined bool
}

// dataRef looks into data. path has been gone to node; nil: no rules are there or below.
func (d *derivation) dataRef(f frame, node *ast.TreeNode, path, rest ast.Ref, sure bool, then found) {
	switch {
	case node == nil:
		v, err := d.data(path)
		if err != nil {
			d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%v: %v", path, err)
			return
		}
		if v != nil {
			d.index(f, ast.NewTerm(v), rest, sure, then)
		}
	case node.External != nil:
		d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%v comes from elsewhere", path)
	case len(node.Values) > 0:
		d.virtual(f, node, path, rest, sure, then)
	case len(rest) == 0:
		d.extent(f, node, path, sure, then)
	default:
		d.key(f, rest[0], func(key *ast.Term, s bool) {
			d.dataRef(f, node.Child(key.Value), path.Append(key), rest[1:], sure && s, then)
		}, func() {
			d.collectTree(node)
			d.anywhere(f, rest, then)
		})
	}
}

// extent gives all that is at a place of data that has rules below it. It is known if there is no base data, and each rule below
// surely has one value, or none.
func (d *derivation) extent(f frame, node *ast.TreeNode, path ast.Ref, sure bool, then found) {
	if !d.step() {
		return
	}
	base, err := d.data(path)
	exact := base == nil && err == nil
	var members []*ast.Term
	for _, key := range node.Sorted {
		k := ast.NewTerm(key)
		var values []*ast.Term
		d.dataRef(f, node.Child(key), path.Append(k), nil, true, func(v *ast.Term, s bool) {
			exact = exact && s
			values = append(values, v)
		})
		if len(values) > 1 {
			exact = false
		}
		for _, v := range values {
			members = append(members, k, v)
		}
	}
	if exact {
		then(d.object(members), sure)
		return
	}
	d.useAll(members)
	then(unknown, false)
}

func (d *derivation) data(path ast.Ref) (ast.Value, error) {
	if d.Data == nil {
		return nil, nil
	}
	return d.Data(path)
}

// virtual looks into what rules define.
func (d *derivation) virtual(f frame, node *ast.TreeNode, path, rest ast.Ref, sure bool, then found) {
	first := node.Values[0].Head
	if len(first.Args) > 0 {
		// A function is no value.
		return
	}
	ground := len(node.Children) == 0
	for _, r := range node.Values {
		ground = ground && len(r.Ref()) == len(path)
	}
	switch {
	case !ground:
		d.partialObject(f, node, path, rest, sure, then)
	case first.RuleKind() == ast.MultiValue:
		d.partialSet(f, node, rest, sure, then)
	default:
		for _, r := range d.complete(node) {
			d.index(f, r.value, rest, sure && r.sure, then)
		}
	}
}

// complete gives the values of a rule that has one.
func (d *derivation) complete(node *ast.TreeNode) []result {
	if rs, ok := d.rules[node]; ok {
		return rs
	}
	rs := d.evaluate(node.Values, nil)
	d.rules[node] = rs
	return rs
}

// evaluate follows all definitions of a rule, or of a function with its arguments.
func (d *derivation) evaluate(rules []*ast.Rule, args []*ast.Term) []result {
	var rs results
	var fallback *ast.Rule
	for _, r := range rules {
		if r.Default {
			fallback = r
			continue
		}
		d.chain(r, args, &rs)
	}
	if fallback != nil && !rs.defined {
		f := frame{}
		d.arguments(f, fallback.Head.Args, args, func(bool) {
			d.term(f, fallback.Head.Value, func(v *ast.Term, _ bool) { d.add(&rs, v) })
		})
		rs.defined = len(args) == 0
	}
	for i := range rs.all {
		// Of several values it is not known which it has.
		rs.all[i].sure = rs.defined && len(rs.all) == 1
	}
	return rs.all
}

// chain follows a rule, and what stands behind else as long as nothing before is certain.
func (d *derivation) chain(r *ast.Rule, args []*ast.Term, rs *results) {
	for ; r != nil; r = r.Else {
		certain := false
		f := frame{}
		d.arguments(f, r.Head.Args, args, func(s bool) {
			d.ruleBody(f, r.Body, func(sure bool) {
				defer d.looking(r.Location)()
				d.term(f, r.Head.Value, func(v *ast.Term, vsure bool) {
					certain = certain || s && sure && vsure
					d.add(rs, v)
				})
			})
		})
		if certain {
			rs.defined = true
			return
		}
	}
}

// arguments matches a function's arguments to values.
func (d *derivation) arguments(f frame, patterns ast.Args, vs []*ast.Term, then func(sure bool)) {
	var from func(i int, sure bool)
	from = func(i int, sure bool) {
		if i == len(patterns) || i == len(vs) {
			then(sure)
			return
		}
		d.match(f, patterns[i], vs[i], sure, func(s bool) { from(i+1, s) })
	}
	from(0, true)
}

// add adds a value, unless it is there. Of too many they are no longer told apart.
func (d *derivation) add(rs *results, v *ast.Term) {
	for _, r := range rs.all {
		if isUnknown(r.value) {
			d.use(v)
			return
		}
		if r.value.Equal(v) {
			return
		}
	}
	if len(rs.all) >= d.values() {
		for _, r := range rs.all {
			d.use(r.value)
		}
		d.use(v)
		rs.all, v = nil, unknown
	}
	rs.all = append(rs.all, result{value: v})
}

// partialSet looks into a set that rules add to.
func (d *derivation) partialSet(f frame, node *ast.TreeNode, rest ast.Ref, sure bool, then found) {
	members, ok := d.rules[node]
	if !ok {
		var rs results
		all := true
		for _, r := range node.Values {
			g := frame{}
			d.ruleBody(g, r.Body, func(sure bool) {
				d.term(g, r.Head.Key, func(v *ast.Term, s bool) {
					all = all && sure && s
					d.add(&rs, v)
				})
			})
		}
		for i := range rs.all {
			rs.all[i].sure = all
		}
		members = rs.all
		d.rules[node] = members
	}
	vs := make([]*ast.Term, len(members))
	exact := true
	for i, m := range members {
		vs[i] = m.value
		exact = exact && m.sure && known(m.value)
	}
	if exact {
		d.index(f, ast.SetTerm(vs...), rest, sure, then)
		return
	}
	if len(rest) == 0 {
		d.useAll(vs)
		then(unknown, sure)
		return
	}
	for _, v := range vs {
		d.match(f, rest[0], v, false, func(bool) { d.index(f, v, rest[1:], false, then) })
	}
}

// partialObject looks into an object that rules add to, and into what is below it.
func (d *derivation) partialObject(f frame, node *ast.TreeNode, path, rest ast.Ref, sure bool, then found) {
	asked := false
	follow := func(then found) {
		node.DepthFirst(func(n *ast.TreeNode) bool {
			for _, r := range n.Values {
				d.member(f, r, r.Ref()[len(path):], rest, sure, then, &asked)
			}
			return false
		})
	}
	if slices.ContainsFunc(rest, func(t *ast.Term) bool { return d.isPattern(f, t) }) {
		follow(then)
	} else {
		// Nothing is set on the way, so that equal values are one.
		var rs results
		follow(func(v *ast.Term, s bool) {
			d.add(&rs, v)
			rs.defined = rs.defined || s
		})
		if len(rs.all) > maxChosen {
			for _, r := range rs.all {
				d.use(r.value)
			}
			rs.all = []result{{value: unknown}}
		}
		for _, r := range rs.all {
			then(r.value, rs.defined && len(rs.all) == 1)
		}
	}
	if len(rest) == 0 {
		then(unknown, false)
		return
	}
	if asked {
		d.anywhere(f, rest, then)
	}
}

// member follows one of the rules of an object. head is where in the object it adds, rest is where in the object is looked. partly is
// set if it adds below that.
func (d *derivation) member(f frame, r *ast.Rule, head, rest ast.Ref, sure bool, then found, partly *bool) {
	g := frame{}
	var from func(i int, sure bool)
	from = func(i int, sure bool) {
		if i < len(head) && i < len(rest) {
			if d.isPattern(f, rest[i]) {
				// The body tells.
				from(i+1, sure)
				return
			}
			d.term(f, rest[i], func(v *ast.Term, s bool) {
				d.match(g, head[i], v, sure && s, func(s bool) { from(i+1, s) })
			})
			return
		}
		d.ruleBody(g, r.Body, func(s bool) {
			if len(rest) < len(head) || r.Head.RuleKind() == ast.MultiValue {
				d.useHead(g, r, head)
				*partly = true
				return
			}
			d.term(g, r.Head.Value, func(v *ast.Term, vs bool) {
				d.keys(f, g, head, rest, func() { d.index(f, v, rest[len(head):], sure && s && vs && !r.Default && r.Else == nil, then) })
			})
		})
		if r.Else != nil {
			d.collectRule(r)
			*partly = true
		}
	}
	from(0, sure)
}

// keys sets the variables of a reference by the places that a rule adds at.
func (d *derivation) keys(f, g frame, head, rest ast.Ref, then func()) {
	var from func(i int)
	from = func(i int) {
		if i == len(head) {
			then()
			return
		}
		if !d.isPattern(f, rest[i]) {
			from(i + 1)
			return
		}
		d.term(g, head[i], func(k *ast.Term, _ bool) { d.match(f, rest[i], k, false, func(bool) { from(i + 1) }) })
	}
	from(0)
}

// useHead reads what a rule's head is made of.
func (d *derivation) useHead(g frame, r *ast.Rule, head ast.Ref) {
	use := func(t *ast.Term) {
		if t != nil {
			d.term(g, t, func(v *ast.Term, _ bool) { d.use(v) })
		}
	}
	use(r.Head.Key)
	use(r.Head.Value)
	for _, t := range head {
		use(t)
	}
}
