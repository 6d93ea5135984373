package session

import (
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// sendID tells a server that trusts the dataplane who the client is (RFC 2971; the x- fields are Dovecot's). It comes behind the
// greeting and before anything of the client. The server's answer stays here, and a refusal is no fault.
func (s *Session) sendID() {
	if len(s.serverID) == 0 || s.state != syntax.NotAuthenticated {
		return
	}
	b := []byte(startTag + " ID (")
	for i, f := range s.serverID {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(append(append(b, '"'), quoting.Replace(f)...), '"') // RFC 2971 has strings, not atoms
	}
	s.toServer(append(b, ")\r\n"...))
	s.server.start = startIDSent
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// idAnswer takes what the server says while ID is in flight; false: it is not about it.
func (s *Session) idAnswer(head wire.ResponseHead, line []byte) bool {
	switch {
	case head.Kind == wire.UntaggedResponse && wire.EqualFold(line[head.Name.Start:head.Name.End], "ID"):
		s.goOn(line, restDrop)
	case head.Kind == wire.TaggedResponse && string(line[head.Tag.Start:head.Tag.End]) == startTag:
		if s.unwritten() {
			s.serverViolation("answer to what has not been said yet")
			return true
		}
		s.server.start = startNone
	default:
		return false
	}
	return true
}

// withoutClaims is a client's ID command without the fields that servers believe of a trusted proxy ("x-originating-ip" and
// its kin): a client's word on them is worth nothing. Nil: there are none.
func (s *Session) withoutClaims(c *syntax.Command) *syntax.Command {
	claims := false
	for name := range c.ID {
		claims = claims || strings.HasPrefix(name, "x-")
	}
	if !claims {
		return nil
	}
	// ( name value name value ... ): the tokens behind the list's are its items.
	raw := append([]byte(nil), c.Tag...)
	raw = append(raw, " ID ("...)
	first := true
	for i := 1; i+1 < len(c.Args); i += 2 {
		name := wire.Text(c.Raw, c.Args[i], nil)
		if len(name) >= 2 && wire.EqualFold(name[:2], "X-") {
			continue
		}
		if !first {
			raw = append(raw, ' ')
		}
		raw = wire.Append(raw, c.Raw, c.Args[i:i+1])
		raw = append(raw, ' ')
		raw = wire.Append(raw, c.Raw, c.Args[i+1:i+2])
		first = false
	}
	raw = append(raw, ')')
	if first {
		raw = append(append([]byte(nil), c.Tag...), " ID NIL"...)
	}
	clean, err := s.parser().Parse(raw, s.mode)
	if err != nil {
		return nil
	}
	return clean
}
