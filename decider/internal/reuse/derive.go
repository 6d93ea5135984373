package reuse

import (
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Policy is a compiled policy with its data.
type Policy struct {
	Compiler *ast.Compiler
	// Data reads base data; nil: there is none there. It is called during a derivation only.
	Data func(path ast.Ref) (ast.Value, error)
	// Entrypoint is the document that decides.
	Entrypoint ast.Ref
	// Effects is the document that has the effects of the command in the input. Empty: none has.
	Effects ast.Ref
}

// Dependencies are what the decision on an event can vary with.
type Dependencies struct {
	// Fields are the parts of the input, in order.
	Fields []deciderv1.InputField
	// From is where each is read: the first place found.
	From map[deciderv1.InputField]*ast.Location
	// Audit is how reuses are recorded. Unspecified: the effects of the command in the question tell.
	Audit deciderv1.ReuseAudit
	// No says why the decision may not be reused; unspecified: it may.
	No deciderv1.NoReuse
	// Why says what was met, and At where; nil: nowhere in particular. For people.
	Why string
	At  *ast.Location
}

// The bounds of one derivation: it holds a read transaction, and so keeps a new policy from coming in.
const (
	// maxSteps is how many expressions are looked at.
	maxSteps = 20_000
	// maxMembers is how many members of a collection are told apart, and how many values of a rule.
	maxMembers = 32
	// maxChosen is how many are where it is not known which it is: each is a way of its own.
	maxChosen = 4
)

// Derive gives what the decision on an event can vary with.
func Derive(p Policy, e Event) Dependencies {
	d := newDerivation(p, e)
	if e.Kind != input.Command {
		// The verdicts on capabilities stand in the order of the list.
		d.read(d.input.below["response"].below["capabilities"])
	}
	d.ref(frame{}, p.Entrypoint, func(v *ast.Term, _ bool) { d.use(v) })
	if d.refused != nil {
		return *d.refused
	}
	deps := Dependencies{Fields: slices.Sorted(maps.Keys(d.fields)), From: d.fields}
	deps.audit(p, e)
	return deps
}

func newDerivation(p Policy, e Event) *derivation {
	return &derivation{
		Policy:  p,
		input:   places(e),
		fields:  map[deciderv1.InputField]*ast.Location{},
		rules:   map[*ast.TreeNode][]result{},
		calls:   map[string][]result{},
		literal: map[*ast.Term]bool{},
		visited: map[*ast.Rule]bool{},
	}
}

// derivation is one in the making. It follows evaluation in OPA's own order, with what the event says known and the rest of the input
// not, along every way that evaluation could take with any input. It so comes to every reference to the input that an evaluation
// could read, those included that only decide whether evaluation fails: two inputs that agree in them are evaluated alike, step by
// step. What is certain ends a way as it does in an evaluation; what is not lets it go on.
//
// OPA's partial evaluation would not do: it leaves rules with else whole, and forgets what it met on ways that end.
type derivation struct {
	Policy
	input  *place
	fields map[deciderv1.InputField]*ast.Location
	steps  int
	// at is the expression that is looked at.
	at      *ast.Location
	refused *Dependencies
	// rules and calls remember what rules and functions give.
	rules map[*ast.TreeNode][]result
	calls map[string][]result
	// literal remembers terms of a policy that stand for themselves.
	literal map[*ast.Term]bool
	// visited are the rules whose references were all collected.
	visited map[*ast.Rule]bool
}

// frame is the variables of a rule's body, those of comprehensions in it included.
type frame map[ast.Var]*ast.Term

// refuse ends the derivation: the decision may not be reused.
func (d *derivation) refuse(no deciderv1.NoReuse, format string, args ...any) {
	if d.refused == nil {
		d.refused = &Dependencies{No: no, Why: fmt.Sprintf(format, args...), At: d.at}
	}
}

// step says if the derivation may go on.
func (d *derivation) step() bool {
	if d.steps++; d.steps > maxSteps {
		d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "the policy has more ways to decide than are followed")
	}
	return d.refused == nil
}

// values is how many values of a rule are told apart. Where that leads to too many ways they are no longer.
func (d *derivation) values() int {
	if d.steps > maxSteps/2 {
		return 1
	}
	return maxMembers
}

// read notes that a place was read. It is one without others below it.
func (d *derivation) read(p *place) {
	if p.value != nil {
		return
	}
	if p.field == 0 {
		d.refuse(deciderv1.NoReuse_NO_REUSE_UNKNOWN, "%s is not a part of the input that is known", p.path)
		return
	}
	d.readField(p.field)
}

func (d *derivation) readField(f deciderv1.InputField) {
	if f == deciderv1.InputField_INPUT_FIELD_COMMAND_TAG {
		d.refuse(deciderv1.NoReuse_NO_REUSE_INPUT, "input.command.tag is another with each command")
		return
	}
	if _, ok := d.fields[f]; !ok {
		d.fields[f] = d.at
	}
}

// readPresence notes that it was read whether a place is there. sure says that it always is.
func (d *derivation) readPresence(p *place) (sure bool) {
	switch {
	case p.always:
		return true
	case p.field != 0:
		d.readField(p.field)
	default:
		// Each field tells whether what it stands in is there.
		for _, name := range slices.Sorted(maps.Keys(p.below)) {
			if f := p.below[name].field; f != 0 {
				d.readField(f)
				break
			}
		}
	}
	return false
}

// readAll notes that a place was read with all below it.
func (d *derivation) readAll(p *place) {
	if p == d.input {
		d.refuse(deciderv1.NoReuse_NO_REUSE_INPUT, "the whole input is used, or a part that is chosen by a value")
		return
	}
	if p.below == nil {
		d.read(p)
		return
	}
	if p.below["tag"] != nil {
		d.refuse(deciderv1.NoReuse_NO_REUSE_INPUT, "all of input.command is used, or a part that is chosen by a value")
		return
	}
	if p.field != 0 {
		d.readField(p.field)
	}
	for _, name := range slices.Sorted(maps.Keys(p.below)) {
		d.readAll(p.below[name])
	}
}
