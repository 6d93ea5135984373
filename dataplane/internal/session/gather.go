package session

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// The literals of a response that the decider is asked about are collected, as a client's are, so that what stands behind
// them is judged too. At one over the bound the question says that the response is cut there, and the verdict is on all of
// it.

// gathered tells that a response can be asked about; false: more of it comes first, or the session has ended.
func (s *Session) gathered(j *judgement) bool {
	if j.complete {
		return true
	}
	j.line = bytes.Clone(j.line)
	if isStatus(j.name) {
		j.complete = true
		return true
	}
	h, literal, ok := s.literalBehind(j.line)
	return ok && !s.awaits(j, h, literal)
}

// awaits notes that j ends at a literal, and tells that it is one to be collected.
func (s *Session) awaits(j *judgement, h wire.LiteralHeader, literal bool) bool {
	limits := &s.cfg.Limits
	j.complete = !literal || h.Size > limits.InlineLiteral || uint64(len(j.line))+h.Size > uint64(limits.Command)
	if j.complete {
		j.literal, j.cut = h, literal
		s.server.gather = nil
		return false
	}
	j.line = append(j.line, '\r', '\n')
	j.need, s.server.gather = h.Size, j
	return true
}

// gather collects a literal of j and the line behind it; false: it is not there yet.
func (s *Session) gather(j *judgement) bool {
	if j.need > 0 {
		b := s.in[Server].Take(j.need)
		j.line = append(j.line, b...)
		j.need -= uint64(len(b))
		return len(b) > 0
	}
	line, ok, damaged := s.line(Server)
	if !ok {
		return false
	}
	if damaged != nil {
		s.serverViolation(damaged.Error())
		return false
	}
	h, literal, ok := s.literalBehind(line)
	if !ok {
		return false
	}
	j.line = append(j.line, line...)
	if !s.awaits(j, h, literal) {
		s.consult(j)
	}
	return true
}
