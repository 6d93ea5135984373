package session

import (
	"bytes"
	"slices"
	"strings"
	"unique"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// readLists looks for a capability list in a response: in CAPABILITY data, or in the code of a status response, wherever one
// stands. The rest of a status response is never looked at. False: the session ended.
func (s *Session) readLists(j *judgement, head wire.ResponseHead) bool {
	may := mayHoldList(j.name, j.line[head.Rest:])
	switch {
	case may && bytes.Count(j.line, []byte(" ")) > s.cfg.Limits.Tokens:
		s.serverViolation("response with too many words")
		return false
	case j.name == "CAPABILITY":
		list := j.line[len("* "):]
		if _, ok := syntax.CapabilityList(list); !ok {
			s.serverViolation("malformed CAPABILITY response")
			return false
		}
		s.takeList(j, list)
	case may:
		j.line = bytes.Clone(j.line) // j.status refers to it, and may outlive what the buffer holds
		r, err := s.parser().ParseResponse(j.line, false)
		if err != nil {
			s.serverViolation(err.Error())
			return false
		}
		if _, ok := syntax.CapabilityList(r.Code); ok {
			j.status = r
			s.takeList(j, r.Code)
		} else if hiddenCode(r.Code) {
			j.status = r
			r.Code = nil
		}
	}
	return true
}

// mayHoldList tells that readLists has to look at a response closely; rest is what is behind its name.
func mayHoldList(name string, rest []byte) bool {
	return name == "CAPABILITY" || isStatus(name) && bytes.HasPrefix(rest, []byte("["))
}

// hiddenCode tells a response code that does not pass: REFERRAL (RFC 2193, RFC 2221) leads the client round the
// dataplane, and a capability list that cannot be read cannot be filtered.
func hiddenCode(code []byte) bool {
	name, _ := syntax.ParseCode(code)
	return name == "REFERRAL" || name == "CAPABILITY"
}

// takeList turns the server's list into the one that policy is asked about: what the dataplane cannot follow is taken out,
// and what is the dataplane's own stands for the client's leg.
func (s *Session) takeList(j *judgement, list []byte) {
	j.hasList = true
	if names, _ := syntax.CapabilityList(list); slices.Contains(names, rev2) && !slices.Contains(names, rev1) {
		// It needs no ENABLE (RFC 9051 section 6.3.1).
		s.base = syntax.Mode{UTF8: true, Literal8: true}
		s.mode = s.base
	}
	own := ""
	if strings.HasPrefix(s.cfg.Literals, "LITERAL") {
		own = s.cfg.Literals
	}
	startTLS := s.cfg.ClientStartTLS != StartTLSOff && !s.tls[Client]
	for _, field := range bytes.Fields(list)[1:] {
		upper := string(wire.AppendUpper(nil, field))
		switch upper {
		case "LITERAL+", "LITERAL-":
			// RFC 7888 is a property of one leg.
			if own != "" {
				j.offer(own)
				own = ""
			}
			continue
		case "STARTTLS":
			if startTLS {
				j.offer(upper)
				startTLS = false
			}
			continue
		case "SASL-IR":
			s.server.saslIR = true
		case "BINARY":
			s.base.Literal8, s.mode.Literal8 = true, true // RFC 3516 section 4.4
		}
		if info := syntax.LookupCapability(upper); info == nil || info.Treatment == syntax.Pass {
			j.list, j.spelled = append(j.list, upper), append(j.spelled, string(field))
		}
	}
	if own != "" {
		j.offer(own)
	}
	if startTLS {
		j.offer("STARTTLS")
	}
	if s.cfg.ClientStartTLS == StartTLSRequired && !s.tls[Client] {
		j.offer("LOGINDISABLED")
	}
}

// offer adds a capability of the dataplane's own.
func (j *judgement) offer(name string) {
	j.list, j.spelled = append(j.list, name), append(j.spelled, name)
}

// The capabilities of which one is in every list (RFC 9051 section 6.1.1), in upper case.
const rev1, rev2 = "IMAP4REV1", "IMAP4REV2"

// kept are the capabilities that the client is told, in the server's order and spelling. IMAP4rev1 is always among them, if the
// server has it: a list without it is none (RFC 3501 section 6.1.1).
func (s *Session) kept(j *judgement) []string {
	base := rev1
	if !slices.Contains(j.list, rev1) {
		base = rev2
	}
	kept := make([]string, 0, len(j.list))
	for i, n := range j.list {
		if n == base || j.verdicts != nil && j.verdicts[i] {
			kept = append(kept, j.spelled[i])
		}
	}
	return kept
}

// noteList remembers what the client is told: what is hidden is refused too, for a client need not wait for the list.
func (s *Session) noteList(list []string, verdicts []bool) {
	var offered, hidden []string
	for i, n := range list {
		if verdicts[i] {
			offered = append(offered, n)
		} else {
			hidden = append(hidden, n)
		}
	}
	s.offered, s.hidden = namesOf(offered), namesOf(hidden)
}

// names are capabilities, with a space between them. Sessions with the same server have the same, and so share them.
type names unique.Handle[string]

var noNames = namesOf(nil)

func namesOf(list []string) names { return names(unique.Make(strings.Join(list, " "))) }

// contains tells that there is one that is as asked for.
func (n names) contains(is func(string) bool) bool {
	for name := range strings.FieldsSeq(unique.Handle[string](n).Value()) {
		if is(name) {
			return true
		}
	}
	return false
}

func (n names) has(name string) bool {
	return n.contains(func(one string) bool { return one == name })
}

// hides tells that policy hides a capability that the server has.
func (s *Session) hides(capability string) bool {
	return s.hidden.has(capability) && !s.offered.has(capability)
}

// hidesCommand tells that only hidden capabilities bring a command.
func (s *Session) hidesCommand(info *syntax.Info) bool {
	return info.Capability != "" && s.hidden.contains(info.BroughtBy) && !s.offered.contains(info.BroughtBy)
}

// statusLine prints a status response: its code, with a capability list filtered, and its text, or another.
func (s *Session) statusLine(tag string, j *judgement, text []byte) []byte {
	r := j.status
	if r == nil {
		parsed, err := s.parser().ParseResponse(j.line, false)
		if err != nil {
			parsed = &syntax.Response{}
		}
		r = parsed
	}
	if text == nil {
		text = r.Text
	}
	if len(text) == 0 {
		text = []byte("-") // RFC 9051 has at least one octet of text
	}
	b := append([]byte(tag), ' ')
	b = append(b, j.name...)
	switch {
	case j.hasList:
		b = append(b, " [CAPABILITY"...)
		for _, n := range s.kept(j) {
			b = append(append(b, ' '), n...)
		}
		b = append(b, ']')
	case r.Code != nil:
		b = append(append(append(b, " ["...), r.Code...), ']')
	}
	b = append(append(b, ' '), text...)
	return append(b, '\r', '\n')
}
