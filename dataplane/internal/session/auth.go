package session

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/sasl"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
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
	capability := "AUTH=" + p.cmd.Mechanism
	if info := syntax.LookupCapability(capability); info != nil && info.Treatment == syntax.Hide || s.hides(capability) {
		s.event(Event{Type: Refused, Command: p.name(), Tag: p.tag, Reason: capability + " is hidden"})
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
	if len(response) > s.cfg.Limits.SASL {
		s.event(Event{Type: Refused, Command: p.name(), Tag: p.tag, Reason: saslTooLong})
		p.local = &local{text: "NO [TOOBIG] SASL response too long"}
		return
	}
	id, err := sasl.Identify(p.cmd.Mechanism, response)
	if err != nil {
		s.badSASL(p, err.Error())
		return
	}
	p.auth.first = append([]byte{}, response...)
	p.identity.User, p.identity.Authorization = id.User, id.Authorization
	s.askCommand(p)
}

const saslTooLong = "a SASL response is over the bound"

// badSASL answers a malformed first response.
func (s *Session) badSASL(p *pending, reason string) {
	s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: reason})
	p.local = &local{text: "BAD malformed SASL response"}
	if s.tooBad() {
		p.local.bye = "protocol violation"
	}
}

// readSASL takes a response of the client: base64, or "*" to cancel (RFC 9051 section 6.2.2). It is never a command, and no
// literal comes with it.
func (s *Session) readSASL() bool {
	line, ok, damaged := s.line(Client)
	if !ok {
		return false
	}
	p := s.client.p
	reason := ""
	if _, _, literal, err := wire.ParseLiteralHeader(line); literal || err != nil {
		reason = "a literal for a SASL response"
	}
	if damaged == wire.ErrBareLF {
		reason = damaged.Error()
	}
	if reason != "" {
		s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: reason})
		s.end(Ended, "the stream cannot be framed", "protocol violation", nil)
		return false
	}
	_, err := sasl.Decode(line)
	cancelled, valid := string(line) == "*", damaged == nil && err == nil
	first := s.client.phase == phaseSASLFirst
	s.client.phase = phaseWait
	switch {
	case !first:
		s.respond(p, line, cancelled, valid)
		return !s.closing
	case cancelled:
		p.local = &local{text: "BAD AUTHENTICATE cancelled"}
	case !valid:
		s.badSASL(p, notBase64)
	default:
		s.identify(p, line)
	}
	p.auth.collecting = false
	return true
}

const notBase64 = "a SASL response is base64"

// respond passes a response on to the server. In the place of one that cannot pass it hears a cancellation, and its BAD ends the
// exchange.
func (s *Session) respond(p *pending, line []byte, cancelled, valid bool) {
	switch {
	case cancelled:
	case !valid:
		s.event(Event{Type: ClientViolation, Command: p.name(), Tag: p.tag, Reason: notBase64})
		if s.tooBad() {
			s.end(Ended, "protocol violation", "protocol violation", nil)
			return
		}
		line = []byte("*")
	case len(line) > s.cfg.Limits.SASL:
		s.event(Event{Type: Refused, Command: p.name(), Tag: p.tag, Reason: saslTooLong})
		line = []byte("*")
	}
	s.toServer(append(bytes.Clone(line), '\r', '\n'))
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

// challenge is a "+" of the server within AUTHENTICATE. It is base64: a text in its place might be meant for the eyes of the
// user, or hold a code.
func (s *Session) challenge(p *pending, line []byte) {
	text := bytes.TrimPrefix(line[len("+"):], []byte(" "))
	_, err := sasl.Decode(text)
	switch {
	case s.client.phase == phaseSASL:
		s.serverViolation("challenge before the response to the last")
	case p.auth.first != nil:
		s.toServer(append(p.auth.first, '\r', '\n'))
		p.auth.first = nil
	case err != nil:
		s.serverViolation("challenge that is not base64")
	case len(text) > s.cfg.Limits.SASL:
		s.serverViolation("challenge over the bound")
	default:
		s.toClient(string(line) + "\r\n")
		s.client.phase, s.client.p = phaseSASL, p
	}
}
