package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// The commands below are refused whatever their arguments say. They are parsed so that a malformed one is told so, and so
// that a literal in one is followed.

// notify reads NOTIFY's arguments (RFC 5465 section 8).
func (p *parser) notify() {
	if p.word("NONE") {
		return
	}
	if !p.word("SET") {
		p.fail("SET or NONE")
	}
	p.word("STATUS")
	p.items1(func(p *parser) {
		f := p.open("a list of mailboxes and events")
		p.filterMailboxes()
		p.events()
		p.close(f)
	})
}

// events reads the events of an event-group.
func (p *parser) events() {
	if p.word("NONE") {
		return
	}
	p.list1("a list of events, or NONE", func(p *parser) {
		p.atom("an event")
		if p.nextIs(wire.List) {
			p.list1("a list of data items", (*parser).fetchItem)
		}
	})
}

// filterMailboxes reads filter-mailboxes (RFC 5465 section 8, RFC 7377 section 4).
func (p *parser) filterMailboxes() { p.term(mailboxFilters, "a choice of mailboxes") }

var mailboxFilters = vocabularyOf(
	term{"SELECTED", nil},
	term{"SELECTED-DELAYED", nil},
	term{"INBOXES", nil},
	term{"PERSONAL", nil},
	term{"SUBSCRIBED", nil},
	term{"SUBTREE", (*parser).mailboxes},
	term{"SUBTREE-ONE", (*parser).mailboxes},
	term{"MAILBOXES", (*parser).mailboxes},
)

// mailboxes reads one-or-more-mailbox.
func (p *parser) mailboxes() {
	if p.nextIs(wire.List) {
		p.list1("a list of mailboxes", func(p *parser) { p.mailbox() })
	} else {
		p.mailbox()
	}
}

// esearch reads ESEARCH's arguments (RFC 7377 section 4).
func (p *parser) esearch() {
	if p.word("IN") {
		f := p.open("a list of mailboxes")
		p.filterMailboxes()
		for p.nextIs(wire.Atom) {
			p.filterMailboxes()
		}
		if p.more() {
			p.list1("a list of options", (*parser).argument)
		}
		p.close(f)
	}
	p.search()
}

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
