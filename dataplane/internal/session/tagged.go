package session

import (
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// tagged judges the answer to a command.
func (s *Session) tagged(head wire.ResponseHead, line []byte) {
	p := s.byTag(line[head.Tag.Start:head.Tag.End])
	if p == nil || p.stage < stageSending {
		s.serverViolation("tagged response to no command in flight")
		return
	}
	if p.body && p.stage == stageSending {
		// The server has been invited to read on. What it makes of the octets to come cannot be known.
		s.serverViolation("tagged response inside of a command")
		return
	}
	j := s.judging(judgement{kind: Tagged, line: line})
	j.under = append(j.under, p)
	switch j.name = upperName(line[head.Name.Start:head.Name.End]); {
	case j.name == "OK" && s.unsaid(p):
		// Whoever says it does not answer, but guessed the tag.
		s.serverViolation("OK to what has not been said yet")
		return
	case j.name == "OK", j.name == "NO", j.name == "BAD":
	default:
		s.serverViolation("tagged response that is not OK, NO or BAD")
		return
	}
	if !s.readLists(j, head) {
		return
	}
	row := p.judge(true, j.name)
	if row.Verdict == RspPolicy {
		j.todo = j.under
	} else {
		j.strictest(row, p.decision)
		s.noteReject(p, row, nil)
	}
	s.consult(j)
}

// unsaid tells that the server has not got all of p, or not the SASL response that it asked for.
func (s *Session) unsaid(p *pending) bool {
	return p.stage == stageSending || p.auth != nil && (p.auth.first != nil || s.client.phase == phaseSASL)
}

// applyTagged ends a command: the state moves on the server's word, and the client gets the answer that policy lets it have.
func (s *Session) applyTagged(j *judgement) {
	p := j.under[0]
	switch j.row.Verdict {
	case RspAccept, RspDrop, RspReject:
	case RspRewrite:
		if problem := s.checkNewText(j.row.Text); problem != "" {
			s.badRow(j, "rewritten response: "+problem)
			return
		}
	case RspAbort:
		s.end(Ended, "policy aborted the session", s.bye(j.row.Text, "session ended by policy", j.from), nil)
		return
	default:
		s.badRow(j, "verdict not allowed here")
		return
	}
	p.status = j.name
	s.prove(p, j)
	switch {
	case j.row.Verdict == RspDrop:
	case p.idleBroken:
		s.toClient(p.tag + " BAD expected DONE\r\n")
	case p.rejected != nil:
		s.toClient(p.tag + " " + s.refusal(p.rejected.code, p.rejected.text, p.rejected.decision) + "\r\n")
	case j.row.Verdict == RspRewrite:
		s.out[Client] = append(s.out[Client], s.statusLine(p.tag, j, j.row.Text)...)
	case j.status != nil:
		s.out[Client] = append(s.out[Client], s.statusLine(p.tag, j, nil)...)
	default:
		s.out[Client] = append(append(s.out[Client], j.line...), '\r', '\n')
	}
	s.release(p)
	if p.sent.Name == "LOGOUT" && j.name == "OK" {
		s.end(Ended, "logout", "", nil)
	}
}

// release takes a finished command out of the queue, and gives the client's stream back to commands.
func (s *Session) release(p *pending) {
	s.remove(p)
	if s.sending == p {
		// The server refused it before all of it was sent. A synchronizing literal then does not come; a non-synchronizing
		// one does, and must not be read as commands.
		s.sending = nil
		p.stage = stageForwarded
		if p.literal != nil && p.literal.NonSync {
			s.discard(p)
			return
		}
		p.literal = nil
	}
	if s.client.p == p {
		s.client.phase, s.client.p = phaseCommand, nil
	}
}

// prove moves the state by the server's tagged answer (RFC 9051 section 3): never by the request.
func (s *Session) prove(p *pending, j *judgement) {
	name := p.sent.Name
	login := name == "LOGIN" || name == "AUTHENTICATE"
	if j.name != "OK" {
		if login {
			s.snap.AuthenticationFailures++
			s.epoch++
		}
		if info := p.sent.Info; info != nil && info.Failure != 0 && j.name == "NO" && s.state == syntax.Selected {
			// A SELECT that fails leaves no mailbox selected (RFC 9051 section 6.3.2).
			s.setState(info.Failure)
		}
		return
	}
	switch {
	case login:
		s.snap.Identity, s.snap.Roles = p.identity, nil
		s.epoch++
	case name == "SELECT" || name == "EXAMINE":
		s.selected(p, j.line)
	case name == "UNAUTHENTICATE":
		s.forget()
	}
	if p.new != p.old {
		s.setState(p.new)
	}
}

// selected notes the mailbox that the server has opened.
func (s *Session) selected(p *pending, line []byte) {
	m := &Mailbox{ReadOnly: p.sent.Name == "EXAMINE"}
	if p.sent.Mailbox != nil {
		m.Name = *p.sent.Mailbox
	}
	if r, err := s.parser().ParseResponse(line, false); err == nil && wire.EqualFold(r.Code, "READ-ONLY") {
		m.ReadOnly = true
	}
	s.snap.Mailbox = m
	s.epoch++
}

// forget drops all that belongs to the user who was logged in (RFC 8437 section 3): the identity, the mailboxes, what
// was enabled, and with it the grammar.
func (s *Session) forget() {
	s.snap = Snapshot{AuthenticationFailures: s.snap.AuthenticationFailures}
	s.mode = s.base
	s.epoch++
}
