package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

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

// events reads the events of an event-group. What a new message is to be shown with are data items like FETCH's.
func (p *parser) events() {
	if p.word("NONE") {
		return
	}
	p.list1("a list of events, or NONE", func(p *parser) {
		if p.word("MESSAGENEW") {
			if p.nextIs(wire.List) {
				p.list1("a list of data items", (*parser).fetchItem)
			}
			return
		}
		p.atom("an event")
	})
}

// filterMailboxes reads filter-mailboxes (RFC 5465 section 8, RFC 7377 section 4) into the items: some stand for mailboxes that
// are not named.
func (p *parser) filterMailboxes() { p.itemOf(mailboxFilters, "a choice of mailboxes") }

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
