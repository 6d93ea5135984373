// Package session is the protocol machine of one session, both directions of it: bytes, verdicts and ends of streams in;
// bytes, questions, events and ends of streams out. It owns no socket, clock or goroutine, and the same input gives the
// same output, however it is cut into pieces.
//
// What holds whatever the policy says: no octet of a command reaches the server without an ACCEPT or REWRITE for it; what is
// forwarded is what was parsed, with literals in synchronizing form; a tag gets at most one tagged answer; what the
// machine cannot read is not entered; every buffer is bounded. A failure ends in a BAD, a NO or a BYE, and in one event.
package session
