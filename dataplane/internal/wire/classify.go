package wire

import (
	"bytes"
	"math"
)

// AtomClass is what an atom is in the seed's form of arguments.
type AtomClass uint8

const (
	// ClassText is all that is none of the others: also what holds "*" or "$", which are no numbers.
	ClassText AtomClass = iota
	// ClassNumber is a number below 2^64, leading zeros allowed: its spelling is kept.
	ClassNumber
	// ClassRange is two numbers below 2^64 joined by ":", without leading zeros: their spelling is not kept.
	ClassRange
	// ClassComma is two or more numbers or ranges joined by ",".
	ClassComma
)

// ClassifyAtom says what an atom is.
func ClassifyAtom(b []byte) AtomClass {
	rest, class := b, ClassText
	for {
		part, behind, comma := bytes.Cut(rest, []byte{','})
		one := classifyPart(part)
		switch {
		case one == ClassText:
			return ClassText
		case comma:
			class = ClassComma
		case class == ClassText:
			return one
		default:
			return ClassComma
		}
		rest = behind
	}
}

func classifyPart(b []byte) AtomClass {
	first, last, colon := bytes.Cut(b, []byte{':'})
	switch {
	case !isUint64(first):
		return ClassText
	case !colon:
		return ClassNumber
	case isUint64(last) && canonical(first) && canonical(last):
		return ClassRange
	}
	return ClassText
}

func isUint64(b []byte) bool {
	_, end, ok := digits(b, 0, math.MaxUint64)
	return ok && end == len(b)
}
