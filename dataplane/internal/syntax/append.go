package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// append reads APPEND's arguments (RFC 9051 section 6.3.12). Of RFC 4466's append-message it has no extension: no
// CATENATE, UTF8 or ANNOTATION, and of RFC 3502 no second message.
func (p *parser) append() {
	p.cmd.Mailbox = p.mailbox()
	p.appendMessage()
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
	p.append()
}

// appendMessage reads flags, date and the message.
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
	t := p.take(wire.Literal, wire.Literal, "a literal")
	if t == nil {
		return
	}
	p.cmd.Literal = &t.Header
	p.cmd.Message = t.Pending
	p.literalText(t, p.mode.Literal8)
}
