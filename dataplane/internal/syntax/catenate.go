package syntax

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// catenatePart reads a cat-part (RFC 4469 section 5, RFC 6855 section 4).
func (p *parser) catenatePart() {
	switch {
	case p.word("TEXT"):
		if t := p.message(false); t != nil {
			p.cmd.Part = t.Pending
		}
	case p.mode.UTF8 && p.word("UTF8"):
		p.utf8Data()
	case p.word("URL"):
		p.messageURL()
	default:
		p.fail("TEXT or URL")
	}
}

// messageURL reads the URL of a message or a part of one, and names its mailbox. Of RFC 5092's relative forms it takes the
// one with an absolute path: the others say less than what they mean.
func (p *parser) messageURL() {
	const want = "a URL /mailbox/;UID=n of this server"
	offset := p.offset()
	url := p.astring(want)
	if p.stopped() {
		return
	}
	name, ok := messageURLMailbox(string(url))
	if !ok {
		p.failAt(offset, want)
		return
	}
	p.names(Canonical(name))
}

// messageURLMailbox is the mailbox of a URL "/" enc-mailbox [uidvalidity] iuid [isection] [ipartial] (RFC 5092 section 11).
func messageURLMailbox(url string) (name string, ok bool) {
	path, slash := strings.CutPrefix(url, "/")
	path, parameters, uid := cutFold(path, "/;UID=")
	encoded, validity, hasValidity := cutFold(path, ";UIDVALIDITY=")
	if !slash || !uid || hasValidity && !isPositive(validity) {
		return "", false
	}
	parameters, partial, hasPartial := cutFold(parameters, "/;PARTIAL=")
	if hasPartial && !isPartialRange(partial) {
		return "", false
	}
	parameters, section, hasSection := cutFold(parameters, "/;SECTION=")
	if _, ok := decodeURL(section); !isPositive(parameters) || hasSection && !ok {
		return "", false
	}
	name, ok = decodeURL(encoded)
	return name, ok && isPlainPath(name)
}

// cutFold is strings.Cut with a separator, in upper case, that stands there in any case.
func cutFold(s, upper string) (before, after string, found bool) {
	before, after, found = strings.Cut(string(wire.AppendUpper(nil, []byte(s))), upper)
	if !found {
		return s, "", false
	}
	return s[:len(before)], s[len(s)-len(after):], true
}

func isPositive(s string) bool {
	_, ok := positive([]byte(s), math.MaxUint32)
	return ok
}

// isPartialRange: number ["." nz-number].
func isPartialRange(s string) bool {
	from, length, dot := strings.Cut(s, ".")
	_, ok := decimal([]byte(from), math.MaxUint32)
	return ok && (!dot || isPositive(length))
}

// decodeURL decodes 1*bchar.
func decodeURL(s string) (string, bool) {
	var b []byte
	for len(s) > 0 {
		c := s[0]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~!$'()*+,&=:@/", c) >= 0:
			s = s[1:]
		case c == '%' && len(s) >= 3:
			n, err := strconv.ParseUint(s[1:3], 16, 8)
			c, s = byte(n), s[3:]
			if err != nil || c == '/' || c == '%' || c == '.' {
				return "", false // encoded, these are read in two ways
			}
		default:
			return "", false
		}
		b = append(b, c)
	}
	return string(b), len(b) > 0
}

// isPlainPath tells a mailbox name that resolving its URL (RFC 3986 section 5.2.4) leaves as it is, and that has one
// reading.
func isPlainPath(name string) bool {
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return utf8.ValidString(name) && isPlainName(name)
}
