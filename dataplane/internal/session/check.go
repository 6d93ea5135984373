package session

import (
	"bytes"
	"fmt"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// check looks at a decision on a command before it is obeyed: nothing that policy says reaches a peer unless it is one
// well-formed line of the kind its verdict calls for. It returns what is wrong; "": nothing.
func (s *Session) check(p *pending, d *Decision) string {
	if d.Old > syntax.Logout || d.New > syntax.Logout {
		return "unknown state"
	}
	if problem := s.checkText(d.Text); problem != "" {
		return problem
	}
	switch d.Request {
	case ReqAccept, ReqDrop, ReqAbort:
		return ""
	case ReqReject:
		if len(d.Code) > 0 && !isCode(d.Code) {
			return "malformed response code"
		}
		return ""
	case ReqRespond:
		return s.checkRespond(p, d)
	case ReqRewrite:
		return s.checkRewrite(p, d)
	}
	return "verdict not allowed here"
}

func (s *Session) checkText(b []byte) string {
	if len(b) > s.cfg.Limits.PolicyText {
		return fmt.Sprintf("text over %d octets", s.cfg.Limits.PolicyText)
	}
	if !printable(b) {
		return "text is not printable US-ASCII"
	}
	return ""
}

// checkNewText is checkText for a text that stands for another.
func (s *Session) checkNewText(b []byte) string {
	if len(b) == 0 {
		return "no text"
	}
	return s.checkText(b)
}

func (s *Session) checkRespond(p *pending, d *Decision) string {
	switch p.cmd.Name {
	case "STARTTLS", "IDLE":
		return p.cmd.Name + " cannot be answered by policy"
	}
	if problem := checkTaggedText(d.Text); problem != "" {
		return problem
	}
	for _, u := range d.Untagged {
		if problem := s.checkUntagged(u); problem != "" {
			return problem
		}
		if name, _, _ := bytes.Cut(u, []byte(" ")); !isDigit(u[0]) && !syntax.IsResponse(upperName(name)) {
			return "untagged line that is no known response"
		}
	}
	return ""
}

// checkTaggedText: OK, NO or BAD, a space, and a text.
func checkTaggedText(b []byte) string {
	name, text, ok := bytes.Cut(b, []byte(" "))
	if !ok || len(text) == 0 {
		return "tagged text is not OK, NO or BAD with a text"
	}
	switch string(name) {
	case "OK", "NO", "BAD":
		return ""
	}
	return "tagged text does not start with OK, NO or BAD"
}

// checkUntagged: one untagged response without its "* ", without literals.
func (s *Session) checkUntagged(u []byte) string {
	if problem := s.checkText(u); problem != "" {
		return problem
	}
	r, err := s.parser().ParseResponse(append([]byte("* "), u...), true)
	if err != nil {
		return "malformed untagged line: " + err.Error()
	}
	if r.Truncated {
		return "untagged line with a literal"
	}
	list := r.Code
	if r.Name == "CAPABILITY" {
		list = u
	}
	names, isList := syntax.CapabilityList(list)
	if r.Name == "CAPABILITY" && !isList {
		return "malformed CAPABILITY line"
	}
	for _, n := range names {
		if info := syntax.LookupCapability(n); info != nil && info.Treatment == syntax.Hide {
			return "capability " + n + " cannot be served: " + info.Why
		}
	}
	return ""
}

// checkRewrite: one command without its tag, without a literal that has not come. It is not judged again, so it is checked
// for its form and state only; a command that opens an exchange with the client cannot be put in another's place.
func (s *Session) checkRewrite(p *pending, d *Decision) string {
	raw := append([]byte(p.tag+" "), d.Text...)
	cmd, err := s.parser().Parse(raw, s.mode)
	switch {
	case err != nil:
		return "malformed command: " + err.Error()
	case cmd.Pending != nil:
		return "command with a literal"
	case cmd.Info == nil || cmd.Info.Treatment != syntax.Pass:
		return "command " + cmd.Name + " cannot be forwarded"
	case !cmd.Info.States.Has(s.state):
		return "command " + cmd.Name + " is not allowed in this state"
	}
	switch cmd.Name {
	case "AUTHENTICATE", "IDLE", "LOGIN":
		return "command " + cmd.Name + " cannot stand in for another"
	}
	switch p.cmd.Name {
	case "AUTHENTICATE", "IDLE", "LOGIN", "STARTTLS":
		return p.cmd.Name + " cannot be rewritten"
	}
	p.sent = cmd
	return ""
}

// fault ends the session for a fault of the policy.
func (s *Session) fault(k Kind, command, tag string, d *Decision) {
	s.event(Event{Type: PolicyFault, Kind: k, Command: command, Tag: tag, Decision: d, Reason: d.Fault.Message})
	s.end(Ended, "policy error", "policy error", nil)
}

// badDecision is a fault that the dataplane found.
func (s *Session) badDecision(k Kind, command, tag string, d *Decision, kind, problem string) {
	s.fault(k, command, tag, withFault(d, kind, problem))
}

// withFault is d as a fault.
func withFault(d *Decision, kind, problem string) *Decision {
	f := *d
	f.Fault = &Fault{Kind: kind, Message: problem, Row: d.Row}
	return &f
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
