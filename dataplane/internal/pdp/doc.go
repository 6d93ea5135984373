// Package pdp asks the decider. It turns a session's question into the contract's, puts it, and turns the answer back,
// distrusting all of it: an answer that the contract does not allow is a fault of the policy and ends the session.
//
// No answer is an error and leaves the event to the listener's failure mode: ErrUnavailable, ErrDeadline, ErrOverloaded.
//
// # Replicas
//
// gRPC resolves the decider's name, keeps a connection to each address, and asks each for its health. Each that is ready is a
// replica, and gets a number of streams. Questions go to them in turn, many at once on each, and their answers come in any order.
// A decider that knows no streams is asked by calls.
//
// A question is a pure function of what it holds, so that it may be decided twice. It is put to another replica, within its
// deadline:
//   - when its stream breaks;
//   - when the replica says UNAVAILABLE: it has no policy, or shuts down. Load that is shed (RESOURCE_EXHAUSTED) is not passed
//     on to others, who may have as much;
//   - when its stream has said nothing for a part of the deadline (Options.Silence) while the question waits.
//
// The last is for a process that stands still, or a machine that is gone: TCP shows neither, and HTTP/2's keepalive, which does in
// the end, takes longer than any question may. What counts is silence of the stream and not the age of a question, for a slow
// evaluation must not be started on every replica, and a loaded decider that is slow with all must not get all of them twice.
// The replica is then asked for GetInfo, gets no question that another can take until it answers, and has its stream replaced
// if only that is dead. A question that was put to the replica Silence before its deadline, or later, is lost with it.
//
// Each time it is put, the decider makes a decision and a record of it; the session obeys the first. The records are told to be of
// one question by the session's id and the question's number in it (Question.ask), which are the same each time; Question.attempt
// counts.
//
// Streams end in order: when the decider drains one, when gRPC has connected anew because a connection grew old, and when a replica
// no longer serves, another stream is found to work before the old one takes no more, and what is open on that is still
// answered.
//
// Without a replica questions wait while a connection is being made, no longer than their deadline, and fail at once when it is known
// that none can be. That is gRPC's rule for calls, too.
package pdp
