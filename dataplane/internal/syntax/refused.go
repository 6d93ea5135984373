package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// The commands below are refused whatever their arguments say. They are parsed so that a malformed one is told so, and so
// that a literal in one is followed.

// genURLAuth reads GENURLAUTH's arguments (RFC 4467).
func (p *parser) genURLAuth() {
	p.items1(func(p *parser) {
		p.astring("a URL")
		p.atom("a mechanism")
	})
}

// resetKey reads RESETKEY's arguments (RFC 4467).
func (p *parser) resetKey() {
	if !p.more() {
		return
	}
	p.cmd.Mailbox = p.mailbox()
	for p.more() {
		p.atom("a mechanism")
	}
}

// urlFetch reads URLFETCH's arguments (RFC 4467, RFC 5524). A URL carries its own authorization.
func (p *parser) urlFetch() {
	p.items1(func(p *parser) {
		p.secret()
		if !p.nextIs(wire.List) {
			p.astring("a URL")
			return
		}
		f := p.open("a URL")
		p.astring("a URL")
		for p.more() {
			p.atom("a parameter")
		}
		p.close(f)
	})
}

// convert reads the arguments of CONVERT and UID CONVERT (RFC 5259 section 10).
func (p *parser) convert() {
	p.sequenceSet()
	p.list1("a list of the type and its parameters", (*parser).argument)
	if p.nextIs(wire.List) {
		p.list1("a list of data items", (*parser).convertItem)
	} else {
		p.convertItem()
	}
}

// convertItem reads a data item with or without section and partial, of any name. The scanner knows FETCH's items only: of
// others the section is part of the atom.
func (p *parser) convertItem() {
	text, offset := p.atomText(wantItem)
	p.only(text, offset, wire.IsAstringChar, wantItem)
	for t := p.peek(); t != nil && t.Joined; t = p.peek() {
		p.at = t.Next
	}
}

// conversions reads CONVERSIONS' arguments (RFC 5259 section 5.1).
func (p *parser) conversions() {
	p.astring("a media type")
	p.astring("a media type")
}
