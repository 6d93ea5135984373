package input

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Kind is the kind of the event asked about, as policy names it in input.kind.
type Kind string

// The kinds.
const (
	Greeting Kind = "greeting"
	Command  Kind = "command"
	Untagged Kind = "untagged"
	Tagged   Kind = "tagged"
)

// KindOf is the kind of the question's event; empty if the question has none.
func KindOf(q *deciderv1.Question) Kind {
	switch q.GetEvent().(type) {
	case *deciderv1.Question_Greeting:
		return Greeting
	case *deciderv1.Question_Command:
		return Command
	case *deciderv1.Question_Untagged:
		return Untagged
	case *deciderv1.Question_Tagged:
		return Tagged
	}
	return ""
}

// Error is a question that breaks the contract.
type Error struct {
	// Field is the field that does, in the spelling of the proto files.
	Field string
	// Want says what the contract has there.
	Want string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("input: %s: %s", e.Field, e.Want) }

// Build gives the input document for a question. The error is an *Error: the question breaks the contract.
func Build(q *deciderv1.Question) (ast.Value, error) {
	o := make(object, 0, 7)
	kind := KindOf(q)
	if kind == "" {
		return nil, &Error{"event", "must be set"}
	}
	o.add(keyKind, kindTerm[kind])

	for _, s := range []struct {
		field string
		key   *ast.Term
		state deciderv1.ImapState
	}{
		{"imap_state_old", keyStateOld, q.GetImapStateOld()},
		{"imap_state_new", keyStateNew, q.GetImapStateNew()},
	} {
		name, ok := stateTerm[s.state]
		if !ok {
			return nil, &Error{s.field, "must be a state"}
		}
		o.add(s.key, name)
	}

	session, err := buildSession(q.GetSession())
	if err != nil {
		return nil, err
	}
	o.add(keySession, session)

	if err := o.event(q); err != nil {
		return nil, err
	}
	return ast.NewObject(o...), nil
}

// event adds what the question's event has.
func (o *object) event(q *deciderv1.Question) error {
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Greeting:
		return o.greeting(e.Greeting)
	case *deciderv1.Question_Command:
		c, err := buildCommand("command", e.Command)
		if err != nil {
			return err
		}
		o.add(keyCommand, c)
		return nil
	case *deciderv1.Question_Untagged:
		return o.response("untagged.response", termUntagged, e.Untagged.GetResponse())
	case *deciderv1.Question_Tagged:
		if e.Tagged.GetResponse().GetCommand() == nil {
			return &Error{"tagged.response.command", "must be set"}
		}
		return o.response("tagged.response", termTagged, e.Tagged.GetResponse())
	}
	return &Error{"event", "must be set"}
}
