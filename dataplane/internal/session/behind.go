package session

import (
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// What stands behind message data is the end of the command, or more of it: the next message (RFC 3502), or the next part
// of one (RFC 4469). More is judged like the beginning was, before any of it reaches the server and before its literal is
// invited. What cannot pass ends the session: the server has a part of the command and is not told the end of it, so it
// runs nothing. There is no NO for that: whatever completes the command could also run it.

// readBehind takes a line of what stands behind message data.
func (s *Session) readBehind() bool {
	line, ok, damaged := s.line(Client)
	if !ok {
		return false
	}
	c, p := &s.client, s.client.p
	c.asm = append(c.asm, line...)
	if damaged != nil {
		s.breakOff(p, ClientViolation, damaged.Error(), "protocol violation")
		return false
	}
	if len(c.asm) == 0 && !p.cmd.Part {
		s.toServer([]byte("\r\n"))
		s.sent(p)
		return true
	}
	more, err := s.parser().Continue(p.cmd, c.asm, s.mode)
	switch {
	case err != nil:
		s.breakOff(p, ClientViolation, err.Error(), "protocol violation")
		return false
	case s.unasked(more.Pending):
		s.breakOff(p, ClientViolation, literalMinus, "[TOOBIG] literal too long")
		return false
	case len(more.Raw) > s.cfg.Limits.Command || more.Message && more.Pending.Size > s.cfg.Limits.Message:
		s.breakOff(p, Refused, "a message is over the bound", "[TOOBIG] message too long")
		return false
	case more.Pending != nil && !more.Message:
		if !s.collect(*more.Pending, c.asm) {
			s.breakOff(p, Refused, "literals are over the bound", "[TOOBIG] literals too long here")
		}
		return true
	}
	if c.literals++; c.literals > s.cfg.Limits.Literals {
		s.breakOff(p, Refused, "literals are over the bound", "[TOOBIG] too many parts")
		return false
	}
	if !more.Part {
		c.literals = 0 // the next message is one by itself
	}
	c.asm, c.phase = c.asm[:0], phaseWait
	if more.Adds() {
		s.askMore(p, more)
	} else {
		s.forwardMore(p, more)
	}
	return true
}

// askMore asks about what was added to a command of which the server has a part.
func (s *Session) askMore(p *pending, more *syntax.Command) {
	epoch := s.epoch
	q := Question{Kind: Command, Old: p.old, New: p.new, Command: more, Identity: p.identity}
	s.ask(p, q, func(d *Decision, err error) {
		switch {
		case s.closing:
		case epoch != s.epoch:
			s.askMore(p, more)
		default:
			s.moreDecided(p, more, d, err)
		}
	})
}

// moreDecided obeys the verdict on what was added. Only ACCEPT lets the command go on.
func (s *Session) moreDecided(p *pending, more *syntax.Command, d *Decision, err error) {
	if s.cfg.Observe {
		s.tellCommand(p, d, err)
		s.forwardMore(p, more)
		return
	}
	if err != nil {
		s.event(Event{Type: DeciderFailed, Kind: Command, Command: p.name(), Tag: p.tag, Verdict: s.cfg.Failure.String(), Err: err})
		if s.cfg.Failure != FailAccept {
			s.end(Ended, "the decider gave no answer", unavailableBye, nil)
			return
		}
		s.forwardMore(p, more)
		return
	}
	if d.Fault != nil {
		s.fault(Command, p.name(), p.tag, d)
		return
	}
	if problem := s.check(p, d); problem != "" {
		s.badDecision(Command, p.name(), p.tag, d, "row", problem)
		return
	}
	s.event(Event{Type: Decided, Kind: Command, Command: p.name(), Tag: p.tag, Verdict: d.Request.String(), Decision: d, Reason: d.Reason})
	if d.Request != ReqAccept {
		text := d.Text
		if d.Request != ReqReject && d.Request != ReqAbort {
			text = nil // it is no reason
		}
		s.end(Ended, "policy refused more of a command", s.bye(text, "refused by policy", d), nil)
		return
	}
	p.decision, p.open, p.last.ok = d, false, false
	s.forwardMore(p, more)
}

// forwardMore sends what was added.
func (s *Session) forwardMore(p *pending, more *syntax.Command) {
	p.cmd, p.sent = more, more
	s.hold(p)
	p.literal, p.body = more.Pending, false
	p.parts = split(more)
	s.sendPart()
}

// breakOff ends the session inside of a command.
func (s *Session) breakOff(p *pending, t EventType, reason, bye string) {
	s.event(Event{Type: t, Command: p.name(), Tag: p.tag, Reason: reason})
	s.end(Ended, "a command was broken off", bye, nil)
}
