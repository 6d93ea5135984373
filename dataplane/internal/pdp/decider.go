package pdp

import (
	"context"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Decider answers questions.
type Decider interface {
	// Ask puts a question about a connection's session. It does not block. done is called exactly once, on another goroutine,
	// with a decision or, where there is no answer, an error. It must not block either. When ctx is done, so is the question. What
	// q refers to is never changed, not even after done: the question may still be on its way to another replica.
	Ask(ctx context.Context, c *Connection, q session.Question, done func(*session.Decision, error))
}

// Reuser is a Decider that may know the answer already.
type Reuser interface {
	Decider
	// Reuse is the decision on a question, or false: it must be asked. It does not block. The decision is not changed by anyone, and
	// has Repeats set. Questions of one connection come one after the other. q is not kept.
	Reuse(c *Connection, q *session.Question) (*session.Decision, bool)
	// End says that the connection's session has ended.
	End(c *Connection)
}

// Func is a Decider that answers in the process, for tests and embedding.
type Func func(c *Connection, q session.Question) (*session.Decision, error)

// Ask implements Decider.
func (f Func) Ask(_ context.Context, c *Connection, q session.Question, done func(*session.Decision, error)) {
	go func() { done(f(c, q)) }()
}

// AcceptAll accepts every event, every response and every capability.
func AcceptAll(_ *Connection, q session.Question) (*session.Decision, error) {
	d := &session.Decision{
		ID:           "accept-all",
		Request:      session.ReqAccept,
		Response:     session.RspAccept,
		Capabilities: make([]bool, len(q.Capabilities)),
		Rows:         []session.Row{{Tagged: true, Untagged: true, Name: "*", Verdict: session.RspAccept}},
	}
	for i := range d.Capabilities {
		d.Capabilities[i] = true
	}
	return d, nil
}
