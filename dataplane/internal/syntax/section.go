package syntax

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// sectionItems are the data items with a section. binary: the section is a part number only.
var sectionItems = []struct {
	name            string
	binary, partial bool
}{
	{"BODY", false, true},
	{"BODY.PEEK", false, true},
	{"BINARY", true, true},
	{"BINARY.PEEK", true, true},
	{"BINARY.SIZE", true, false},
}

// sectionItem reads what follows the name of a data item with a section, and spells the item in one way.
func (p *parser) sectionItem(name []byte, offset uint32) {
	for _, s := range sectionItems {
		if !wire.EqualFold(name, s.name) {
			continue
		}
		item := append(make([]byte, 0, 64), s.name...)
		item = p.section(item, s.binary)
		if t := p.peek(); t != nil && t.Joined && t.Kind == wire.Atom && s.partial {
			item = p.partial(item, t)
		}
		if !p.stopped() {
			p.cmd.Items = p.collect(p.cmd.Items, string(item))
		}
		return
	}
	p.failAt(offset, wantItem)
}

// section reads a section, or a section-binary.
func (p *parser) section(item []byte, binary bool) []byte {
	item = append(item, '[')
	f := p.enter(p.peek())
	if p.more() {
		text, offset := p.atomText("a section")
		part, rest, ok := cutPart(text)
		if !ok || binary && len(rest) > 0 {
			p.failAt(offset, "a section")
			return item
		}
		item = wire.AppendUpper(item, text)
		item = p.sectionText(item, rest, len(part) > 0, offset)
	}
	p.close(f)
	return append(item, ']')
}

// sectionText reads what follows a section's part number; rest is that of its first atom.
func (p *parser) sectionText(item, rest []byte, ofPart bool, offset uint32) []byte {
	switch {
	case len(rest) == 0 && ofPart:
	case wire.EqualFold(rest, "HEADER"), wire.EqualFold(rest, "TEXT"), wire.EqualFold(rest, "MIME") && ofPart:
	case wire.EqualFold(rest, "HEADER.FIELDS"), wire.EqualFold(rest, "HEADER.FIELDS.NOT"):
		return p.headerList(append(item, ' '))
	default:
		p.failAt(offset, "a section")
	}
	return item
}

// headerList reads a header-list.
func (p *parser) headerList(item []byte) []byte {
	item = append(item, '(')
	f := p.open("a list of header field names")
	for first := true; first || p.more(); first = false {
		offset := p.offset()
		name := p.astring("a header field name")
		if !utf8.Valid(name) {
			p.failAt(offset, "UTF-8")
		}
		if p.stopped() {
			return item
		}
		if !first {
			item = append(item, ' ')
		}
		if isUnquoted(name) {
			item = wire.AppendUpper(item, name)
		} else {
			item = AppendAString(item, p.upper(name))
		}
	}
	p.close(f)
	return append(item, ')')
}

// cutPart splits a section's first atom into the section-part and what follows its dot; ok is false if it starts like a
// part number and has none.
func cutPart(text []byte) (part, rest []byte, ok bool) {
	rest = text
	for len(rest) > 0 && '0' <= rest[0] && rest[0] <= '9' {
		number, behind, dot := bytes.Cut(rest, []byte("."))
		if _, ok := positive(number, math.MaxUint32); !ok || dot && len(behind) == 0 {
			return nil, nil, false
		}
		rest = behind
	}
	return text[:len(text)-len(rest)], rest, true
}

// partial reads a partial: "<0.100>".
func (p *parser) partial(item []byte, t *wire.Token) []byte {
	const want = "a partial"
	text := p.raw[t.Start:t.End]
	inner, ok := bytes.CutPrefix(text, []byte("<"))
	inner, closed := bytes.CutSuffix(inner, []byte(">"))
	first, count, dot := bytes.Cut(inner, []byte("."))
	from, firstOK := decimal(first, math.MaxInt64)
	octets, countOK := positive(count, math.MaxInt64)
	if !ok || !closed || !dot || !firstOK || !countOK {
		p.fail(want)
		return item
	}
	p.at = t.Next
	item = strconv.AppendUint(append(item, '<'), from, 10)
	item = strconv.AppendUint(append(item, '.'), octets, 10)
	return append(item, '>')
}
