package reuse

import (
	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// collect reads all that something of a policy can come to, without following how: every reference to the input in it and in each
// rule that its references can lead to.
func (d *derivation) collect(f frame, x any) {
	defer d.looking(d.at)()
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Expr:
			if !d.step() {
				return true
			}
			d.at = x.Location
			if t, ok := x.Terms.(*ast.Term); ok && len(x.With) == 0 && d.collectCondition(t) {
				return true
			}
		case ast.Var:
			if v := f[x]; v != nil {
				d.use(v)
			}
		case ast.Ref:
			d.collectRef(x)
		case *ast.Rule:
			d.collectRule(x)
			return true
		}
		return d.refused != nil
	}).Walk(x)
}

// collectCondition reads whether a place with others below it is there, if that is all that a term is.
func (d *derivation) collectCondition(t *ast.Term) (is bool) {
	r, ok := t.Value.(ast.Ref)
	if !ok {
		return false
	}
	p := d.input.at(r)
	if p == nil || p.below == nil {
		return false
	}
	d.readPresence(p)
	return true
}

// collectRef reads what a reference can lead to, but for what stands in it.
func (d *derivation) collectRef(r ast.Ref) {
	switch {
	case r[0].Equal(ast.InputRootDocument):
		p := d.input
		for _, t := range r[1:] {
			if p.value != nil || p.below == nil {
				break
			}
			name, ok := t.Value.(ast.String)
			if !ok {
				break
			}
			next := p.below[string(name)]
			if next == nil {
				if !d.absent(p, string(name)) {
					d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%s.%s is not a part of the input that is known", p.path, string(name))
				}
				return
			}
			p = next
		}
		d.readAll(p)
	case r[0].Equal(ast.DefaultRootDocument):
		for _, rule := range d.Compiler.GetRulesDynamicWithOpts(r, ast.RulesOptions{IncludeHiddenModules: true}) {
			d.collectRule(rule)
		}
	default:
		if _, ok := r[0].Value.(ast.Var); ok {
			d.deterministic(r.String())
		}
	}
}

// collectRule collects a rule with what stands behind else.
func (d *derivation) collectRule(r *ast.Rule) {
	if d.visited[r] || d.refused != nil {
		return
	}
	d.visited[r] = true
	for ; r != nil; r = r.Else {
		d.collect(nil, r.Head)
		d.collect(nil, r.Body)
	}
}

// collectTree collects all rules at and below a node.
func (d *derivation) collectTree(node *ast.TreeNode) {
	node.DepthFirst(func(n *ast.TreeNode) bool {
		for _, r := range n.Values {
			d.collectRule(r)
		}
		return false
	})
}

// deterministic refuses if a builtin function of that name gives what is not told by its arguments.
func (d *derivation) deterministic(name string) {
	b := ast.BuiltinMap[name]
	if b != nil && b.IsNondeterministic() || changing[name] {
		d.refuse(deciderv1.NoReuse_NO_REUSE_NONDETERMINISTIC, "%s", name)
	}
}

// changing are builtin functions that OPA does not count as nondeterministic: they look at the time.
var changing = map[string]bool{
	"crypto.x509.parse_and_verify_certificates":              true,
	"crypto.x509.parse_and_verify_certificates_with_options": true,
	"io.jwt.decode_verify":                                   true,
}
