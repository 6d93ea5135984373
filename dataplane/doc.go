// Package dataplane is Gatepost's policy enforcement point: it stands between IMAP clients and servers, asks the decider about
// every greeting, command and response, and obeys. It knows IMAP and no policy.
//
// What holds whatever policy says: no octet of a command reaches the server without a verdict that lets it; what is forwarded is
// exactly what was parsed; a stream that cannot be read (COMPRESS, an unknown extension) is not entered; the state of a session
// moves on the server's word only; passwords and SASL data leave the dataplane towards the server and nowhere else; everything
// that is held is bounded.
//
// How it fails:
//
//	the decider gives no answer           the listener's failure mode: NO [UNAVAILABLE] (default), BYE, or all passes
//	the answer breaks the contract        BYE: a policy error
//	the client breaks the protocol        BAD; BYE where the stream cannot be framed any more
//	the server breaks the protocol        BYE; what it said does not reach the client
//	the server cannot be reached          BYE [UNAVAILABLE]
//
// Each is an event of its own name, see Event.
package dataplane
