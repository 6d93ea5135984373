package syntax

import (
	"unicode/utf8"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

const wantMailbox = "a mailbox name"

// Canonical is a decoded mailbox name as policy compares it: INBOX is case-insensitive as a whole name (RFC 9051 section
// 5.1), every other name, and every part of one, is as it is.
func Canonical(name string) string {
	if len(name) == len(inbox) && wire.EqualFold([]byte(name), inbox) {
		return inbox
	}
	return name
}

const inbox = "INBOX"

// mailbox reads a mailbox, decodes it, and makes it canonical.
func (p *parser) mailbox() *string {
	offset := p.offset()
	text := p.astring(wantMailbox)
	if p.stopped() {
		return nil
	}
	name := inbox
	if !wire.EqualFold(text, inbox) {
		name = p.name(text, offset)
	}
	if p.stopped() {
		return nil
	}
	return &name
}

// name decodes a mailbox name or a pattern.
func (p *parser) name(text []byte, offset uint32) string {
	if p.mode.UTF8 {
		return p.utf8Name(text, offset)
	}
	name, err := DecodeName(text)
	if err != nil {
		p.failAt(offset, "a mailbox name in canonical modified UTF-7")
	}
	return name
}

// utf8Name is a name once UTF-8 was enabled: there "&" stands for itself (RFC 6855 section 3, RFC 9051 section 5.1).
// Control characters are refused, as RFC 5198 has none but in text.
func (p *parser) utf8Name(text []byte, offset uint32) string {
	for i := range text {
		if text[i] < ' ' || text[i] == 0x7f {
			p.failAt(offset, "a mailbox name without control characters")
			return ""
		}
	}
	if !utf8.Valid(text) {
		p.failAt(offset, "a mailbox name in UTF-8")
		return ""
	}
	return string(text)
}

// oneMailbox is the grammar of a command whose argument is a mailbox.
func (p *parser) oneMailbox() { p.cmd.Mailbox = p.mailbox() }

// rename reads RENAME's arguments.
func (p *parser) rename() {
	p.cmd.Mailbox = p.mailbox()
	p.cmd.NewMailbox = p.mailbox()
}
