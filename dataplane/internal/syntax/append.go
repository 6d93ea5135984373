package syntax

import (
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// The kinds of append-data (RFC 4466 section 3), as Fields.AppendData has them.
const (
	dataLiteral  = "LITERAL"
	dataUTF8     = "UTF8"
	dataCatenate = "CATENATE"
)

// append reads APPEND's arguments (RFC 9051 section 6.3.12, RFC 3502 for more than one message).
func (p *parser) append() {
	p.cmd.Mailbox = p.mailbox()
	p.items1((*parser).appendMessage)
}

// replace reads REPLACE's arguments (RFC 8508 section 5).
func (p *parser) replace() {
	text, offset := p.atomText("a message number")
	if text == nil {
		return
	}
	n, ok := seqNumber(text)
	if !ok {
		p.failAt(offset, "a message number")
		return
	}
	p.cmd.Set = []SetRange{{n, n}}
	p.cmd.Mailbox = p.mailbox()
	p.appendMessage()
}

// appendMessage reads an append-message: flags, date and what the message is made of.
func (p *parser) appendMessage() {
	if p.nextIs(wire.List) {
		p.flagList()
	}
	if p.nextIs(wire.Quoted) {
		offset := p.offset()
		date := p.quoted("a date and time")
		if !isDateTime(date) {
			p.failAt(offset, "a date and time")
		}
		p.cmd.Date = string(date)
	}
	switch {
	case p.word("CATENATE"):
		p.appendData(dataCatenate)
		p.cmd.Literal = nil // of a message before this one
		p.list1("a list of parts", (*parser).catenatePart)
	case p.mode.UTF8 && p.word("UTF8"):
		p.utf8Data()
	default:
		if p.message(p.mode.Literal8) != nil {
			p.appendData(dataLiteral)
		}
	}
}

// appendData notes what a message is made of.
func (p *parser) appendData(kind string) {
	c := p.cmd
	if c.AppendData == nil {
		c.AppendData = c.data[:0]
	}
	if !slices.Contains(c.AppendData, kind) {
		c.AppendData = append(c.AppendData, kind)
	}
}

// message reads a literal that is streamed, the message or a part of it.
func (p *parser) message(binary bool) *wire.Token {
	t := p.take(wire.Literal, wire.Literal, "a literal")
	if t == nil {
		return nil
	}
	p.literalText(t, binary)
	if p.err != nil {
		return nil
	}
	p.cmd.Message = t.Pending
	if !slices.Contains(p.cmd.AppendData, dataCatenate) {
		p.cmd.Literal = &t.Header // else no literal is the whole of what is appended
	}
	return t
}

// utf8Data reads the list of UTF8 data (RFC 6855 section 4).
func (p *parser) utf8Data() {
	p.appendData(dataUTF8)
	f := p.open("a list of a literal")
	if t := p.peek(); t != nil && t.Kind == wire.Literal && !t.Header.Binary {
		p.fail("a literal with ~")
	}
	if t := p.message(true); t != nil {
		p.cmd.Part = t.Pending
	}
	p.close(f)
}
