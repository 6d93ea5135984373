package session

import "github.com/gatepost/gatepost/dataplane/internal/syntax"

// EventType is what an Event tells. Each is one log event and one metric.
type EventType uint8

const (
	// Decided: the decider gave a verdict, and it was obeyed, unless Event.Observed.
	Decided EventType = iota + 1
	// PolicyFault: the policy failed, or gave what must not reach a peer; the session ends.
	PolicyFault
	// DeciderFailed: the decider gave no answer; the failure mode was applied.
	DeciderFailed
	// Refused: the dataplane refused a well-formed command on its own account (a bound, or what it cannot follow).
	Refused
	// ClientViolation: the client broke the protocol.
	ClientViolation
	// ServerViolation: the server broke the protocol; the session ends.
	ServerViolation
	// StateChanged: the state, on proof.
	StateChanged
	// Ended: the session ends.
	Ended
	// Forwarded: a command is on its way to the server. Told with Config.Progress only.
	Forwarded
	// Finished: a command has had its tagged answer, or was dropped. Told with Config.Progress only.
	Finished
)

// String is the event's name in logs and metrics.
func (t EventType) String() string {
	switch t {
	case Decided:
		return "decision"
	case PolicyFault:
		return "policy_error"
	case DeciderFailed:
		return "decider_failed"
	case Refused:
		return "refused"
	case ClientViolation:
		return "client_violation"
	case ServerViolation:
		return "server_violation"
	case StateChanged:
		return "state"
	case Ended:
		return "ended"
	case Forwarded:
		return "forwarded"
	case Finished:
		return "finished"
	}
	return "unset"
}

// Event is something to log and count. It holds no secret.
type Event struct {
	Type EventType
	// Kind, Command, Tag and Response name the protocol element: what was judged, refused or malformed. Empty: none.
	Kind     Kind
	Command  string
	Tag      string
	Response string
	// First is the command's Question.First, for Forwarded and Finished. Response is then the status that the server gave; empty: none, the
	// dataplane answered.
	First uint64
	// Verdict is the seed's name of the verdict obeyed.
	Verdict string
	// Decision is the answer, for Decided and PolicyFault.
	Decision *Decision
	// Observed: the session observes, and Verdict is what it would have obeyed.
	Observed bool
	// Reason says what happened, in words of the dataplane.
	Reason string
	// Err is the transport's error, for DeciderFailed and Ended.
	Err error
	// Old and New are the states, for StateChanged.
	Old, New syntax.State
}

func (s *Session) event(e Event) {
	w := s.tools()
	w.events = append(w.events, e)
}

// Event returns the next thing to log and count; false: none.
func (s *Session) Event() (Event, bool) {
	if s.work == nil {
		return Event{}, false
	}
	return pop(&s.work.events, &s.work.told)
}
