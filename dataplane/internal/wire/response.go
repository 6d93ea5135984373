package wire

import "math"

// ResponseKind is the kind of a server's line.
type ResponseKind uint8

const (
	// UntaggedResponse starts with "* ".
	UntaggedResponse ResponseKind = iota + 1
	// TaggedResponse starts with a tag.
	TaggedResponse
	// Continuation starts with "+".
	Continuation
)

// ResponseHead is the head of a server's line.
type ResponseHead struct {
	Kind ResponseKind
	// Tag is empty unless Kind is TaggedResponse.
	Tag Span
	// Name is the response's name, empty for a Continuation. It starts with a letter, and has no "[": all names are so,
	// and a client might find the number in "* -1 EXISTS" or the code in "* OK[ALERT]".
	Name Span
	// Number is the number before the name, if HasNumber.
	Number    uint32
	HasNumber bool
	// Rest is the offset of what follows the name and a space, or the "+" and a space. It is the length of the line if
	// nothing follows.
	Rest int
}

// Response reads the head of a server's line. It does not look at the rest, and does not allocate but for an error, which is a
// *SyntaxError.
func Response(line []byte) (ResponseHead, error) {
	if len(line) == 0 {
		return ResponseHead{}, &SyntaxError{0, "a response"}
	}
	switch line[0] {
	case '+':
		return continuation(line)
	case '*':
		return untagged(line)
	}
	tag := tagEnd(line)
	if tag == 0 {
		return ResponseHead{}, &SyntaxError{0, "a tag"}
	}
	h := ResponseHead{Kind: TaggedResponse, Tag: Span{0, uint32(tag)}}
	err := h.name(line, tag+1)
	return h, err
}

// continuation reads "+". RFC 9051 section 9 has a space behind it; servers that have no text to send leave it out.
func continuation(line []byte) (ResponseHead, error) {
	if len(line) > 1 && line[1] != ' ' {
		return ResponseHead{}, &SyntaxError{1, "a space"}
	}
	return ResponseHead{Kind: Continuation, Rest: min(2, len(line))}, nil
}

func untagged(line []byte) (ResponseHead, error) {
	if len(line) < 2 || line[1] != ' ' {
		return ResponseHead{}, &SyntaxError{1, "a space"}
	}
	h := ResponseHead{Kind: UntaggedResponse}
	at := 2
	if at < len(line) && '0' <= line[at] && line[at] <= '9' {
		n, end, ok := digits(line, at, math.MaxUint32)
		if !ok || end == len(line) || line[end] != ' ' {
			return ResponseHead{}, &SyntaxError{at, "a number of 32 bits and a space"}
		}
		h.Number, h.HasNumber = uint32(n), true
		at = end + 1
	}
	err := h.name(line, at)
	return h, err
}

// name reads the name at offset at.
func (h *ResponseHead) name(line []byte, at int) error {
	if at >= len(line) || !isLetter(line[at]) {
		return &SyntaxError{min(at, len(line)), "a response name"}
	}
	end := at
	for end < len(line) && IsAtomChar(line[end]) && line[end] != '[' {
		end++
	}
	if end < len(line) && line[end] != ' ' {
		return &SyntaxError{end, "a space"}
	}
	h.Name = Span{uint32(at), uint32(end)}
	h.Rest = min(end+1, len(line))
	return nil
}
