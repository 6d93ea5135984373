package syntax

import (
	"bytes"
	"unicode/utf8"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// What follows reads strings. The bytes returned are valid until the next production, and nil if the parser stopped.

// word consumes the next token if it is an atom of that text, in any case.
func (p *parser) word(upper string) bool {
	t := p.peek()
	if t == nil || t.Kind != wire.Atom || t.Joined || !wire.EqualFold(p.raw[t.Start:t.End], upper) {
		return false
	}
	p.at = t.Next
	return true
}

// atomText reads what the scanner takes for an atom, which is more than the grammar's atom.
func (p *parser) atomText(want string) (text []byte, offset uint32) {
	t := p.take(wire.Atom, wire.Atom, want)
	if t == nil {
		return nil, 0
	}
	return p.raw[t.Start:t.End], t.Start
}

// atom reads an atom.
func (p *parser) atom(want string) []byte {
	text, offset := p.atomText(want)
	return p.only(text, offset, wire.IsAtomChar, want)
}

// only returns text if it consists of characters of a class.
func (p *parser) only(text []byte, offset uint32, class func(byte) bool, want string) []byte {
	for i, c := range text {
		if !class(c) {
			p.failAt(offset+uint32(i), want)
			return nil
		}
	}
	return text
}

// upper is b as a string in upper case.
func (p *parser) upper(b []byte) string {
	p.scratch = wire.AppendUpper(p.scratch[:0], b)
	return string(p.scratch)
}

// astring reads an astring.
func (p *parser) astring(want string) []byte {
	return p.unquotedOrString(wire.IsAstringChar, want)
}

// unquotedOrString reads a run of characters of a class, or a string.
func (p *parser) unquotedOrString(class func(byte) bool, want string) []byte {
	if p.nextIs(wire.Atom) {
		text, offset := p.atomText(want)
		return p.only(text, offset, class, want)
	}
	return p.string(want)
}

// string reads a quoted string or a literal.
func (p *parser) string(want string) []byte { return p.stringOr8(want, false) }

// stringOr8 reads a quoted string, a literal, or a literal8 where binary.
func (p *parser) stringOr8(want string, binary bool) []byte {
	t := p.take(wire.Quoted, wire.Literal, want)
	if t == nil {
		return nil
	}
	if t.Kind == wire.Literal {
		return p.literalText(t, binary)
	}
	return p.quotedText(t)
}

// quoted reads a quoted string.
func (p *parser) quoted(want string) []byte {
	t := p.take(wire.Quoted, wire.Quoted, want)
	if t == nil {
		return nil
	}
	return p.quotedText(t)
}

// quotedText is the value of a quoted string.
func (p *parser) quotedText(t *wire.Token) []byte {
	text := p.raw[t.Start+1 : t.End-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		p.scratch = wire.Text(p.raw, *t, p.scratch[:0])
		text = p.scratch
	}
	return text
}

// literalText is the value of a literal. Only a literal8 holds NUL (RFC 9051 section 9, CHAR8).
func (p *parser) literalText(t *wire.Token, binary bool) []byte {
	p.literal(t, binary)
	if p.stopped() {
		return nil
	}
	text := p.raw[t.Start:t.End]
	if i := bytes.IndexByte(text, 0); i >= 0 && !t.Header.Binary {
		p.failAt(t.Start+uint32(i), "a literal without NUL")
		return nil
	}
	return text
}

// nstring reads a string or NIL, whose value is nil.
func (p *parser) nstring(want string, binary bool) []byte {
	if p.word("NIL") {
		return nil
	}
	return p.stringOr8(want, binary)
}

// utf8Text is text as a string, which must be UTF-8. Policy cannot be asked about anything else.
func (p *parser) utf8Text(text []byte, offset uint32) string {
	if !utf8.Valid(text) {
		p.failAt(offset, "UTF-8")
		return ""
	}
	return string(text)
}

// offset is where the next token starts.
func (p *parser) offset() uint32 {
	if t := p.peek(); t != nil {
		return t.Start
	}
	return p.stop
}
