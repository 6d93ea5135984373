// Package decider is Gatepost's policy decision point: a gRPC service that evaluates Rego with OPA for any number of
// dataplanes, and records every decision in OPA's decision log. It knows policy and no sockets of IMAP.
//
// A question goes from internal/server to internal/engine, where internal/input makes it the document that policy sees, OPA
// evaluates data.imap.main.decision, and internal/verdict makes the result a decision; then through internal/audit into the
// decision log; and only then back to the dataplane. internal/policy brings policy in.
//
// How it fails:
//
//	what                                                     the dataplane gets
//	policy is undefined, in conflict, malformed, too slow,   a decision with OUTCOME_ERROR that names file, line and row;
//	or a builtin function fails, or anything panics          it is recorded like any other
//	a question breaks the contract                           INVALID_ARGUMENT
//	too many questions, or records that cannot be kept       RESOURCE_EXHAUSTED
//	no policy is loaded, or the service ends                 UNAVAILABLE
//	a changed policy does not load                           decisions by the one before; the log says why
//
// Policies come from a local directory or by OPA's bundles. Package internal/policy says what both must hold.
package decider
