package session

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// beginIdle tells the client that the server idles. A code is left out of its text: it might hold capabilities.
func (s *Session) beginIdle(p *pending, line []byte) {
	if bytes.HasPrefix(line, []byte("+ [")) {
		line = []byte("+ idling")
	}
	p.idle = true
	s.toClient(string(line) + "\r\n")
	s.client.phase, s.client.p = phaseIdle, p
}

// readIdle takes the line that ends IDLE (RFC 2177). Only DONE does, and any other ends it too, with BAD: what stands there was
// meant for something else.
func (s *Session) readIdle() bool {
	line, ok, damaged := s.line(Client)
	if !ok {
		return false
	}
	p := s.client.p
	if damaged != nil || !wire.EqualFold(line, "DONE") {
		s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: "expected DONE"})
		p.idleBroken = true
		if _, _, literal, err := wire.ParseLiteralHeader(line); literal || err != nil || damaged == wire.ErrBareLF || s.tooBad() {
			s.end(Ended, "the stream cannot be framed", "expected DONE", nil)
			return false
		}
	}
	s.toServer([]byte("DONE\r\n"))
	s.client.phase = phaseWait
	return true
}
