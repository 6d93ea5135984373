package session

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// stepQueue carries out the oldest command whose turn it is; false: none can go on. Order is kept: nothing overtakes a
// command that waits for its verdict, is on its way, or can change the state.
func (s *Session) stepQueue() bool {
	for _, p := range s.queue {
		switch p.stage {
		case stageAsking, stageSending:
			return false
		case stageForwarded:
			if p.barrier {
				return false
			}
		case stageDecided:
			return s.execute(p)
		}
	}
	return false
}

// execute obeys the verdict on p.
func (s *Session) execute(p *pending) bool {
	if p.auth != nil && p.auth.collecting {
		return false
	}
	if p.local != nil {
		return s.answer(p)
	}
	if p.epoch != s.epoch {
		// A command before it changed what the decision was made on.
		if info := p.cmd.Info; info != nil && !info.States.Has(s.state) {
			s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: "not allowed in this state"})
			p.local = &local{text: "BAD " + p.cmd.Name + " is not allowed in this state"}
			return true
		}
		s.askCommand(p)
		return true
	}
	if s.cfg.Observe {
		return s.observeCommand(p)
	}
	if p.decision == nil {
		return s.undecided(p)
	}
	d := p.decision
	if d.Fault != nil {
		s.fault(Command, p.name(), p.tag, d)
		return false
	}
	if problem := s.check(p, d); problem != "" {
		s.badDecision(Command, p.name(), p.tag, d, "row", problem)
		return false
	}
	s.event(Event{Type: Decided, Kind: Command, Command: p.name(), Tag: p.tag, Verdict: d.Request.String(), Decision: d, Reason: d.Reason})
	s.setState(d.Old)
	p.epoch = s.epoch
	switch d.Request {
	case ReqAccept:
		if p.cmd.Name == "STARTTLS" {
			return s.startTLS(p)
		}
		s.forward(p)
	case ReqRewrite:
		if p.literal != nil {
			// The message belongs to the command that is not sent.
			return s.skipLiteral(p)
		}
		s.forward(p)
	case ReqReject:
		p.local = &local{text: s.refusal(d.Code, d.Text, d)}
	case ReqDrop:
		p.local = &local{}
	case ReqRespond:
		p.local = &local{text: string(d.Text), untagged: d.Untagged}
		if bytes.HasPrefix(d.Text, []byte("OK")) {
			s.setState(d.New)
		}
	case ReqAbort:
		s.end(Ended, "policy aborted the session", s.bye(d.Text, "session ended by policy", d), nil)
	}
	return true
}

// undecided applies the failure mode to a command without an answer.
func (s *Session) undecided(p *pending) bool {
	s.event(Event{Type: DeciderFailed, Kind: Command, Command: p.name(), Tag: p.tag, Verdict: s.cfg.Failure.String(), Err: p.err})
	switch s.cfg.Failure {
	case FailAccept:
		if p.cmd.Name == "STARTTLS" {
			return s.startTLS(p)
		}
		p.open = true
		s.forward(p)
	case FailAbort:
		s.end(Ended, "the decider gave no answer", unavailableBye, nil)
		return false
	default:
		p.local = &local{text: "NO [UNAVAILABLE] policy service unavailable"}
	}
	return true
}

const unavailableBye = "[UNAVAILABLE] policy service unavailable"

// answer gives p the dataplane's own answer, once the client has nothing more to send for it.
func (s *Session) answer(p *pending) bool {
	if p.literal != nil {
		return s.skipLiteral(p)
	}
	l := p.local
	for _, u := range l.untagged {
		s.toClient("* " + string(u) + "\r\n")
	}
	if l.text != "" {
		s.toClient(p.tag + " " + l.text + "\r\n")
	}
	s.remove(p)
	if s.client.p == p {
		s.client.phase, s.client.p = phaseCommand, nil
	}
	if l.bye != "" {
		s.end(Ended, l.bye, l.bye, nil)
	}
	return true
}

// skipLiteral deals with the literal that the client announced for a command that is not forwarded: a synchronizing one
// does not come without a "+"; a non-synchronizing one is on its way.
func (s *Session) skipLiteral(p *pending) bool {
	switch {
	case !p.literal.NonSync:
		p.literal = nil
		s.client.phase, s.client.p = phaseCommand, nil
		return true
	case s.client.phase == phaseWait:
		return s.discard(p)
	}
	return false // it is being discarded
}

// forward sends a command to the server: its octets as they were parsed, but each literal in synchronizing form, and its
// data only when the server has asked for it. A server that refuses the command around a {n+} runs its data as commands.
func (s *Session) forward(p *pending) {
	if info := p.sent.Info; info != nil {
		p.barrier = info.Barrier
		p.new = p.old
		if info.Success != 0 {
			p.new = info.Success
		}
	} else {
		p.barrier, p.new = false, p.old
	}
	if d := p.decision; d != nil && d.New != 0 {
		p.barrier = p.barrier || d.New != p.old
		p.new = d.New
	}
	if clean := s.withoutClaims(p.sent); clean != nil {
		p.sent = clean
	}
	s.progress(Forwarded, p)
	switch {
	case p.auth != nil:
		p.parts = [][]byte{s.authLine(p)}
	case p.sent.Pending == nil && !slices.ContainsFunc(p.sent.Args, isLiteral):
		s.toServer(p.sent.Raw)
		s.toServer(crlf)
		s.sent(p)
		return
	default:
		p.parts = split(p.sent)
	}
	p.stage = stageSending
	s.sending = p
	s.sendPart()
}

var crlf = []byte("\r\n")

func isLiteral(t wire.Token) bool { return t.Kind == wire.Literal }

// sendPart sends what the server has invited.
func (s *Session) sendPart() {
	p := s.sending
	s.toServer(p.parts[0])
	p.parts = p.parts[1:]
	if len(p.parts) == 0 && p.literal == nil {
		s.sent(p)
	}
}

// sent notes that the server has all of p.
func (s *Session) sent(p *pending) {
	p.stage = stageForwarded
	p.literal = nil
	if s.sending == p {
		s.sending = nil
	}
	if s.client.p == p && p.auth == nil {
		s.client.phase, s.client.p = phaseCommand, nil
		s.client.endCommand()
	}
}

// split cuts a command, or what was added to one, behind each literal header.
func split(c *syntax.Command) [][]byte {
	var parts [][]byte
	part, from := []byte(nil), c.From
	header := func(h wire.LiteralHeader, dataStart int) {
		brace := bytes.LastIndexByte(c.Raw[:dataStart], '{')
		part = append(part, c.Raw[from:brace+1]...)
		part = strconv.AppendUint(part, h.Size, 10)
		parts = append(parts, append(part, "}\r\n"...))
		part, from = nil, dataStart
	}
	for _, t := range c.Args {
		if t.Kind == wire.Literal && !t.Pending && int(t.Start) > c.From {
			header(t.Header, int(t.Start))
		}
	}
	if c.Pending != nil {
		header(*c.Pending, len(c.Raw))
		return parts
	}
	part = append(part, c.Raw[from:]...)
	return append(parts, append(part, '\r', '\n'))
}
