package wire

import "cmp"

// scan is one scan: a cursor over raw, and what the grammar depends on there. The tokens and the stack of open lists are
// the Scanner's.
type scan struct {
	*Scanner
	raw       []byte
	pos       int
	sections  bool // data items may have sections
	adjacent  bool // a list may stand directly behind a list
	inSection bool // the innermost list or one around it is a Section
	ended     Kind // the kind of the item that ends at pos
	pending   bool // raw ended at a literal header
}

func (s *Scanner) scan(raw []byte, from int, sections, adjacent bool) ([]Token, error) {
	if cap(s.tokens) > retainTokens {
		s.tokens = nil
	}
	s.tokens, s.open = s.tokens[:0], s.open[:0]
	c := scan{Scanner: s, raw: raw, pos: from, sections: sections, adjacent: adjacent}
	if err := c.items(); err != nil {
		return nil, err
	}
	return s.tokens, nil
}

// items scans up to the end.
func (c *scan) items() error {
	more, joined := true, false
	for more {
		err := c.item(joined)
		if err != nil {
			return err
		}
		if c.pending {
			c.endOpen()
			return nil
		}
		more, joined, err = c.separator()
		if err != nil {
			return err
		}
	}
	return nil
}

// item scans an item. Of a list that has items it scans the opening and the first of them.
func (c *scan) item(joined bool) error {
	for {
		if len(c.tokens) >= cmp.Or(c.Limits.Tokens, DefaultTokens) {
			return c.want("fewer arguments")
		}
		switch b := c.peek(0); {
		case b == '(':
			if empty, err := c.openList(List, joined); empty || err != nil {
				return err
			}
		case b == '[' && joined:
			if empty, err := c.openList(Section, joined); empty || err != nil {
				return err
			}
		case b == '"':
			return c.quoted()
		case b == '{' || b == '~' && c.peek(1) == '{':
			return c.literal()
		case b == '\\':
			return c.flag()
		default:
			return c.atom(joined)
		}
		joined = false
	}
}

// separator scans what stands behind an item: the ends of lists, and one space. more: an item follows; joined: without a
// space.
func (c *scan) separator() (more, joined bool, err error) {
	for c.pos < len(c.raw) {
		switch b := c.raw[c.pos]; {
		case b == ' ':
			c.pos++
			return true, false, nil
		case b == ')' || b == ']':
			if err := c.closeList(b); err != nil {
				return false, false, err
			}
		case b == '[' && c.ended == Atom && !c.inSection, // only a data item's atom ends before "["
			b == '<' && c.ended == Section,
			b == '(' && c.ended == List && c.adjacent:
			return true, true, nil
		default:
			return false, false, c.want("a space")
		}
	}
	if len(c.open) > 0 {
		return false, false, c.want("the end of a list")
	}
	return false, false, nil
}

// peek returns the octet at a distance from the cursor, NUL behind the end: no item has a NUL outside a literal.
func (c *scan) peek(n int) byte {
	if c.pos+n < len(c.raw) {
		return c.raw[c.pos+n]
	}
	return 0
}

// add adds a token without children that ends at end, and moves the cursor there.
func (c *scan) add(t Token, end int) {
	t.Start, t.End, t.Next = uint32(c.pos), uint32(end), uint32(len(c.tokens)+1)
	c.tokens = append(c.tokens, t)
	c.pos = end
	c.ended = t.Kind
}

func (c *scan) want(what string) error { return &SyntaxError{c.pos, what} }
