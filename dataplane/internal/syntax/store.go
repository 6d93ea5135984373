package syntax

import (
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// store reads STORE's arguments (RFC 9051 section 6.4.6, RFC 7162 section 3.1.3).
func (p *parser) store() {
	p.sequenceSet()
	if p.nextIs(wire.List) {
		f := p.open("a list of modifiers")
		if !p.word("UNCHANGEDSINCE") {
			p.fail("UNCHANGEDSINCE")
		}
		p.number64()
		p.close(f)
	}
	value := p.storeItem()
	if p.nextIs(wire.List) {
		p.list0("a list of flags", value)
	} else {
		p.items1(value)
	}
}

// storeItem reads what is stored, and returns the grammar of a value. Gmail's labels stand among the flags, told apart by
// the item.
func (p *parser) storeItem() (value func(*parser)) {
	const want = "FLAGS, +FLAGS or -FLAGS"
	text, offset := p.atomText(want)
	if text == nil {
		return (*parser).flag
	}
	if text[0] == '+' || text[0] == '-' {
		p.cmd.FlagsOperation = string(text[:1])
		text = text[1:]
	}
	if n := len(text) - len(".SILENT"); n > 0 && wire.EqualFold(text[n:], ".SILENT") {
		p.cmd.Silent = true
		text = text[:n]
	}
	switch {
	case wire.EqualFold(text, "FLAGS"):
		return (*parser).flag
	case wire.EqualFold(text, labels):
		p.cmd.Items = []string{labels}
		return (*parser).label
	}
	p.failAt(offset, want)
	return (*parser).flag
}

const labels = "X-GM-LABELS"

// label reads a Gmail label: a flag such as \Inbox, or a mailbox name.
func (p *parser) label() {
	if t := p.peek(); t != nil && t.Kind == wire.Atom && p.raw[t.Start] == '\\' {
		p.flag()
		return
	}
	if name := p.mailboxName(); !p.stopped() {
		p.cmd.Flags = append(p.cmd.Flags, name)
	}
}

// copy reads the arguments of COPY and MOVE (RFC 9051 sections 6.4.7 and 6.4.8).
func (p *parser) copy() {
	p.sequenceSet()
	p.cmd.Mailbox = p.mailbox()
}

// uidExpunge reads UID EXPUNGE's argument (RFC 9051 section 6.4.9).
func (p *parser) uidExpunge() { p.sequenceSet() }
