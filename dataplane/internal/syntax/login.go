package syntax

import "bytes"

// login reads LOGIN's arguments (RFC 9051 section 6.2.3).
func (p *parser) login() {
	offset := p.offset()
	user := p.astring("a user name")
	p.cmd.User = p.utf8Text(user, offset)
	p.secret()
	if password := p.astring("a password"); !p.stopped() {
		p.cmd.Password = append([]byte{}, password...)
	}
}

// authenticate reads AUTHENTICATE's arguments (RFC 9051 section 6.2.2, RFC 4959).
func (p *parser) authenticate() {
	offset := p.offset()
	mechanism := p.atom("a SASL mechanism")
	if !isMechanism(mechanism) {
		p.failAt(offset, "a SASL mechanism")
	}
	if p.stopped() {
		return
	}
	p.cmd.Mechanism = p.upper(mechanism)
	if !p.more() {
		return
	}
	p.secret()
	text, offset := p.atomText("an initial response in base64")
	if !isInitialResponse(text) {
		p.failAt(offset, "an initial response in base64")
	}
	if !p.stopped() {
		p.cmd.InitialResponse = bytes.Clone(text)
	}
}

// secret marks the next argument, with all in it, as one that must not leave the dataplane.
func (p *parser) secret() {
	t := p.peek()
	if t == nil {
		return
	}
	for i := p.at; i < t.Next; i++ {
		p.cmd.Secret = append(p.cmd.Secret, int(i))
	}
}

// isMechanism reports whether name is a sasl-mech (RFC 4422 section 3.1), in any case.
func isMechanism(name []byte) bool {
	for _, c := range name {
		letter := 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if !letter && (c < '0' || '9' < c) && c != '-' && c != '_' {
			return false
		}
	}
	return 1 <= len(name) && len(name) <= 20
}

// isInitialResponse reports whether b is an initial-resp: "=", or base64 that is not empty.
func isInitialResponse(b []byte) bool {
	return string(b) == "=" || len(b) > 0 && isBase64(b)
}

// isBase64 reports whether b is base64 as RFC 9051 section 9 has it.
func isBase64(b []byte) bool {
	if len(b)%4 != 0 {
		return false
	}
	data := bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("=")), []byte("="))
	for _, c := range data {
		letter := 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if !letter && (c < '0' || '9' < c) && c != '+' && c != '/' {
			return false
		}
	}
	return true
}
