package syntax

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// getMetadata reads GETMETADATA's arguments (RFC 5464 section 4.2). The empty mailbox name is the server. The options stand
// before the mailbox in section 5, and behind it in the examples of sections 4.2.1 and 4.2.2.
func (p *parser) getMetadata() {
	options := p.metadataOptions()
	p.cmd.Mailbox = p.mailbox()
	if t := p.peek(); !options && t != nil && t.Next < p.end {
		p.metadataOptions()
	}
	if p.nextIs(wire.List) {
		p.list1("a list of entries", (*parser).entry)
	} else {
		p.entry()
	}
}

// metadataOptions reads GETMETADATA's options, if a list is next.
func (p *parser) metadataOptions() bool {
	if !p.nextIs(wire.List) {
		return false
	}
	p.list1("a list of options", func(p *parser) { p.term(metadataOptionTerms, "an option of GETMETADATA") })
	return true
}

var metadataOptionTerms = vocabularyOf(
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
