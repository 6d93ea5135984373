package syntax

import (
	"math"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// decimal is the value of a run of digits not over limit.
func decimal(b []byte, limit uint64) (n uint64, ok bool) {
	for _, c := range b {
		if c < '0' || '9' < c {
			return 0, false
		}
		d := uint64(c - '0')
		if n > (limit-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, len(b) > 0
}

// positive is decimal for what may neither be 0 nor start with it.
func positive(b []byte, limit uint64) (n uint64, ok bool) {
	if len(b) == 0 || b[0] == '0' {
		return 0, false
	}
	return decimal(b, limit)
}

// number reads a number.
func (p *parser) number() { p.numeral(decimal, math.MaxUint32, "a number") }

// number64 reads a number64.
func (p *parser) number64() { p.numeral(decimal, math.MaxInt64, "a number of at most 63 bits") }

// nzNumber reads an nz-number.
func (p *parser) nzNumber() { p.numeral(positive, math.MaxUint32, "a number from 1") }

// nzNumber64 reads an nz-number64.
func (p *parser) nzNumber64() {
	p.numeral(positive, math.MaxInt64, "a number from 1 of at most 63 bits")
}

func (p *parser) numeral(parse func([]byte, uint64) (uint64, bool), limit uint64, want string) {
	t := p.take(wire.Atom, wire.Atom, want)
	if t == nil {
		return
	}
	if _, ok := parse(p.raw[t.Start:t.End], limit); !ok {
		p.failAt(t.Start, want)
	}
}
