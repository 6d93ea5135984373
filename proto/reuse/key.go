package reuse

import (
	"encoding/binary"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// The kinds of events, as keys begin.
const (
	kindGreeting = 'g'
	kindCommand  = 'c'
	kindUntagged = 'u'
	kindTagged   = 't'
)

// AppendKey appends what must be equal for a question to have the same answer, while revision and lease hold: the event's kind and
// names, and each field with its number. Keys of different events, or by different fields, differ. ok is false, and b as it was,
// for a question without an event, for a field that this package does not know, and for one that the command should have and has not
// (Always): such a decision may not be reused.
func AppendKey(b []byte, q *deciderv1.Question, fields []deciderv1.InputField) (_ []byte, ok bool) {
	key, ok := AppendEvent(b, q)
	if !ok {
		return b, false
	}
	s := subjectOf(q)
	for _, f := range fields {
		key = binary.AppendUvarint(key, uint64(f))
		if key, ok = s.append(key, f); !ok {
			return b, false
		}
	}
	return key, true
}

// AppendEvent appends the event's kind and names: the command's, or the response's with that of the command it is judged under. ok
// is false, and b as it was, for a question without an event.
func AppendEvent(b []byte, q *deciderv1.Question) (_ []byte, ok bool) {
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Greeting:
		return appendText(append(b, kindGreeting), e.Greeting.GetName()), true
	case *deciderv1.Question_Command:
		return appendText(append(b, kindCommand), e.Command.GetName()), true
	case *deciderv1.Question_Untagged:
		return appendResponse(append(b, kindUntagged), e.Untagged.GetResponse()), true
	case *deciderv1.Question_Tagged:
		return appendResponse(append(b, kindTagged), e.Tagged.GetResponse()), true
	}
	return b, false
}

// appendResponse tells an unsolicited response from one under a command of any name.
func appendResponse(b []byte, r *deciderv1.Response) []byte {
	if r.GetCommand() == nil {
		b = append(b, 0)
	} else {
		b = appendText(append(b, 1), r.GetCommand().GetName())
	}
	return appendText(b, r.GetName())
}
