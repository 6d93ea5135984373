// Package offline has policies judge sessions that nobody has: transcripts, and commands that were typed. The session machine and
// the client of the decider are those that serve; sockets of IMAP there are none.
package offline
