// Package transcript runs sessions that are written down as text. A transcript is a txtar file: a sentence that must hold,
// with its RFC section, and the session that shows it.
//
//	A rejected APPEND never invites its literal. RFC 9051 4.3.
//	-- config --
//	failure: abort
//	-- session --
//	S: * PREAUTH ready
//	?  greeting PREAUTH
//	V: ACCEPT
//	>C =
//	C: a1 APPEND Archive {5}
//	?  command APPEND authenticated mailbox=Archive literal=5
//	V: REJECT "archive is read-only"
//	>C a1 NO [NOPERM] archive is read-only
//
// Input lines:
//
//	C: text     the client sends a line; CRLF is added. "..." in Go's quotes is sent as it is, without CRLF.
//	S: text     the server sends a line.
//	C* n c      the client sends n times the octet c; S* likewise.
//	C.          the client closes; S. likewise.
//	TLS         the handshake asked for succeeds.
//	V: verdict  the decider answers the oldest open question; V2: the second oldest.
//	auto        from here on every question is answered ACCEPT at once, and not shown. "manual" ends it.
//
// Verdicts: ACCEPT, REJECT "text" [CODE], DROP, ABORT, RESPOND "tagged" "untagged"..., REWRITE "text", ERROR "message", NONE (no answer). Behind
// them, in any order: rows such as UNTAGGED/FETCH=DROP or */*=ACCEPT or TAGGED/OK=REWRITE("text") (without any: */*=ACCEPT); old=selected,
// new=authenticated; and drop=NAME,NAME for capabilities (all others are accepted).
//
// Output lines, each belonging to the input above it, compared as a whole for each kind:
//
//	?  what is asked
//	!  an event other than a decision; with "observed", also a decision that is not obeyed
//	>S octets to the server, >C to the client; "=" is the input line above; CRLF is implied, or "..." in Go's quotes
//	closed  both sides are closed
//
// A transcript that a policy decides (ParsePolicy, Judge) is written alike, but that there "V:" is output: the decisions on the input
// above it, in order, with all they have but rows, which show at the responses. Verdicts are always compared. "?" lines, "!" lines,
// and what is sent (">S", ">C" and "closed" together) are compared in a transcript that has such lines anywhere. Its settings are
// also facts that a policy is told: client, listener, connected, server_name, certificate_dns, certificate_email (see Facts).
package transcript
