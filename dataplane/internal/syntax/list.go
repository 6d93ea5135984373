package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// list reads LIST's arguments (RFC 5258 section 6, of which RFC 9051 section 6.3.9 has a part).
func (p *parser) list() {
	if p.nextIs(wire.List) {
		p.selectionOptions()
	}
	p.cmd.Reference = p.reference()
	if p.nextIs(wire.List) {
		p.list1("a list of patterns", (*parser).pattern)
	} else {
		p.pattern()
	}
	if !p.more() {
		return
	}
	if !p.word("RETURN") {
		p.fail("RETURN")
	}
	p.list0("a list of return options", func(p *parser) { p.itemOf(returnOptions, "a return option of LIST") })
}

// lsub reads the arguments of LSUB and of the older kin of LIST (RFC 3501 section 6.3.9).
func (p *parser) lsub() {
	p.cmd.Reference = p.reference()
	p.pattern()
}

// reference reads a reference name, which need not be a mailbox.
func (p *parser) reference() *string {
	name := p.mailboxName()
	if p.stopped() {
		return nil
	}
	return &name
}

// pattern reads a list-mailbox. One without wildcards is a name, so that INBOX is folded there too.
func (p *parser) pattern() {
	offset := p.offset()
	text := p.unquotedOrString(wire.IsListChar, "a mailbox pattern")
	if p.stopped() {
		return
	}
	p.cmd.Patterns = append(p.cmd.Patterns, Canonical(p.name(text, offset)))
}

// selectionOptions reads list-select-opts.
func (p *parser) selectionOptions() {
	base, modifier, offset := false, false, p.offset()
	f := p.open("a list of selection options")
	for p.more() {
		switch p.term(selectOptions, "a selection option of LIST") {
		case "SUBSCRIBED":
			base = true
		case "RECURSIVEMATCH":
			modifier = true
		}
	}
	p.close(f)
	if modifier && !base {
		p.failAt(offset, "a selection option beside RECURSIVEMATCH")
	}
}

// selectOptions are of RFC 5258 section 3.1 and RFC 6154 section 5.2.
var selectOptions = vocabularyOf(
	term{"SUBSCRIBED", nil},
	term{"REMOTE", nil},
	term{"RECURSIVEMATCH", nil},
	term{"SPECIAL-USE", nil},
)

// returnOptions are of RFC 5258 section 3.2, RFC 5819, RFC 6154, RFC 8440 and RFC 9590.
var returnOptions = vocabularyOf(
	term{"SUBSCRIBED", nil},
	term{"CHILDREN", nil},
	term{"SPECIAL-USE", nil},
	term{"MYRIGHTS", nil},
	term{"STATUS", func(p *parser) {
		p.list1("a list of status items", func(p *parser) { p.term(statusItems, wantStatusItem) })
	}},
	term{"METADATA", func(p *parser) { p.list1("a list of entries", (*parser).entry) }},
)
