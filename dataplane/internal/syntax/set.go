package syntax

import (
	"bytes"
	"math"
)

const wantSet = "a sequence set"

// sequenceSet reads the set that the command works on.
func (p *parser) sequenceSet() {
	text, offset := p.atomText(wantSet)
	if text == nil {
		return
	}
	if string(text) == "$" { // seq-last-command, RFC 5182
		p.cmd.SetSaved = true
		return
	}
	p.cmd.Set = make([]SetRange, 0, bytes.Count(text, []byte(","))+1)
	for r, ok := range ranges(text) {
		if !ok {
			p.failAt(offset, wantSet)
			return
		}
		p.cmd.Set = append(p.cmd.Set, r)
	}
}

// isSet reports whether text is a sequence-set.
func isSet(text []byte) bool {
	if string(text) == "$" {
		return true
	}
	for _, ok := range ranges(text) {
		if !ok {
			return false
		}
	}
	return true
}

// checkSet reads a sequence-set that is not the command's own. stars: "*" and "$" may occur.
func (p *parser) checkSet(stars bool) {
	text, offset := p.atomText(wantSet)
	if text == nil {
		return
	}
	if !isSet(text) || !stars && bytes.ContainsAny(text, "*$") {
		p.failAt(offset, wantSet)
	}
}

// ranges yields the parts of a sequence-set; ok is false for one that is none.
func ranges(text []byte) func(yield func(SetRange, bool) bool) {
	return func(yield func(SetRange, bool) bool) {
		for {
			part, rest, more := bytes.Cut(text, []byte(","))
			if !yield(setRange(part)) || !more {
				return
			}
			text = rest
		}
	}
}

// setRange is a seq-number or seq-range.
func setRange(part []byte) (SetRange, bool) {
	first, last, isRange := bytes.Cut(part, []byte(":"))
	a, ok := seqNumber(first)
	if !ok || !isRange {
		return SetRange{a, a}, ok
	}
	b, ok := seqNumber(last)
	return SetRange{a, b}, ok
}

// seqNumber is an nz-number, or 0 for "*".
func seqNumber(b []byte) (uint32, bool) {
	if string(b) == "*" {
		return 0, true
	}
	n, ok := positive(b, math.MaxUint32)
	return uint32(n), ok
}
