package wire

import "strconv"

// Kind is the lexical kind of a Token.
type Kind uint8

const (
	// Atom is an unquoted run: an atom, number, sequence set, flag, list pattern, "NIL", "*", or a partial "<0.100>".
	Atom Kind = iota + 1
	// Quoted is a quoted string.
	Quoted
	// Literal is a literal or literal8.
	Literal
	// List is a list in parentheses.
	List
	// Section is a list in brackets directly behind the atom of a FETCH data item, as in BODY[TEXT].
	Section
)

// Token is a node of a token tree, stored in pre-order: the children of the token at index i are the tokens from i+1 up to,
// but not including, its Next; siblings follow each other by Next.
type Token struct {
	Kind Kind
	// Joined: no space stands between this token and the sibling before it, as between BODY and [TEXT].
	Joined bool
	// Start and End span the token in the scanned bytes. Atom: its text. Quoted, List, Section: delimiters included.
	// Literal: its data; empty at the end of the bytes if Pending. A list around a pending literal also ends there.
	Start, End uint32
	// Next is the index behind the token's last descendant.
	Next uint32
	// Literal only.
	Header LiteralHeader
	// Pending: the scanned bytes end at the literal's header; its data has not come.
	Pending bool
}

// LiteralHeader is what "{n}", "{n+}", "~{n}" or "~{n+}" says (RFC 9051 section 4.3, RFC 7888, RFC 3516).
type LiteralHeader struct {
	// Size is the count of octets announced.
	Size uint64
	// NonSync: with "+".
	NonSync bool
	// Binary: literal8, with "~".
	Binary bool
}

// Span is a part of the scanned bytes.
type Span struct{ Start, End uint32 }

// SyntaxError is a departure from the grammar.
type SyntaxError struct {
	// Offset into the scanned bytes.
	Offset int
	// Want says what the grammar has there.
	Want string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return "wire: offset " + strconv.Itoa(e.Offset) + ": expected " + e.Want
}
