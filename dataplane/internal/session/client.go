package session

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// phase is what the client's next octets are.
type phase uint8

const (
	phaseCommand    phase = iota // a line of a command
	phaseLiteral                 // a literal that is collected
	phaseWait                    // nothing yet: a verdict or the server's "+" comes first
	phaseMessage                 // message data, streamed to the server
	phaseBehind                  // what stands behind message data, up to the next literal
	phaseDiscard                 // a literal of a refused command
	phaseDiscardEnd              // the line behind it
	phaseSASLFirst               // the first SASL response, invited by the dataplane
	phaseSASL                    // a SASL response, invited by the server
	phaseIdle                    // DONE
	phaseStartTLS                // nothing: a handshake follows
)

// clientReader is the state of the client's direction.
type clientReader struct {
	phase phase
	// asm is the command so far, without the CRLF of its last line.
	asm []byte
	// literals counts those of the command so far.
	literals int
	// need is what is left of a literal; after is the phase behind one that is collected.
	need  uint64
	after phase
	// discarded counts what a refused command's literals held.
	discarded uint64
	// p is the command that phaseWait, phaseMessage, phaseDiscard and the SASL phases are about.
	p *pending
}

// endCommand makes ready for the next command.
func (c *clientReader) endCommand() { c.asm, c.literals = c.asm[:0], 0 }

// owes tells that the client is in the middle of something that only it can finish.
func (c *clientReader) owes() bool {
	switch c.phase {
	case phaseMessage, phaseBehind, phaseSASLFirst, phaseSASL, phaseIdle:
		return true
	case phaseLiteral:
		return c.p != nil // of what stands behind a message
	}
	return false
}

// stepClient processes one element of the client's stream; false: it cannot.
func (s *Session) stepClient() bool {
	switch s.client.phase {
	case phaseCommand:
		return s.readCommand()
	case phaseLiteral:
		return s.readLiteral()
	case phaseMessage:
		return s.readMessage()
	case phaseBehind:
		return s.readBehind()
	case phaseDiscard:
		return s.readDiscard()
	case phaseDiscardEnd:
		return s.readDiscardEnd()
	case phaseSASLFirst, phaseSASL:
		return s.readSASL()
	case phaseIdle:
		return s.readIdle()
	}
	return false
}

// barred tells that the next command must wait: for the greeting and the dataplane's own commands, for the outcome of one that can change the state, or for
// room.
func (s *Session) barred() bool {
	if !s.server.greeted || s.server.start != startNone || len(s.queue) >= s.cfg.Limits.InFlight || s.held >= s.cfg.Limits.Held {
		return true
	}
	for _, p := range s.queue {
		if p.barrier {
			return true
		}
	}
	return false
}

// line takes a line from a side; ok false: there is none, or the session ended for it. damaged: it holds a bare CR or NUL, or it
// ends in a bare LF and is the last.
func (s *Session) line(side Side) (line []byte, ok bool, damaged error) {
	line, ok, err := s.in[side].Line()
	if !ok && err != nil {
		if side == Client {
			s.event(Event{Type: ClientViolation, Reason: err.Error()})
			s.end(Ended, "client line over the bound", "[TOOBIG] line too long", nil)
		} else {
			s.serverViolation(err.Error())
		}
		return nil, false, nil
	}
	return line, ok, err
}

// readCommand takes a line of a command.
func (s *Session) readCommand() bool {
	if len(s.client.asm) == 0 && s.barred() {
		return false
	}
	line, ok, damaged := s.line(Client)
	if !ok {
		return false
	}
	whole := line
	if len(s.client.asm) > 0 {
		s.client.asm = append(s.client.asm, line...)
		whole = s.client.asm
	}
	h, _, isLiteral, headerErr := wire.ParseLiteralHeader(line)
	var literal *wire.LiteralHeader
	if isLiteral {
		literal = &wire.LiteralHeader{}
		*literal = h
	}
	switch {
	case isHTTP(whole):
		s.refuseSyntax(whole, nil, errHTTP, errHTTP)
		return true
	case damaged == wire.ErrBareLF:
		s.refuseSyntax(whole, nil, damaged, damaged)
		return true
	case damaged != nil:
		s.refuseSyntax(whole, literal, damaged, headerErr)
		return true
	case headerErr != nil:
		s.refuseSyntax(whole, nil, headerErr, headerErr)
		return true
	}
	cmd, err := s.parser().ParseCopy(whole, s.mode)
	if err != nil {
		s.refuseSyntax(whole, literal, err, nil)
		return true
	}
	p := s.newPending(cmd)
	switch {
	case s.unasked(literal):
		p.literal = nil // it is on its way, and is not waited for
		s.client.phase = phaseWait
		s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: literalMinus})
		p.local = &local{text: "BAD [TOOBIG] literal too long to come unasked", bye: "[TOOBIG] literal too long"}
		s.push(p)
	case s.refused(p):
	case cmd.Pending == nil || cmd.Message:
		s.enqueue(p)
	case s.collect(h, whole):
		return true
	default:
		s.refuse(p, "[TOOBIG] literals too long here", "literals are over the bound")
	}
	s.client.endCommand()
	return true
}

const literalMinus = "a non-synchronizing literal over 4096 octets"

// unasked tells a non-synchronizing literal that LITERAL- does not allow (RFC 7888 section 5). Where no extension is offered, as much
// is taken as with LITERAL-: clients send it that have seen IMAP4rev2.
func (s *Session) unasked(h *wire.LiteralHeader) bool {
	return h != nil && h.NonSync && h.Size > 4096 && s.cfg.Literals != "LITERAL+"
}

// collect invites a literal that is collected, of a command that is whole so far; false: it is over a bound.
func (s *Session) collect(h wire.LiteralHeader, whole []byte) bool {
	c := &s.client
	c.literals++ // each makes the command be parsed again
	if h.Size > s.cfg.Limits.InlineLiteral || uint64(len(whole))+h.Size > uint64(s.cfg.Limits.Command) || c.literals > s.cfg.Limits.Literals {
		return false
	}
	if !h.NonSync {
		s.toClient("+ ready\r\n")
	}
	if len(c.asm) == 0 {
		c.asm = append(c.asm, whole...)
	}
	c.asm = append(c.asm, '\r', '\n')
	c.phase, c.after, c.need = phaseLiteral, c.phase, h.Size
	return true
}

// readLiteral collects a literal; what follows it is the same command.
func (s *Session) readLiteral() bool {
	b := s.in[Client].Take(s.client.need)
	s.client.asm = append(s.client.asm, b...)
	s.client.need -= uint64(len(b))
	if s.client.need == 0 {
		s.client.phase = s.client.after
		return true
	}
	return len(b) > 0
}

// refuseSyntax answers BAD to whole, which is not a command. literal is what it announces; unframed: where the next
// command starts cannot be known.
func (s *Session) refuseSyntax(whole []byte, literal *wire.LiteralHeader, cause, unframed error) {
	defer s.client.endCommand()
	var se *syntax.Error
	tag := "*"
	if errors.As(cause, &se) {
		if se.Tag != nil {
			tag = string(se.Tag)
		}
	} else if t := leadingTag(whole); t != "" && cause != errHTTP {
		tag = t
	}
	e := Event{Type: ClientViolation, Tag: tag, Reason: cause.Error()}
	if bytes.IndexByte(whole, ' ') < 0 {
		e.Tag = "" // a lone word may be a SASL response that came too late
	}
	s.event(e)
	p := &pending{tag: tag, literal: literal, stage: stageDecided, local: &local{text: "BAD " + badText(cause)}}
	if s.tooBad() || unframed != nil {
		p.literal = nil
		p.local.bye = "protocol violation"
		s.client.phase = phaseWait
	}
	s.push(p)
}

// tooBad counts a violation by the client, and tells that it was one too many.
func (s *Session) tooBad() bool {
	s.bad++
	if s.LoggedIn() {
		return s.bad > s.cfg.Limits.BadCommandsLoggedIn
	}
	return s.bad > s.cfg.Limits.BadCommands
}

// badText is what the client is told; it never repeats what the client sent.
func badText(err error) string {
	var se *syntax.Error
	if errors.As(err, &se) {
		return fmt.Sprintf("expected %s at octet %d", se.Want, se.Offset)
	}
	switch {
	case errors.Is(err, wire.ErrLiteralHeader):
		return "malformed literal"
	case errors.Is(err, wire.ErrNUL):
		return "NUL in a line"
	case errors.Is(err, errHTTP):
		return "this is not HTTP"
	}
	return "a line ends in CRLF"
}

// leadingTag is the tag that a damaged line starts with, if it has one.
func leadingTag(line []byte) string {
	for i, c := range line {
		if c == ' ' {
			if i == 0 || i > 64 {
				return ""
			}
			return string(line[:i])
		}
		if !wire.IsTagChar(c) {
			return ""
		}
	}
	return ""
}

// errHTTP is a request line of HTTP. A browser may be made to speak to this port by a page (ALPACA): its lines are the page's, and
// nothing of them is repeated.
var errHTTP = errors.New("session: an HTTP request")

// isHTTP tells a request line of HTTP: RFC 9051 would have its method for a tag.
func isHTTP(line []byte) bool {
	method, target, _ := bytes.Cut(line, []byte(" "))
	switch string(method) {
	case "GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT":
		return bytes.HasPrefix(target, []byte("/")) || bytes.Contains(target, []byte(" HTTP/"))
	}
	return false
}

// violation answers BAD under a tag for what a well-formed line must not do here.
func (s *Session) violation(p *pending, text string) {
	s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: text})
	p.local = &local{text: "BAD " + text}
	if s.tooBad() {
		p.local.bye = "protocol violation"
	}
	s.push(p)
}

// refuse answers NO for what the dataplane does not let through on its own account.
func (s *Session) refuse(p *pending, text, reason string) {
	s.event(Event{Type: Refused, Command: p.name(), Tag: p.tag, Reason: reason})
	p.local = &local{text: "NO " + text}
	s.push(p)
}
