package wire

import (
	"bytes"
	"unicode/utf8"
)

// quoted scans a quoted string (RFC 9051 section 9, quoted). Only the quote and the backslash are escaped.
func (c *scan) quoted() error {
	for i := c.pos + 1; i < len(c.raw); i++ {
		switch b := c.raw[i]; {
		case IsQuotedChar(b), b >= utf8.RuneSelf && c.UTF8:
		case b == '"':
			if c.UTF8 && !utf8.Valid(c.raw[c.pos:i]) {
				return c.want("UTF-8")
			}
			c.add(Token{Kind: Quoted}, i+1)
			return nil
		case b == '\\' && i+1 < len(c.raw) && (c.raw[i+1] == '"' || c.raw[i+1] == '\\'):
			i++
		default:
			return &SyntaxError{i, "a character of a quoted string"}
		}
	}
	return &SyntaxError{len(c.raw), "the end of a quoted string"}
}

var crlf = []byte("\r\n")

// literal scans a literal's header with its data, or the header that raw ends at.
func (c *scan) literal() error {
	h, n := literalHeader(c.raw[c.pos:])
	if n == 0 {
		return c.want("a literal header")
	}
	if h.Binary && !c.Literal8 {
		return c.want("no literal8")
	}
	c.pos += n
	if c.pos == len(c.raw) {
		c.pending = true
		c.add(Token{Kind: Literal, Header: h, Pending: true}, c.pos)
		return nil
	}
	if !bytes.HasPrefix(c.raw[c.pos:], crlf) {
		return c.want("CRLF behind a literal header")
	}
	c.pos += len(crlf)
	if uint64(len(c.raw)-c.pos) < h.Size {
		return c.want("the data of a literal")
	}
	c.add(Token{Kind: Literal, Header: h}, c.pos+int(h.Size))
	return nil
}
