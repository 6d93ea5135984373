package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// enable reads ENABLE's arguments (RFC 9051 section 6.3.1).
func (p *parser) enable() {
	p.items1(func(p *parser) {
		if name := p.atom("a capability"); name != nil {
			p.cmd.Capabilities = append(p.cmd.Capabilities, p.upper(name))
		}
	})
}

// compress reads COMPRESS's argument (RFC 4978 section 3).
func (p *parser) compress() { p.atom("a compression algorithm") }

// language reads LANGUAGE's arguments (RFC 5255 section 3.2).
func (p *parser) language() {
	for p.more() {
		p.astring("a language range")
	}
}

// comparator reads COMPARATOR's arguments (RFC 5255 section 4.7).
func (p *parser) comparator() {
	for p.more() {
		p.astring("a collation")
	}
}

// cancelUpdate reads CANCELUPDATE's arguments, which are tags (RFC 5267 section 4.3.5).
func (p *parser) cancelUpdate() {
	p.items1(func(p *parser) {
		offset := p.offset()
		p.only(p.quoted("a quoted tag"), offset+1, wire.IsTagChar, "a tag")
	})
}

// uidBatches reads UIDBATCHES's arguments (RFC 10022).
func (p *parser) uidBatches() {
	p.nzNumber()
	if p.more() {
		p.partialRange(false)
	}
}
