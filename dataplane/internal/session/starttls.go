package session

import (
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// startPhase is what the dataplane itself has asked the server for, before the client's first command.
type startPhase uint8

const (
	startNone startPhase = iota
	startTLSSent
	startIDSent
)

// startTag tags the dataplane's own commands. No command of the client is forwarded while one is in flight.
const startTag = "gatepost"

// startTLSAllowed tells that a client's STARTTLS may be put to policy. Nothing may be in flight and nothing behind it: what
// was sent in the clear would be answered, or run, under TLS (CVE-2011-0411).
func (s *Session) startTLSAllowed(p *pending) bool {
	switch {
	case s.tls[Client]:
		s.violation(p, "TLS is active already")
	case s.cfg.ClientStartTLS == StartTLSOff:
		s.refuse(p, "[CANNOT] STARTTLS is not available here", "STARTTLS is off")
	case len(s.queue) > 0 || s.in[Client].Buffered() > 0:
		s.injection(Client)
	default:
		s.client.phase, s.client.p = phaseStartTLS, p
		return true
	}
	return false
}

func (s *Session) injection(side Side) {
	t := ClientViolation
	if side == Server {
		t = ServerViolation
	}
	s.event(Event{Type: t, Command: "STARTTLS", Reason: "octets in the clear around STARTTLS"})
	s.end(Ended, "octets in the clear around STARTTLS", "octets in the clear around STARTTLS", nil)
}

// startTLS answers the client's STARTTLS, which policy has accepted.
func (s *Session) startTLS(p *pending) bool {
	if s.in[Client].Buffered() > 0 {
		s.injection(Client)
		return false
	}
	s.toClient(p.tag + " OK begin TLS now\r\n")
	s.remove(p)
	s.upgrade, s.upgrading = Client, true
	return false
}

// clientUpgraded forgets what was learnt in the clear.
func (s *Session) clientUpgraded() {
	s.client.phase, s.client.p = phaseCommand, nil
	s.forget()
}

// secureServer sends STARTTLS behind the server's greeting, before the client sees anything.
func (s *Session) secureServer(j *judgement) {
	if j.name == "PREAUTH" {
		// Whoever can put PREAUTH in a greeting in the clear keeps the session in the clear: STARTTLS is not allowed after it.
		s.serverViolation("PREAUTH where STARTTLS is required")
		return
	}
	s.server.greeting = append([]byte(nil), j.line...)
	s.server.start = startTLSSent
	s.toServer([]byte(startTag + " STARTTLS\r\n"))
}

// startTLSAnswer takes the answer to it. Anything but a plain OK ends the session: never clear text.
func (s *Session) startTLSAnswer(head wire.ResponseHead, line []byte) {
	if head.Kind == wire.UntaggedResponse && string(line[head.Name.Start:head.Name.End]) == "OK" {
		return // an informational line; nothing of it is kept
	}
	if head.Kind != wire.TaggedResponse || string(line[head.Tag.Start:head.Tag.End]) != startTag ||
		!wire.EqualFold(line[head.Name.Start:head.Name.End], "OK") {
		s.serverViolation("STARTTLS is required and was not answered OK")
		return
	}
	if s.in[Server].Buffered() > 0 || s.unwritten() {
		s.injection(Server)
		return
	}
	s.upgrade, s.upgrading = Server, true
}

// unwritten tells that the server cannot have got the dataplane's own command yet: who answers it guessed the tag, from a place
// between the two.
func (s *Session) unwritten() bool { return len(s.out[Server]) > 0 }

// serverUpgraded greets the client. The greeting's code was said in the clear, and is forgotten.
func (s *Session) serverUpgraded() {
	s.server.start = startNone
	line := s.server.greeting
	s.server.greeting = nil
	if r, err := s.parser().ParseResponse(line, false); err == nil && r.Code != nil {
		line = append([]byte("* OK "), r.Text...)
	}
	head, err := wire.Response(line)
	if err != nil {
		s.serverViolation(err.Error())
		return
	}
	s.greet(head, line)
}
