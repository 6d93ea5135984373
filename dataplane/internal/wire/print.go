package wire

import "math"

// Text appends the value of a token: the text of an atom, a quoted string without quotes and escapes, the data of a
// literal. A list or section is appended as it stands.
func Text(raw []byte, t Token, dst []byte) []byte {
	if t.Kind != Quoted {
		return append(dst, raw[t.Start:t.End]...)
	}
	for i := t.Start + 1; i < t.End-1; i++ {
		if raw[i] == '\\' {
			i++
		}
		dst = append(dst, raw[i])
	}
	return dst
}

// Append prints tokens canonically: a single space between items that are not joined, atoms and quoted strings as they stand,
// literals as a synchronizing header, CRLF and the data. A pending literal ends in its header, and the lists around it are
// left open. Scanned again, what was printed gives the same tokens, but for offsets and NonSync. tokens may be any part
// of a scan that holds whole items.
func Append(dst, raw []byte, tokens []Token) []byte {
	dst, _ = appendItems(dst, raw, tokens, math.MaxUint32)
	return dst
}

// appendItems prints the items that start before end, and returns the tokens behind them.
func appendItems(dst, raw []byte, tokens []Token, end uint32) ([]byte, []Token) {
	for first := true; len(tokens) > 0 && tokens[0].Start < end; first = false {
		t := tokens[0]
		tokens = tokens[1:]
		if !first && !t.Joined {
			dst = append(dst, ' ')
		}
		switch t.Kind {
		case Atom, Quoted:
			dst = append(dst, raw[t.Start:t.End]...)
		case Literal:
			dst = LiteralHeader{Size: t.Header.Size, Binary: t.Header.Binary}.Append(dst)
			if !t.Pending {
				dst = append(dst, crlf...)
				dst = append(dst, raw[t.Start:t.End]...)
			}
		case List, Section:
			dst, tokens = appendList(dst, raw, tokens, t)
		}
	}
	return dst, tokens
}

// appendList prints the list t, whose items tokens starts with.
func appendList(dst, raw []byte, tokens []Token, t Token) ([]byte, []Token) {
	opening, closing := byte('('), byte(')')
	if t.Kind == Section {
		opening, closing = '[', ']'
	}
	dst = append(dst, opening)
	// An open list ends in a pending literal's header, thus in "}".
	if raw[t.End-1] != closing {
		return appendItems(dst, raw, tokens, math.MaxUint32)
	}
	dst, tokens = appendItems(dst, raw, tokens, t.End)
	return append(dst, closing), tokens
}
