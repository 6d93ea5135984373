package session

import (
	"bytes"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// serverReader is the state of the server's direction.
type serverReader struct {
	greeted bool
	start   startPhase
	// greeting is the greeting's line while STARTTLS towards the server goes on.
	greeting []byte
	// rest says what happens to what is left of the current response; partial: the client has the first part of it.
	rest    rest
	partial bool
	// need is what is left of a literal.
	need uint64
	// behind are the dataplane's own lines that wait for the end of a response.
	behind []byte
	// gather is a response of which the literals are collected; hold is one that waits for its verdict: nothing overtakes it.
	gather, hold *judgement
	// saslIR: the server takes an initial response (RFC 4959).
	saslIR bool
}

// rest is what happens to the rest of a response behind a literal.
type rest uint8

const (
	restNone rest = iota // the next line starts a response
	restPass
	restDrop
)

// stepServer processes one element of the server's stream; false: it cannot.
func (s *Session) stepServer() bool {
	r := &s.server
	if r.hold != nil {
		return false
	}
	if r.gather != nil {
		return s.gather(r.gather)
	}
	if r.need > 0 {
		b := s.in[Server].Take(r.need)
		r.need -= uint64(len(b))
		if r.rest == restPass {
			s.out[Client] = append(s.out[Client], b...)
		}
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
	if r.rest != restNone {
		s.goOn(line, r.rest)
		return true
	}
	head, err := wire.Response(line)
	switch {
	case err != nil:
		s.serverViolation(err.Error())
	case r.start == startTLSSent:
		s.startTLSAnswer(head, line)
	case r.start == startIDSent && s.idAnswer(head, line):
	case !r.greeted:
		s.greet(head, line)
	case head.Kind == wire.Continuation:
		s.continuation(line)
	case head.Kind == wire.TaggedResponse:
		s.tagged(head, line)
	default:
		s.untagged(head, line)
	}
	return true
}

// fastPath moves literal data of a response that passes straight to the client's output, without a stop in the buffer. It
// returns what is left.
func (s *Session) fastPath(side Side, p []byte) []byte {
	r := &s.server
	if side != Server || r.need == 0 || r.hold != nil {
		return p
	}
	n := min(uint64(len(p)), r.need)
	if r.rest == restPass {
		s.out[Client] = append(s.out[Client], p[:n]...)
	}
	r.need -= n
	return p[n:]
}

// goOn passes or drops a line of a data response, the first or one behind a literal, and finds out whether a literal
// follows it.
func (s *Session) goOn(line []byte, what rest) {
	if h, literal, ok := s.literalBehind(line); ok {
		s.emit(line, h, literal, what)
	}
}

// literalBehind looks for a literal header at the end of a line of a data response; ok false: it is malformed, and the
// session has ended.
func (s *Session) literalBehind(line []byte) (h wire.LiteralHeader, literal, ok bool) {
	h, _, literal, err := wire.ParseLiteralHeader(line)
	if err != nil || literal && h.NonSync {
		s.serverViolation("malformed literal")
		return h, false, false
	}
	return h, literal, true
}

// emit passes or drops a part of a response, behind which a literal follows or not.
func (s *Session) emit(part []byte, h wire.LiteralHeader, literal bool, what rest) {
	r := &s.server
	if what == restPass {
		s.out[Client] = append(append(s.out[Client], part...), '\r', '\n')
	}
	if literal {
		r.rest, r.partial, r.need = what, what == restPass, h.Size
		s.long[Server] = what == restPass && h.Size >= LongLiteral
		return
	}
	s.endResponse()
}

// endResponse is the end of a response: here, and not inside of one, the dataplane may speak.
func (s *Session) endResponse() {
	r := &s.server
	r.rest, r.partial = restNone, false
	s.out[Client] = append(s.out[Client], r.behind...)
	r.behind = nil
}

// serverViolation ends the session: what the server says is not IMAP, or not an answer to anything.
func (s *Session) serverViolation(what string) {
	s.event(Event{Type: ServerViolation, Reason: what})
	s.end(Ended, "the server broke the protocol", "[UNAVAILABLE] server error", nil)
}

// continuation is a "+" of the server. It is legal only where the session waits for one.
func (s *Session) continuation(line []byte) {
	if p := s.sending; p != nil {
		switch {
		case len(p.parts) > 0:
			s.sendPart()
		case p.literal != nil && !p.body:
			s.invite(p)
		default:
			s.serverViolation("unsolicited continuation")
		}
		return
	}
	for _, p := range s.queue {
		if p.stage != stageForwarded {
			continue
		}
		if p.auth != nil {
			s.challenge(p, line)
			return
		}
		if p.sent.Name == "IDLE" && !p.idle {
			s.beginIdle(p, line)
			return
		}
	}
	s.serverViolation("unsolicited continuation")
}

// inFlight are the commands that the server has, in order.
func (s *Session) inFlight(yield func(*pending) bool) {
	for _, p := range s.queue {
		if p.stage >= stageSending && !yield(p) {
			return
		}
	}
}

// isStatus tells the status responses (RFC 9051 section 7.1). Their text is text: no literal is looked for in it.
func isStatus(name string) bool {
	switch name {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return false
}

// upperName is a response's name in upper case, without allocation for those of RFC 9051.
func upperName(b []byte) string {
	for _, n := range [...]string{"FETCH", "OK", "EXISTS", "EXPUNGE", "NO", "BAD", "BYE", "LIST", "SEARCH", "FLAGS", "RECENT", "STATUS", "CAPABILITY"} {
		if wire.EqualFold(b, n) {
			return n
		}
	}
	return string(wire.AppendUpper(nil, b))
}

// learn takes what an untagged response tells of the session.
func (s *Session) learn(name string, line []byte) {
	switch name {
	case "BYE":
		s.byeFromSrv = true
	case "ENABLED":
		if bytes.Count(line, []byte(" ")) > s.cfg.Limits.Tokens {
			s.serverViolation("response with too many words")
			return
		}
		if names, ok := syntax.EnabledList(line[len("* "):]); ok {
			s.enabled(names)
		}
	case "LIST", "LSUB", "XLIST", "NAMESPACE":
		if s.LoggedIn() {
			s.learnMailbox(line)
		}
	}
}

// maxEnabled is how many names are noted: more than there are capabilities that can be enabled.
const maxEnabled = 100

// enabled notes what an ENABLE has brought, and switches the grammar from the ENABLED line on (RFC 5161, RFC 6855, RFC 9051
// section 6.3.1). Commands that wait for their verdict were read in the grammar before it: so only the answer to an ENABLE,
// behind which nothing was read, may do it.
func (s *Session) enabled(names []string) {
	for _, n := range names {
		utf8 := n == "UTF8=ACCEPT" || n == rev2
		switch {
		case slices.ContainsFunc(s.queue, func(p *pending) bool { return p.enables(n) }):
			if !slices.Contains(s.snap.Enabled, n) && len(s.snap.Enabled) < maxEnabled {
				s.snap.Enabled = append(slices.Clone(s.snap.Enabled), n)
			}
			s.mode.UTF8 = s.mode.UTF8 || utf8
			s.mode.Literal8 = s.mode.Literal8 || n == rev2 // RFC 9051 section 6.3.12
			s.epoch++
		case utf8:
			s.serverViolation("ENABLED " + n + " that was not asked for")
			return
		}
	}
}

// enables tells an ENABLE that the server has and that names a capability.
func (p *pending) enables(capability string) bool {
	return p.stage == stageForwarded && p.sent.Name == "ENABLE" && slices.Contains(p.sent.Capabilities, capability)
}
