package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// selectMailbox reads the arguments of SELECT and EXAMINE (RFC 9051 section 6.3.2, RFC 4466 section 2.4).
func (p *parser) selectMailbox() {
	p.cmd.Mailbox = p.mailbox()
	if p.more() {
		p.list1("a list of parameters", func(p *parser) { p.itemOf(selectParams, "a parameter of SELECT") })
	}
}

// selectParams are of RFC 7162 sections 3.1.8 and 3.2.5.
var selectParams = vocabularyOf(
	term{"CONDSTORE", nil},
	term{"QRESYNC", (*parser).qresync},
)

// qresync reads what the client knows of the mailbox.
func (p *parser) qresync() {
	f := p.open("a list of what is known")
	p.nzNumber()   // uidvalidity
	p.nzNumber64() // mod-sequence-value
	if p.nextIs(wire.Atom) {
		p.checkSet(false)
	}
	if p.more() {
		match := p.open("a list of message numbers and UIDs")
		p.checkSet(false)
		p.checkSet(false)
		p.close(match)
	}
	p.close(f)
}

// create reads CREATE's arguments (RFC 9051 section 6.3.4, RFC 6154 section 3).
func (p *parser) create() {
	p.cmd.Mailbox = p.mailbox()
	if p.more() {
		p.list1("a list of parameters", func(p *parser) { p.itemOf(createParams, "a parameter of CREATE") })
	}
}

var createParams = vocabularyOf(term{"USE", (*parser).use})

// use reads the special uses that a new mailbox is for.
func (p *parser) use() {
	p.list0("a list of special uses", func(p *parser) {
		text, offset := p.atomText("a special use")
		if text == nil {
			return
		}
		if len(text) < 2 || text[0] != '\\' {
			p.failAt(offset, "a special use")
			return
		}
		p.only(text[1:], offset+1, wire.IsAtomChar, "a special use")
	})
}
