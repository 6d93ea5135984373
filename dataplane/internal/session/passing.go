package session

// Passing is how many octets of a side's stream, from the next on, pass to the other side unchanged and unjudged: what is left of a
// literal that is let through. 0: what comes is for Feed. The shell may carry them there itself, behind all output, and tells it by
// Passed.
func (s *Session) Passing(side Side) uint64 {
	if s.closing || s.upgrading || s.eof[side] || s.in[side].Buffered() > 0 || len(s.out[side.Other()]) > 0 {
		return 0
	}
	if side == Server && (s.server.hold != nil || s.server.gather != nil) {
		return 0
	}
	return s.Coming(side)
}

// Coming is how many octets of a literal that is let through are still to come from a side.
func (s *Session) Coming(side Side) uint64 {
	switch {
	case side == Server && s.server.rest == restPass:
		return s.server.need
	case side == Client && s.client.phase == phaseMessage:
		return s.client.need
	}
	return 0
}

// LongLiteral is from how many octets on a literal is worth being carried without being read.
const LongLiteral = 32 << 10

// Long tells that such a literal, which is let through, has begun on a side since it was last asked.
func (s *Session) Long(side Side) bool {
	long := s.long[side]
	s.long[side] = false
	return long
}

// Passed tells that n octets, no more than Passing says, were carried to the other side, or will be before anything else is.
func (s *Session) Passed(side Side, n uint64) {
	if side == Client {
		s.client.need -= n
	} else {
		s.server.need -= n
	}
}
