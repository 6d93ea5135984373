package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// custom is what a record has beside what policy saw and said; nil: nothing. Masks do not reach it, so it has no text of a
// peer's:
//
//	ask       the question's number in its session; records of one session with the same are of one question
//	attempt   how often the question was put before, if it was
//	observe   true: the dataplane obeyed nothing of it (Question.observe)
//	reuse     of a decision that was made before: of, its id; count, how many questions it was for; first and last, when
//	literals  the literals of the arguments, in order: size, and sha256 where the dataplane collected the text
//	shadow    what the candidate decided: revision, result as the record's own, differs, took_ns; or missing, and why
func custom(a *engine.Answer, candidate *engine.Shadow) map[string]any {
	c := map[string]any{}
	q := a.Question
	if q.GetAsk() != 0 {
		c["ask"] = q.GetAsk()
	}
	if q.GetAttempt() != 0 {
		c["attempt"] = q.GetAttempt()
	}
	if q.GetObserve() {
		c["observe"] = true
	}
	if r := a.Repeat; r != nil {
		c["reuse"] = map[string]any{"of": r.Of, "count": r.Count, "first": stamp(r.First), "last": stamp(r.Last)}
	}
	if ls := literals(nil, arguments(q)); len(ls) != 0 {
		c["literals"] = ls
	}
	if candidate != nil {
		c["shadow"] = shadow(candidate)
	}
	if len(c) == 0 {
		return nil
	}
	return c
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

// literals appends the literals in the arguments, at any depth; the engine has bounded that.
func literals(to []any, args []*deciderv1.Argument) []any {
	for _, a := range args {
		if l := a.GetLiteral(); l != nil {
			m := map[string]any{"size": l.GetSize()}
			if l.Text != nil {
				sum := sha256.Sum256(l.GetText())
				m["sha256"] = hex.EncodeToString(sum[:])
			}
			to = append(to, m)
		}
		to = literals(to, a.GetList().GetItems())
	}
	return to
}

func shadow(s *engine.Shadow) map[string]any {
	if s.Decision == nil {
		return map[string]any{"missing": s.Err.Error()}
	}
	m := map[string]any{
		"revision": s.Decision.GetRevision(),
		"result":   result(s.Decision),
		"differs":  s.Differs,
		"took_ns":  s.Took.Nanoseconds(),
	}
	if f := s.Decision.GetError(); f != nil {
		m["error"] = map[string]any{"kind": verdict.KindName(f.GetKind()), "message": f.GetMessage(), "file": f.GetFile(),
			"line": f.GetLine(), "row": f.GetRow()}
	}
	return m
}
