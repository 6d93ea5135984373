// Package pdp asks the decider. It turns a session's question into the contract's, puts it, and turns the answer back,
// distrusting all of it: an answer that the contract does not allow is a fault of the policy and ends the session.
//
// No answer is an error and leaves the event to the listener's failure mode: ErrUnavailable, ErrDeadline, ErrOverloaded.
package pdp
