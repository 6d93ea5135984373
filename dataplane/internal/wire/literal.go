package wire

import (
	"bytes"
	"errors"
	"math"
	"strconv"
)

// ErrLiteralHeader: a line ends in what looks like a literal header and is none. Peers differ on whether a literal
// follows and how long it is, so that nobody can say where the next command starts.
var ErrLiteralHeader = errors.New("wire: malformed literal header")

// ParseLiteralHeader looks for a literal header at the end of a line (RFC 9051 section 4.3). ok: there is one, from offset
// start on. It does not look at what stands before: whether a literal may stand there is the Scanner's to say.
//
// "{" occurs outside a quoted string in nothing but a literal header. So ErrLiteralHeader is returned for all that ends in
// "}", with a "{" before it and no quote between, and is not a header: "{05}", "{+5}", "{5 }", "{}", or a size over 2^63-1.
func ParseLiteralHeader(line []byte) (h LiteralHeader, start int, ok bool, err error) {
	if len(line) == 0 || line[len(line)-1] != '}' {
		return LiteralHeader{}, 0, false, nil
	}
	start = bytes.LastIndexByte(line, '{')
	if start < 0 || bytes.IndexByte(line[start:], '"') >= 0 {
		return LiteralHeader{}, 0, false, nil
	}
	if start > 0 && line[start-1] == '~' {
		start--
	}
	h, n := literalHeader(line[start:])
	if start+n != len(line) {
		return LiteralHeader{}, 0, false, ErrLiteralHeader
	}
	return h, start, true, nil
}

// Append appends the header as it stands on the wire, without CRLF.
func (h LiteralHeader) Append(dst []byte) []byte {
	if h.Binary {
		dst = append(dst, '~')
	}
	dst = append(dst, '{')
	dst = strconv.AppendUint(dst, h.Size, 10)
	if h.NonSync {
		dst = append(dst, '+')
	}
	return append(dst, '}')
}

// literalHeader parses the header that b starts with: b starts with "{" or "~{". n is the header's length, 0 if it is
// malformed.
func literalHeader(b []byte) (h LiteralHeader, n int) {
	i := len("{")
	if b[0] == '~' {
		h.Binary = true
		i = len("~{")
	}
	size, end, ok := digits(b, i, math.MaxInt64)
	if !ok || !canonical(b[i:end]) {
		return LiteralHeader{}, 0
	}
	h.Size = size
	i = end
	if i < len(b) && b[i] == '+' {
		h.NonSync = true
		i++
	}
	if i == len(b) || b[i] != '}' {
		return LiteralHeader{}, 0
	}
	return h, i + 1
}
