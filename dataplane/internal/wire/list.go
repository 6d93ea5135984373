package wire

import "cmp"

// openList scans "(" or "[", and the closing if it follows at once.
func (c *scan) openList(kind Kind, joined bool) (empty bool, err error) {
	if len(c.open) >= cmp.Or(c.Limits.Depth, DefaultDepth) {
		return false, c.want("less nesting")
	}
	c.open = append(c.open, uint32(len(c.tokens)))
	c.add(Token{Kind: kind, Joined: joined}, c.pos+1)
	c.inSection = c.inSection || kind == Section
	if b := c.peek(0); b == ')' || b == ']' && c.inSection {
		return true, c.closeList(b)
	}
	return false, nil
}

// closeList scans the closing of the innermost list.
func (c *scan) closeList(closing byte) error {
	if len(c.open) == 0 {
		return c.want("a space")
	}
	t := &c.tokens[c.open[len(c.open)-1]]
	if (t.Kind == List) != (closing == ')') {
		return c.want("the end of the inner list")
	}
	c.pos++
	t.End, t.Next = uint32(c.pos), uint32(len(c.tokens))
	c.open = c.open[:len(c.open)-1]
	c.ended = t.Kind
	// A section has none in it.
	c.inSection = c.inSection && t.Kind != Section
	return nil
}

// endOpen ends the open lists where the scanned bytes end.
func (c *scan) endOpen() {
	for _, i := range c.open {
		t := &c.tokens[i]
		t.End, t.Next = uint32(len(c.raw)), uint32(len(c.tokens))
	}
}
