package input

import (
	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// greeting adds a greeting, and beside it the same as a response, so that rows are looked up alike.
func (o *object) greeting(g *deciderv1.Greeting) error {
	switch g.GetName() {
	case "OK", "PREAUTH", "BYE":
	default:
		return &Error{"greeting.name", `must be "OK", "PREAUTH" or "BYE"`}
	}
	name := ast.StringTerm(g.GetName())
	m := make(object, 0, 4)
	m.add(keyName, name)
	if len(g.GetCode()) != 0 {
		m.add(keyCode, bytesTerm(g.GetCode()))
	}
	m.add(keyText, bytesTerm(g.GetText()))
	m.list(keyCapabilities, g.GetCapabilities())
	o.add(keyGreeting, m.term())

	r := make(object, 0, 6)
	r.add(keyCommand, termGreeting)
	r.add(keyType, termUntagged)
	r.add(keyName, name)
	r.add(keyArgs, ast.InternedEmptyArray)
	r.add(keyTruncated, termFalse)
	r.list(keyCapabilities, g.GetCapabilities())
	o.add(keyResponse, r.term())
	return nil
}

// response adds a response of the given type, and the command it is judged under; field is where the question has it.
func (o *object) response(field string, kind *ast.Term, r *deciderv1.Response) error {
	if r.GetName() == "" {
		return &Error{field + ".name", "must not be empty"}
	}
	command := termUnsolicited
	if c := r.GetCommand(); c != nil {
		t, err := buildCommand(field+".command", c)
		if err != nil {
			return err
		}
		o.add(keyCommand, t)
		command = ast.StringTerm(c.GetName())
	}
	args, err := buildArgs(field+".args", r.GetArgs())
	if err != nil {
		return err
	}
	m := make(object, 0, 6)
	m.add(keyCommand, command)
	m.add(keyType, kind)
	m.add(keyName, ast.StringTerm(r.GetName()))
	m.add(keyArgs, args)
	m.add(keyTruncated, ast.BooleanTerm(r.GetTruncated()))
	m.list(keyCapabilities, r.GetCapabilities())
	o.add(keyResponse, m.term())
	return nil
}
