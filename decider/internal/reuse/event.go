package reuse

import (
	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Event is what is known of a question when its dependencies are derived: the kind, and the names of command and response. A key of
// package proto/reuse has all of it.
type Event struct {
	Kind input.Kind
	// Command is the name of the command that the event is, or is judged under. Solicited says that there is one.
	Command   string
	Solicited bool
	// Response is the response's name, or the greeting's.
	Response string
}

// other stands for a name that is known to the key and not to the derivation. Commands and responses have names in upper case.
const other = "other"

// EventOf is the question's event.
func EventOf(q *deciderv1.Question) Event {
	e := Event{Kind: input.KindOf(q)}
	var r *deciderv1.Response
	switch ev := q.GetEvent().(type) {
	case *deciderv1.Question_Greeting:
		e.Response = ev.Greeting.GetName()
	case *deciderv1.Question_Command:
		e.Command, e.Solicited = ev.Command.GetName(), true
	case *deciderv1.Question_Untagged:
		r = ev.Untagged.GetResponse()
	case *deciderv1.Question_Tagged:
		r = ev.Tagged.GetResponse()
	}
	if r != nil {
		e.Response = r.GetName()
		if c := r.GetCommand(); c != nil {
			e.Command, e.Solicited = c.GetName(), true
		}
	}
	return e
}

// String names the event for people: "greeting OK", "command FETCH", "untagged CAPABILITY of LOGIN".
func (e Event) String() string {
	s := string(e.Kind)
	switch {
	case e.Kind == input.Command:
		return s + " " + e.Command
	case e.Kind == input.Greeting:
		return s + " " + e.Response
	case e.Solicited:
		return s + " " + e.Response + " of " + e.Command
	}
	return "unsolicited " + e.Response
}
