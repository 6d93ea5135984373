package syntax

import (
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// fetch reads FETCH's arguments (RFC 9051 section 6.4.5, RFC 4466 section 2.4 for the modifiers).
func (p *parser) fetch() { p.fetchWith(fetchModifiers) }

// uidFetch reads UID FETCH's. VANISHED is its own (RFC 7162 section 3.2.6).
func (p *parser) uidFetch() { p.fetchWith(uidFetchModifiers) }

func (p *parser) fetchWith(modifiers vocabulary) {
	p.sequenceSet()
	switch {
	case p.nextIs(wire.List):
		p.list1("a list of data items", (*parser).fetchItem)
	case p.macro():
	default:
		p.fetchItem()
	}
	if p.more() {
		p.list1("a list of modifiers", func(p *parser) { p.term(modifiers, "a modifier of FETCH") })
	}
}

// macros stand for several data items, and alone (RFC 9051 section 6.4.5).
var macros = []struct {
	name  string
	items []string
}{
	{"FAST", []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE"}},
	{"ALL", []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"}},
	{"FULL", []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"}},
}

// macro reads a macro, if one is next.
func (p *parser) macro() bool {
	for _, m := range macros {
		if p.word(m.name) {
			p.cmd.Items = slices.Clone(m.items)
			return true
		}
	}
	return false
}

const wantItem = "a data item"

// fetchItem reads a fetch-att.
func (p *parser) fetchItem() {
	name, offset := p.atomText(wantItem)
	if name == nil {
		return
	}
	if t := p.peek(); t != nil && t.Kind == wire.Section && t.Joined {
		p.sectionItem(name, offset)
		return
	}
	item, ok := fetchItems.find(name)
	if !ok {
		p.failAt(offset, wantItem)
		return
	}
	text := item.name
	if text == "PREVIEW" && p.lazy() {
		text = "PREVIEW (LAZY)"
	}
	p.cmd.Items = p.collect(p.cmd.Items, text)
}

// fetchItems are those without a section, of RFC 9051 section 6.4.5, RFC 3501 (RFC822 and its kin), RFC 7162, RFC 8474, RFC 8514,
// RFC 8970 and Gmail.
var fetchItems = vocabularyOf(
	term{"BODY", nil},
	term{"BODYSTRUCTURE", nil},
	term{"EMAILID", nil},
	term{"ENVELOPE", nil},
	term{"FLAGS", nil},
	term{"INTERNALDATE", nil},
	term{"MODSEQ", nil},
	term{"PREVIEW", nil},
	term{"RFC822", nil},
	term{"RFC822.HEADER", nil},
	term{"RFC822.SIZE", nil},
	term{"RFC822.TEXT", nil},
	term{"SAVEDATE", nil},
	term{"THREADID", nil},
	term{"UID", nil},
	term{"X-GM-LABELS", nil},
	term{"X-GM-MSGID", nil},
	term{"X-GM-THRID", nil},
)

// lazy reads PREVIEW's modifier. A list that is not one is of FETCH's own modifiers.
func (p *parser) lazy() bool {
	t := p.peek()
	if t == nil || t.Kind != wire.List || t.Next == p.at+1 {
		return false
	}
	first := p.tokens[p.at+1]
	if first.Kind != wire.Atom || !wire.EqualFold(p.raw[first.Start:first.End], "LAZY") {
		return false
	}
	p.list1("a list of modifiers", func(p *parser) {
		if !p.word("LAZY") {
			p.fail("LAZY")
		}
	})
	return true
}

// fetchModifiers are of RFC 7162 section 3.1.4.1 and RFC 9394 section 3.3.
var fetchModifiers = vocabularyOf(
	term{"CHANGEDSINCE", (*parser).nzNumber64},
	term{"PARTIAL", func(p *parser) { p.partialRange(true) }},
)

var uidFetchModifiers = vocabularyOf(
	fetchModifiers["CHANGEDSINCE"],
	fetchModifiers["PARTIAL"],
	term{"VANISHED", nil},
)
