package session

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// room is how much more may wait for a side.
func (s *Session) room(side Side) uint64 {
	if n := s.cfg.Limits.Output - len(s.out[side]); n > 0 {
		return uint64(n)
	}
	return 0
}

// readMessage streams message data to the server.
func (s *Session) readMessage() bool {
	if s.client.need == 0 {
		s.client.phase = phaseBehind
		return true
	}
	b := s.in[Client].Take(min(s.client.need, s.room(Server)))
	s.out[Server] = append(s.out[Server], b...)
	s.client.need -= uint64(len(b))
	return len(b) > 0
}

// invite lets the message of p, which the server has invited, come.
func (s *Session) invite(p *pending) {
	if !p.literal.NonSync {
		s.toClient("+ ready\r\n")
	}
	s.client.phase, s.client.p, s.client.need = phaseMessage, p, p.literal.Size
	s.long[Client] = s.client.need >= LongLiteral
	p.body = true
}

// discard reads and throws away the non-synchronizing literal of a command that is refused, and the rest of that command:
// otherwise its data would be read as commands. p is answered afterwards.
func (s *Session) discard(p *pending) bool {
	s.client.discarded += p.literal.Size
	if s.client.discarded > s.cfg.Limits.Discard {
		if p.stage == stageForwarded {
			s.end(Ended, "a refused literal is over the bound", "[TOOBIG] literal too long", nil)
			return false
		}
		p.literal = nil
		p.local = &local{text: "NO [TOOBIG] literal too long", bye: "[TOOBIG] literal too long"}
		return true
	}
	s.client.phase, s.client.p, s.client.need = phaseDiscard, p, p.literal.Size
	return true
}

func (s *Session) readDiscard() bool {
	if s.client.need == 0 {
		s.client.phase = phaseDiscardEnd
		return true
	}
	b := s.in[Client].Take(s.client.need)
	s.client.need -= uint64(len(b))
	return len(b) > 0
}

// readDiscardEnd takes the line behind a discarded literal: the rest of the refused command, which may announce another.
func (s *Session) readDiscardEnd() bool {
	line, ok, damaged := s.line(Client)
	if !ok {
		return false
	}
	p := s.client.p
	h, _, isLiteral, err := wire.ParseLiteralHeader(line)
	if damaged == wire.ErrBareLF {
		err = damaged
	}
	if err != nil {
		s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: err.Error()})
		s.end(Ended, "the stream cannot be framed", badText(err), nil)
		return false
	}
	if isLiteral && h.NonSync {
		p.literal = &h
		return s.discard(p)
	}
	// A synchronizing literal is not invited: the answer takes its place, and the command ends here.
	p.literal = nil
	s.client.phase, s.client.p, s.client.discarded = phaseCommand, nil, 0
	return true
}
