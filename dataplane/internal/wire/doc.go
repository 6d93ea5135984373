// Package wire cuts an IMAP byte stream into lines and literals, and a line into tokens. It knows the lexical grammar of
// RFC 9051 section 9 (with that of RFC 3501) and no command, but that UID is a prefix and which FETCH data items have a
// section. It imports the standard library only.
//
// A Framer gives a line. ParseLiteralHeader says whether a literal follows; the Framer then gives its octets. A Scanner
// turns a command, with the literals that have come, into tokens; Response reads the head of a server's line, and
// the Scanner its arguments where they are asked for. Append prints tokens, Text gives the value of one.
//
// The grammar is strict: what it does not derive is an error, because servers differ on almost every malformed input, and
// a difference between proxy and server is a way round the policy. What is narrower than the RFC says so, with the
// reason, where it is.
//
// Nothing is allocated per line or command once the buffers have grown, and every buffer is bounded, whatever a peer
// sends.
package wire
