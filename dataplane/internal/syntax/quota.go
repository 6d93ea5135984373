package syntax

// getQuota reads GETQUOTA's argument (RFC 9208 section 4.1.1).
func (p *parser) getQuota() { p.astring("a quota root") }

// setQuota reads SETQUOTA's arguments (RFC 9208 section 4.1.3).
func (p *parser) setQuota() {
	p.astring("a quota root")
	p.list0("a list of limits", func(p *parser) {
		p.atom("a resource")
		p.number64()
	})
}
