package session

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/sasl"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// auth is an AUTHENTICATE on its way. Its responses are the client's secrets: they go to the server and nowhere else.
type auth struct {
	// collecting: the first response is awaited from the client.
	collecting bool
	// first is the response that names the identity, in base64, to be sent when the server asks; nil: none was collected.
	first []byte
}

// beginAuth makes the identity known before the question is asked: where the client speaks first it is in the first
// response, which the dataplane invites itself.
func (s *Session) beginAuth(p *pending) {
	p.auth = &auth{}
	p.identity.Mechanism = p.cmd.Mechanism
	if info := syntax.LookupCapability("AUTH=" + p.cmd.Mechanism); info != nil && info.Treatment == syntax.Hide {
		s.event(Event{Type: Refused, Command: p.name(), Tag: p.tag, Reason: info.Why})
		p.local = &local{text: "NO [CANNOT] this mechanism is not available here"}
		return
	}
	if ir := p.cmd.InitialResponse; ir != nil {
		if string(ir) == "=" {
			ir = []byte{} // RFC 4959: an empty response
		}
		s.identify(p, ir)
		return
	}
	challenge, invited := sasl.FirstChallenge(p.cmd.Mechanism)
	if !invited {
		s.askCommand(p)
		return
	}
	p.auth.collecting = true
	s.client.phase, s.client.p = phaseSASLFirst, p
	s.toClient("+ " + challenge + "\r\n")
}

// identify takes the first response, and asks.
func (s *Session) identify(p *pending, response []byte) {
	id, err := sasl.Identify(p.cmd.Mechanism, response)
	if err != nil {
		s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: err.Error()})
		p.local = &local{text: "BAD malformed SASL response"}
		if s.tooBad() {
			p.local.bye = "protocol violation"
		}
		return
	}
	p.auth.first = append([]byte{}, response...)
	p.identity.User, p.identity.Authorization = id.User, id.Authorization
	s.askCommand(p)
}

// readSASL takes a response of the client: base64, or "*" to cancel (RFC 9051 section 6.2.2). It is never a command.
func (s *Session) readSASL() bool {
	line, ok, damaged := s.line(Client)
	if !ok {
		return false
	}
	p := s.client.p
	cancelled := string(line) == "*"
	_, err := sasl.Decode(line)
	valid := damaged == nil && err == nil
	if s.client.phase == phaseSASLFirst {
		p.auth.collecting = false
		s.client.phase = phaseWait
		switch {
		case cancelled:
			p.local = &local{text: "BAD AUTHENTICATE cancelled"}
		case !valid:
			s.badSASL(p)
			p.local = &local{text: "BAD malformed SASL response"}
		default:
			s.identify(p, line)
		}
		return true
	}
	s.client.phase = phaseWait
	if !cancelled && !valid {
		// The server hears a cancellation, and its BAD ends the exchange.
		s.badSASL(p)
		line = []byte("*")
	}
	s.toServer(append(bytes.Clone(line), '\r', '\n'))
	return true
}

func (s *Session) badSASL(p *pending) {
	s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: "a SASL response is base64"})
	s.bad++
}

// authLine is AUTHENTICATE as the server gets it. An initial response goes with it only if the client sent one and the server
// takes one (RFC 4959); else it answers the server's first challenge.
func (s *Session) authLine(p *pending) []byte {
	if p.cmd.InitialResponse != nil && s.server.saslIR {
		p.auth.first = nil
		return append(bytes.Clone(p.cmd.Raw), '\r', '\n')
	}
	return []byte(p.tag + " AUTHENTICATE " + p.cmd.Mechanism + "\r\n")
}

// challenge is a "+" of the server within AUTHENTICATE.
func (s *Session) challenge(p *pending, line []byte) {
	if s.client.phase == phaseSASL {
		s.serverViolation("challenge before the response to the last")
		return
	}
	if p.auth.first != nil {
		s.toServer(append(p.auth.first, '\r', '\n'))
		p.auth.first = nil
		return
	}
	s.toClient(string(line) + "\r\n")
	s.client.phase, s.client.p = phaseSASL, p
}
