package syntax

import (
	"strings"
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

// mailbox reads a mailbox that the command names.
func (p *parser) mailbox() *string {
	name := p.mailboxName()
	if p.stopped() {
		return nil
	}
	return p.names(name)
}

// names notes a mailbox that the command names.
func (p *parser) names(name string) *string {
	c := p.cmd
	if c.Mailboxes == nil {
		c.Mailboxes = c.one[:0]
	}
	c.Mailboxes = append(c.Mailboxes, name)
	return &c.Mailboxes[len(c.Mailboxes)-1]
}

// mailboxName reads a mailbox, decodes it, and makes it canonical.
func (p *parser) mailboxName() string {
	offset := p.offset()
	text := p.astring(wantMailbox)
	switch {
	case p.stopped():
		return ""
	case wire.EqualFold(text, inbox):
		return inbox
	}
	return p.name(text, offset)
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
func (p *parser) utf8Name(text []byte, offset uint32) string {
	name := string(text)
	switch {
	case !utf8.Valid(text):
		p.failAt(offset, "a mailbox name in UTF-8")
	case !isPlainName(name):
		p.failAt(offset, "a mailbox name without control characters and modified UTF-7")
	}
	return name
}

// decodeName decodes a name that a server tells; ok false: no command can have it.
func decodeName(text []byte, utf8Names bool) (name string, ok bool) {
	if utf8Names {
		name = string(text)
		return Canonical(name), utf8.ValidString(name) && isPlainName(name)
	}
	name, err := DecodeName(text)
	return Canonical(name), err == nil
}

// isPlainName tells a name in UTF-8 that has one reading. It has no control characters and no line ends (RFC 6855 section 3),
// and nothing that a server which still decodes modified UTF-7, as RFC 6855 lets it, would take for another name.
func isPlainName(name string) bool {
	for _, r := range name {
		if r < ' ' || 0x7f <= r && r <= 0x9f || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	for rest := name; ; {
		_, behind, shift := strings.Cut(rest, "&")
		encoded, _, closed := strings.Cut(behind, "-")
		if !shift || !closed {
			return true
		}
		if decodeShift(&strings.Builder{}, encoded) {
			return false
		}
		rest = behind
	}
}

// oneMailbox is the grammar of a command whose argument is a mailbox.
func (p *parser) oneMailbox() { p.cmd.Mailbox = p.mailbox() }

// rename reads RENAME's arguments.
func (p *parser) rename() {
	p.cmd.Mailbox = p.mailbox()
	p.cmd.NewMailbox = p.mailbox()
}
