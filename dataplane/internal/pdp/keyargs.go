package pdp

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// The kinds of arguments in keys, as package reuse of the contract has them.
const (
	argNumber byte = iota + 1
	argRange
	argLiteral
	argText
	argList
	argSecret
)

// appendArguments appends what arguments converts to.
func appendArguments(b, raw []byte, tokens []wire.Token, secret []int) []byte {
	a := argumenter{raw: raw, tokens: tokens, secret: secret}
	return a.appendItems(b, 0, uint32(len(tokens)), 0)
}

// appendResponseArguments appends what response converts to.
func appendResponseArguments(b []byte, r *syntax.Response) []byte {
	switch {
	case r.Status && r.Code != nil:
		return appendOctets(append(appendCode(append(b, 2), r.Code), argText), r.Text)
	case r.Status:
		return appendOctets(append(b, 1, argText), r.Text)
	}
	a := argumenter{raw: r.Raw, tokens: r.Args}
	if !r.HasNumber {
		return a.appendItems(b, 0, uint32(len(r.Args)), 0)
	}
	var digits [10]byte
	number := appendNumberOf(nil, strconv.AppendUint(digits[:0], uint64(r.Number), 10))
	return a.appendItems(b, 0, uint32(len(r.Args)), 1, number...)
}

// appendCode appends what code converts to.
func appendCode(b, octets []byte) []byte {
	b = append(b, argList, byte(deciderv1.ListKind_LIST_KIND_BRACKETS))
	var s wire.Scanner
	tokens, err := s.Arguments(octets, 0, false)
	if err != nil {
		return appendOctets(append(b, 1, argText), octets)
	}
	return appendArguments(b, octets, tokens, nil)
}

// appendItems appends the siblings from token i up to, but not including, token end: their number, then each. more of them stand
// before as they are.
func (a *argumenter) appendItems(b []byte, i, end uint32, more int, before ...byte) []byte {
	n := more
	for j := i; j < end; j = a.tokens[j].Next {
		n++
	}
	b = append(appendNumber(b, n), before...)
	for ; i < end; i = a.tokens[i].Next {
		b = a.appendItem(b, i)
	}
	return b
}

func (a *argumenter) appendItem(b []byte, i uint32) []byte {
	t := a.tokens[i]
	if slices.Contains(a.secret, int(i)) {
		return append(b, argSecret)
	}
	switch t.Kind {
	case wire.List:
		return a.appendItems(append(b, argList, byte(deciderv1.ListKind_LIST_KIND_PARENTHESES)), i+1, t.Next, 0)
	case wire.Section:
		return a.appendItems(append(b, argList, byte(deciderv1.ListKind_LIST_KIND_BRACKETS)), i+1, t.Next, 0)
	case wire.Literal:
		return append(b, argLiteral)
	case wire.Atom:
		return appendAtom(b, a.raw[t.Start:t.End])
	case wire.Quoted:
		n := int(t.End-t.Start) - 2 - escapes(a.raw[t.Start+1:t.End-1])
		return wire.Text(a.raw, t, appendNumber(append(b, argText), n))
	}
	return appendOctets(append(b, argText), a.raw[t.Start:t.End])
}

// escapes is how many backslashes in a quoted string stand before another character, and not for themselves.
func escapes(quoted []byte) (n int) {
	for i := bytes.IndexByte(quoted, '\\'); i >= 0; i = bytes.IndexByte(quoted, '\\') {
		n++
		quoted = quoted[min(i+2, len(quoted)):]
	}
	return n
}

// appendAtom appends what atom converts to.
func appendAtom(b, octets []byte) []byte {
	switch wire.ClassifyAtom(octets) {
	case wire.ClassNumber:
		return appendNumberOf(b, octets)
	case wire.ClassRange:
		return appendRange(b, octets)
	case wire.ClassComma:
		b = append(b, argList, byte(deciderv1.ListKind_LIST_KIND_COMMA))
		b = appendNumber(b, 1+bytes.Count(octets, []byte{','}))
		for part := range bytes.SplitSeq(octets, []byte{','}) {
			if bytes.IndexByte(part, ':') >= 0 {
				b = appendRange(b, part)
			} else {
				b = appendNumberOf(b, part)
			}
		}
		return b
	}
	return appendOctets(append(b, argText), octets)
}

func appendNumberOf(b, spelling []byte) []byte {
	n, _ := strconv.ParseUint(string(spelling), 10, 64)
	return appendOctets(appendNumber(append(b, argNumber), n), spelling)
}

func appendRange(b, octets []byte) []byte {
	first, last, _ := bytes.Cut(octets, []byte{':'})
	from, _ := strconv.ParseUint(string(first), 10, 64)
	to, _ := strconv.ParseUint(string(last), 10, 64)
	return appendNumber(appendNumber(append(b, argRange), from), to)
}
