package syntax

// maxIDPairs is how many pairs a client may send (RFC 2971 section 3.3).
const maxIDPairs = 30

// id reads ID's argument (RFC 2971 section 3.1). Field names are case-insensitive; the map has them in lower case, each
// with its first value, "" for NIL.
func (p *parser) id() {
	if p.word("NIL") {
		return
	}
	pairs := 0
	p.cmd.ID = make(map[string]string)
	p.list0("a list of fields and values, or NIL", func(p *parser) {
		if pairs++; pairs > maxIDPairs {
			p.fail("at most 30 fields")
		}
		offset := p.offset()
		name := lower(p.utf8Text(p.string("a field name"), offset))
		offset = p.offset()
		value := p.utf8Text(p.nstring("a value or NIL", false), offset)
		if _, again := p.cmd.ID[name]; !again && !p.stopped() {
			p.cmd.ID[name] = value
		}
	})
}

// lower is s with the ASCII letters in lower case.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}
