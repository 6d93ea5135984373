package syntax

import (
	"bytes"
	"math"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// search reads SEARCH's arguments (RFC 9051 section 6.4.4, RFC 3501 for the older keys).
func (p *parser) search() {
	p.searchReturn()
	p.searchProgram()
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

// searchReturn reads search-return-opts, if there are any.
func (p *parser) searchReturn() {
	if p.word("RETURN") {
		p.list0("a list of return options", func(p *parser) { p.itemOf(searchOptions, "a return option of SEARCH") })
	}
}

// searchOptions are of RFC 9051 section 6.4.4, RFC 5267 section 5, RFC 6203 and RFC 9394.
var searchOptions = vocabularyOf(
	term{"MIN", nil},
	term{"MAX", nil},
	term{"ALL", nil},
	term{"COUNT", nil},
	term{"SAVE", nil},
	term{"CONTEXT", nil},
	term{"UPDATE", nil},
	term{"RELEVANCY", nil},
	term{"PARTIAL", func(p *parser) { p.partialRange(true) }},
)

// searchProgram reads search-program.
func (p *parser) searchProgram() {
	if p.word("CHARSET") {
		p.charset()
	}
	p.items1((*parser).searchKey)
}

// charset reads a charset. RFC 3501 has an astring there, RFC 9051 an atom or a quoted string.
func (p *parser) charset() { p.astring("a charset") }

// searchKey reads a search-key. NOT, OR and FUZZY only ask for more of them, so that a long row of them needs no deep
// stack; lists are as deep as the scanner let them be.
func (p *parser) searchKey() {
	for keys := 1; keys > 0 && !p.stopped(); keys-- {
		if p.nextIs(wire.List) {
			p.list1("a list of search keys", (*parser).searchKey)
			continue
		}
		text, offset := p.atomText("a search key")
		if text == nil {
			return
		}
		key, ok := searchKeys.find(text)
		if !ok {
			if !isSet(text) {
				p.failAt(offset, "a search key")
			}
			continue
		}
		p.cmd.SearchKeys = p.collect(p.cmd.SearchKeys, key.name)
		switch key.name {
		case "NOT", "FUZZY":
			keys++
		case "OR":
			keys += 2
		}
		if key.args != nil {
			key.args(p)
		}
	}
}

// searchText reads what a message is searched for. It need not be UTF-8: CHARSET says what it is.
func (p *parser) searchText() { p.astring("a string to search for") }

// searchHeader reads HEADER's arguments.
func (p *parser) searchHeader() {
	p.astring("a header field name")
	p.searchText()
}

// searchKeyword reads KEYWORD's argument.
func (p *parser) searchKeyword() { p.atom("a keyword") }

// searchUIDs reads UID's argument.
func (p *parser) searchUIDs() { p.checkSet(true) }

// searchModSeq reads MODSEQ's arguments (RFC 7162 section 3.1.5).
func (p *parser) searchModSeq() {
	if p.nextIs(wire.Quoted) {
		offset := p.offset()
		if entry := p.quoted("an entry"); !bytes.HasPrefix(entry, []byte("/flags/")) {
			p.failAt(offset, "an entry below /flags/")
		}
		if !p.word("PRIV") && !p.word("SHARED") && !p.word("ALL") {
			p.fail("priv, shared or all")
		}
	}
	p.number64()
}

// objectID reads the identifier that EMAILID or THREADID wants (RFC 8474 section 7).
func (p *parser) objectID() {
	const want = "an object identifier"
	text, offset := p.atomText(want)
	if len(text) > 255 {
		p.failAt(offset, want)
	}
	p.only(text, offset, func(c byte) bool { return wire.IsTagChar(c) && c != '.' }, want)
}

// filterName reads FILTER's argument (RFC 5466 section 4).
func (p *parser) filterName() {
	const want = "the name of a filter"
	offset := p.offset()
	p.only(p.atom(want), offset, func(c byte) bool { return c != '/' }, want)
}

// partialRange reads a partial-range (RFC 9394 section 4). fromEnd: it may count from the last message.
func (p *parser) partialRange(fromEnd bool) {
	const want = "a range of numbers"
	text, offset := p.atomText(want)
	if text == nil {
		return
	}
	first, last, ok := bytes.Cut(text, []byte(":"))
	if oldest, minus := bytes.CutPrefix(first, []byte("-")); minus && fromEnd {
		first = oldest
		last, minus = bytes.CutPrefix(last, []byte("-"))
		ok = ok && minus
	}
	_, firstOK := positive(first, math.MaxUint32)
	_, lastOK := positive(last, math.MaxUint32)
	if !ok || !firstOK || !lastOK {
		p.failAt(offset, want)
	}
}
