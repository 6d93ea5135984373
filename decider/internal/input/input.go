package input

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/document"
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
	var t document.Terms
	if err := write(&t, q); err != nil {
		return nil, err
	}
	return t.Value(), nil
}

// AppendJSON appends the document that Build gives as JSON text, members sorted. The error is Build's.
func AppendJSON(to []byte, q *deciderv1.Question) ([]byte, error) {
	j := document.JSON{Text: to}
	if err := write(&j, q); err != nil {
		return nil, err
	}
	return j.Text, nil
}

// write writes the document. It checks what it writes against the contract: what was written before an error is no document.
func write(w document.Writer, q *deciderv1.Question) error {
	kind := KindOf(q)
	if kind == "" {
		return &Error{"event", "must be set"}
	}
	r, field := responseOf(q)
	w.BeginObject(nil)
	var err error
	switch {
	case kind == Greeting:
		err = greeting(w, q.GetGreeting())
	case kind == Command:
		err = command(w, "command", q.GetCommand())
	case r.GetCommand() != nil:
		err = command(w, field+".command", r.GetCommand())
	case kind == Tagged:
		err = &Error{field + ".command", "must be set"}
	}
	if err != nil {
		return err
	}
	if err := state(w, keyStateNew, q.GetImapStateNew()); err != nil {
		return err
	}
	if err := state(w, keyStateOld, q.GetImapStateOld()); err != nil {
		return err
	}
	w.Word(keyKind, kindWord[kind])
	switch kind {
	case Greeting:
		greetingResponse(w, q.GetGreeting())
	case Untagged:
		err = response(w, field, wordUntagged, r)
	case Tagged:
		err = response(w, field, wordTagged, r)
	}
	if err != nil {
		return err
	}
	if err := session(w, q.GetSession()); err != nil {
		return err
	}
	w.EndObject()
	return nil
}

// responseOf is the response asked about, and where the question has it; nil: it is about something else.
func responseOf(q *deciderv1.Question) (r *deciderv1.Response, field string) {
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Untagged:
		return e.Untagged.GetResponse(), "untagged.response"
	case *deciderv1.Question_Tagged:
		return e.Tagged.GetResponse(), "tagged.response"
	}
	return nil, ""
}

func state(w document.Writer, name *document.Word, s deciderv1.ImapState) error {
	word := stateWord[s]
	if word == nil {
		return &Error{name.String(), "must be a state"}
	}
	w.Word(name, word)
	return nil
}
