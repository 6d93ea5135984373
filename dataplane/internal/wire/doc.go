// Package wire cuts an IMAP byte stream into lines and literals, and a line into tokens. It knows the lexical grammar of
// RFC 9051 section 9 (with that of RFC 3501) and no command. It imports the standard library only.
//
// The grammar is strict: what it does not derive is an error, because servers differ on almost every malformed input, and
// a difference between proxy and server is a way round the policy.
package wire
