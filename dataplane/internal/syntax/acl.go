package syntax

// mailboxIdentifier reads the arguments of DELETEACL and LISTRIGHTS (RFC 4314 sections 3.2 and 3.4).
func (p *parser) mailboxIdentifier() {
	p.cmd.Mailbox = p.mailbox()
	p.astring("an identifier")
}

// setACL reads SETACL's arguments (RFC 4314 section 3.1).
func (p *parser) setACL() {
	p.mailboxIdentifier()
	offset := p.offset()
	rights := p.astring("rights")
	if len(rights) > 0 && (rights[0] == '+' || rights[0] == '-') {
		rights, offset = rights[1:], offset+1
	}
	p.only(rights, offset, isRight, "rights")
}

// isRight reports whether c may be a right: a lower-case letter or a digit (RFC 4314 section 7).
func isRight(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }
