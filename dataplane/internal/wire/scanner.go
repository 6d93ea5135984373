package wire

import "math"

// Limits bound a scan.
type Limits struct {
	// Depth is how deep lists and sections may nest. 0: 50.
	Depth int
	// Tokens is how many tokens there may be. 0: 10 000.
	Tokens int
}

// The limits where Limits has 0.
const (
	DefaultDepth  = 50
	DefaultTokens = 10_000
)

// retainTokens is how many tokens a Scanner keeps room for between scans.
const retainTokens = 1024

// Scanner turns a command or the arguments of a response into tokens. Once its token slice has grown it does not
// allocate, except for errors. It is not safe for concurrent use.
//
// Its grammar does not depend on the position of an argument. Items are separated by one space; none stands at the ends, behind "(" or
// before ")". An atom is a run of ATOM-CHAR, "]" (astring), "%" and "*" (list-mailbox, sequence-set), or "\" with
// ATOM-CHARs or "*" behind it (flag). Everything that RFC 9051 and its extensions have unquoted in arguments is such an
// atom.
type Scanner struct {
	Limits Limits
	// UTF8: quoted strings may hold UTF-8 (UTF8=ACCEPT or IMAP4rev2 was enabled). Without it they are ASCII.
	UTF8 bool
	// Literal8: literal8 may occur (RFC 3516).
	Literal8 bool
	// Sections says whether FETCH data items with sections occur among the arguments of the named command. The name is
	// in the case it was sent in, with the prefix UID. nil: in none.
	Sections func(name []byte) bool

	tokens []Token
	open   []uint32
}

// Scanned is a command in tokens.
type Scanned struct {
	// Tag is set if the command has a valid tag, even if the rest is wrong.
	Tag Span
	// Name is the command's name, an atom that starts with a letter. UID and the name behind it are one name, with one
	// space.
	Name Span
	// Tokens are the arguments. They are valid until the next scan.
	Tokens []Token
}

// Command scans a command without its final CRLF. In raw each literal stands as its header, CRLF and its data; raw may end
// at a header, whose token is then Pending and last, and lists may then be open, which end at the end of raw. The error is a
// *SyntaxError.
func (s *Scanner) Command(raw []byte) (Scanned, error) {
	var c Scanned
	if uint64(len(raw)) > math.MaxUint32 {
		return c, &SyntaxError{Want: "a command below 4 GiB"}
	}
	tag := tagEnd(raw)
	if tag == 0 {
		return c, &SyntaxError{Want: "a tag"}
	}
	c.Tag = Span{0, uint32(tag)}
	if tag == len(raw) {
		return c, &SyntaxError{tag, "a space and a command name"}
	}
	name, end, err := commandName(raw, tag+1)
	if err != nil {
		return c, err
	}
	c.Name = name
	if end == len(raw) {
		return c, nil
	}
	sections := s.Sections != nil && s.Sections(raw[name.Start:name.End])
	c.Tokens, err = s.scan(raw, end+1, sections, false)
	return c, err
}

// Arguments scans raw from an offset on as a list of arguments: what follows the name of a response. sections says whether
// FETCH data items with sections occur among them. A list may stand directly behind a list, as responses have it (body,
// thread-list). For all else it is as Command.
func (s *Scanner) Arguments(raw []byte, from int, sections bool) ([]Token, error) {
	if uint64(len(raw)) > math.MaxUint32 {
		return nil, &SyntaxError{Want: "a response below 4 GiB"}
	}
	if from == len(raw) {
		return nil, nil
	}
	return s.scan(raw, from, sections, true)
}

// tagEnd returns the end of the tag that raw starts with, and 0 if there is none with a space or the end behind it.
func tagEnd(raw []byte) int {
	end := run(raw, 0, classTag)
	if end > MaxTag || end < len(raw) && raw[end] != ' ' {
		return 0
	}
	return end
}

// commandName reads the name at offset at. end is where the space or the end of raw is.
func commandName(raw []byte, at int) (name Span, end int, err error) {
	end, err = word(raw, at, "a command name")
	if err != nil {
		return Span{}, 0, err
	}
	if end < len(raw) && EqualFold(raw[at:end], "UID") {
		end, err = word(raw, end+1, "the name of a UID command")
		if err != nil {
			return Span{}, 0, err
		}
	}
	return Span{uint32(at), uint32(end)}, end, nil
}

// word reads an atom that starts with a letter, and that a space or the end of raw follows.
func word(raw []byte, at int, want string) (end int, err error) {
	if at == len(raw) || !isLetter(raw[at]) {
		return 0, &SyntaxError{at, want}
	}
	end = run(raw, at, classAtom)
	if end < len(raw) && raw[end] != ' ' {
		return 0, &SyntaxError{end, "a space"}
	}
	return end, nil
}
