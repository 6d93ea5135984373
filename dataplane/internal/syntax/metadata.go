package syntax

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// getMetadata reads GETMETADATA's arguments (RFC 5464 sections 4.2 and 5). The empty mailbox name is the server.
func (p *parser) getMetadata() {
	if p.nextIs(wire.List) {
		p.list1("a list of options", func(p *parser) { p.term(metadataOptions, "an option of GETMETADATA") })
	}
	p.cmd.Mailbox = p.mailbox()
	if p.nextIs(wire.List) {
		p.list1("a list of entries", (*parser).entry)
	} else {
		p.entry()
	}
}

var metadataOptions = vocabularyOf(
	term{"MAXSIZE", (*parser).number},
	term{"DEPTH", func(p *parser) {
		if !p.word("0") && !p.word("1") && !p.word("INFINITY") {
			p.fail("0, 1 or infinity")
		}
	}},
)

// setMetadata reads SETMETADATA's arguments (RFC 5464 sections 4.3 and 5).
func (p *parser) setMetadata() {
	p.cmd.Mailbox = p.mailbox()
	p.list1("a list of entries and values", func(p *parser) {
		p.entry()
		p.nstring("a value", true)
	})
}

// entry reads the name of an entry: a path without wildcards.
func (p *parser) entry() {
	const want = "an entry"
	offset := p.offset()
	name := p.astring(want)
	if !p.stopped() && (len(name) == 0 || name[0] != '/' || bytes.ContainsAny(name, "*%")) {
		p.failAt(offset, want)
	}
}
