package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/gatepost/gatepost/decider/internal/document"
	"github.com/gatepost/gatepost/decider/internal/engine"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// custom writes what a record has beside what policy saw and said; nothing, if there is nothing. Masks do not reach it, so it has no
// text of a peer's:
//
//	ask       the question's number in its session; records of one session with the same are of one question
//	attempt   how often the question was put before, if it was
//	literals  the literals of the arguments, in order: size, and sha256 where the dataplane collected the text
//	observe   true: the dataplane obeyed nothing of it (Question.observe)
//	reuse     of a decision that was made before: of, its id; count, how many questions it was for; first and last, when
//	shadow    what the candidate decided: revision, result as the record's own, differs, took_ns; or missing, and why
func custom(w document.Writer, name *document.Word, a *engine.Answer, candidate *engine.Shadow) {
	q := a.Question
	literal := hasLiteral(arguments(q))
	if q.GetAsk() == 0 && q.GetAttempt() == 0 && !q.GetObserve() && a.Repeat == nil && !literal && candidate == nil {
		return
	}
	w.BeginObject(name)
	if q.GetAsk() != 0 {
		w.Uint(keyAsk, q.GetAsk())
	}
	if q.GetAttempt() != 0 {
		w.Uint(keyAttempt, uint64(q.GetAttempt()))
	}
	if literal {
		w.BeginArray(keyLiterals)
		literals(w, arguments(q))
		w.EndArray()
	}
	if q.GetObserve() {
		w.Bool(keyObserve, true)
	}
	if r := a.Repeat; r != nil {
		w.BeginObject(keyReuse)
		w.Uint(keyCount, r.Count)
		w.String(keyFirst, stamp(r.First))
		w.String(keyLast, stamp(r.Last))
		w.String(keyOf, r.Of)
		w.EndObject()
	}
	if candidate != nil {
		shadow(w, candidate)
	}
	w.EndObject()
}

// stamp is a time as records have it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func arguments(q *deciderv1.Question) []*deciderv1.Argument {
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Command:
		return e.Command.GetArgs()
	case *deciderv1.Question_Untagged:
		return e.Untagged.GetResponse().GetArgs()
	case *deciderv1.Question_Tagged:
		return e.Tagged.GetResponse().GetArgs()
	}
	return nil
}

// hasLiteral says if there is a literal in the arguments, at any depth; the engine has bounded that.
func hasLiteral(args []*deciderv1.Argument) bool {
	for _, a := range args {
		if a.GetLiteral() != nil || hasLiteral(a.GetList().GetItems()) {
			return true
		}
	}
	return false
}

// literals writes the literals in the arguments.
func literals(w document.Writer, args []*deciderv1.Argument) {
	for _, a := range args {
		if l := a.GetLiteral(); l != nil {
			w.BeginObject(nil)
			if l.Text != nil {
				sum := sha256.Sum256(l.GetText())
				w.String(keySHA256, hex.EncodeToString(sum[:]))
			}
			w.Uint(keySize, l.GetSize())
			w.EndObject()
		}
		literals(w, a.GetList().GetItems())
	}
}

func shadow(w document.Writer, s *engine.Shadow) {
	w.BeginObject(keyShadow)
	defer w.EndObject()
	if s.Decision == nil {
		w.String(keyMissing, s.Err.Error())
		return
	}
	w.Bool(keyDiffers, s.Differs)
	if f := s.Decision.GetError(); f != nil {
		fault(w, keyError, f)
	}
	result(w, keyResult, s.Decision)
	w.String(keyRevision, s.Decision.GetRevision())
	w.Uint(keyTookNs, uint64(s.Took.Nanoseconds()))
}
