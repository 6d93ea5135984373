package syntax

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// splitCode splits a resp-text. What starts with "[" must have a code that starts with an atom, and a "]": clients differ
// on what else is one. ok is false if not. A missing space behind "]" is forgiven, for the text may be missing too.
func splitCode(text []byte) (code, rest []byte, ok bool) {
	inner, has := bytes.CutPrefix(text, []byte("["))
	if !has {
		return nil, text, true
	}
	code, rest, closed := bytes.Cut(inner, []byte("]"))
	name, _, _ := bytes.Cut(code, []byte(" "))
	if !closed || len(name) == 0 {
		return nil, nil, false
	}
	for _, c := range name {
		if !wire.IsAtomChar(c) {
			return nil, nil, false
		}
	}
	return code, bytes.TrimPrefix(rest, []byte(" ")), true
}

// ParseCode splits a response code into its name, in upper case, and its arguments. "" if code is empty.
func ParseCode(code []byte) (name string, args []byte) {
	word, args, _ := bytes.Cut(code, []byte(" "))
	return string(wire.AppendUpper(nil, word)), args
}
