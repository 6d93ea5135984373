package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// systemFlags are those of RFC 9051 section 2.3.2, in its case.
var systemFlags = [...]string{`\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft`, `\Recent`}

// systemFlagsUpper are the same in upper case.
var systemFlagsUpper = [...]string{`\SEEN`, `\ANSWERED`, `\FLAGGED`, `\DELETED`, `\DRAFT`, `\RECENT`}

const wantFlag = "a flag"

// flag reads a flag. RFC 9051 leaves out \Recent, which RFC 3501 clients copy along: its flag-extension derives it.
func (p *parser) flag() {
	text, offset := p.atomText(wantFlag)
	if text == nil {
		return
	}
	for i, upper := range systemFlagsUpper {
		if wire.EqualFold(text, upper) {
			p.cmd.Flags = p.collect(p.cmd.Flags, systemFlags[i])
			return
		}
	}
	name := text
	if name[0] == '\\' {
		name, offset = name[1:], offset+1
	}
	if len(name) == 0 {
		p.failAt(offset, wantFlag)
	}
	if p.only(name, offset, wire.IsAtomChar, wantFlag) != nil {
		p.cmd.Flags = p.collect(p.cmd.Flags, string(text))
	}
}

// flagList reads a flag-list.
func (p *parser) flagList() { p.list0("a list of flags", (*parser).flag) }
