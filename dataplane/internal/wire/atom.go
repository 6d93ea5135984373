package wire

import "bytes"

// atom scans a run of argument characters.
func (c *scan) atom(joined bool) error {
	end := run(c.raw, c.pos, classArgument)
	atom := c.raw[c.pos:end]
	switch {
	case c.inSection:
		// The grammar of a section has no astring in which a bracket would need to stand.
		if i := bytes.IndexAny(atom, "[]"); i >= 0 {
			end = c.pos + i
		}
	case c.sections:
		if i := bytes.IndexByte(atom, '['); i > 0 && hasSection(atom[:i]) {
			end = c.pos + i
		}
	}
	if end == c.pos {
		return c.want("an argument")
	}
	c.add(Token{Kind: Atom, Joined: joined}, end)
	return nil
}

// hasSection reports whether an atom is a FETCH data item that has a section behind it (RFC 9051 section 6.4.5). Behind any
// other atom "[" is an ATOM-CHAR: keywords and labels have it.
func hasSection(atom []byte) bool {
	switch len(atom) {
	case len("BODY"):
		return EqualFold(atom, "BODY")
	case len("BINARY"):
		return EqualFold(atom, "BINARY")
	case len("BODY.PEEK"):
		return EqualFold(atom, "BODY.PEEK")
	case len("BINARY.PEEK"):
		return EqualFold(atom, "BINARY.PEEK") || EqualFold(atom, "BINARY.SIZE")
	}
	return false
}

// flag scans "\" with an atom behind it, or "\*" (RFC 9051 section 9, flag and flag-perm).
func (c *scan) flag() error {
	end := run(c.raw, c.pos+1, classAtom)
	if end == c.pos+1 && c.peek(1) == '*' {
		end++
	}
	if end == c.pos+1 {
		c.pos++
		return c.want("the name of a flag")
	}
	c.add(Token{Kind: Atom}, end)
	return nil
}
