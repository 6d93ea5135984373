package session

import (
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// greet takes the server's first line (RFC 9051 section 7.1).
func (s *Session) greet(head wire.ResponseHead, line []byte) {
	j := &judgement{kind: Greeting, line: line, row: &accept, todo: []*pending{nil}}
	if head.Kind == wire.UntaggedResponse && !head.HasNumber {
		j.name = upperName(line[head.Name.Start:head.Name.End])
	}
	switch j.name {
	case "OK", "PREAUTH", "BYE":
	default:
		s.serverViolation("greeting that is not OK, PREAUTH or BYE")
		return
	}
	if s.cfg.ServerStartTLS == StartTLSRequired && !s.tls[Server] && j.name != "BYE" {
		s.secureServer(j)
		return
	}
	if !s.readLists(j, head) {
		return
	}
	if j.name == "PREAUTH" {
		if s.cfg.ClientStartTLS == StartTLSRequired && !s.tls[Client] {
			s.end(ServerViolation, "PREAUTH where STARTTLS is required", "[PRIVACYREQUIRED] STARTTLS is required", nil)
			return
		}
	}
	s.consult(j)
}

// applyGreeting greets the client.
func (s *Session) applyGreeting(j *judgement) {
	if j.from != nil && j.from.ID == "" && s.cfg.Failure == FailReject && j.row.Verdict == RspReject {
		s.end(Ended, "the decider gave no answer", unavailableBye, nil)
		return
	}
	var text []byte
	switch j.row.Verdict {
	case RspAccept:
	case RspRewrite:
		text = j.row.Text
		if len(text) == 0 {
			s.badRow(j, "rewritten greeting: no text")
			return
		}
	case RspReject:
		s.end(Ended, "policy rejected the greeting", s.bye(j.row.Text, "refused by policy", j.from), nil)
		return
	case RspDrop, RspAbort:
		// A session without a greeting cannot go on: to drop it is to end it silently.
		bye := ""
		if j.row.Verdict == RspAbort {
			bye = s.bye(j.row.Text, "session ended by policy", j.from)
		}
		s.end(Ended, "policy ended the session at the greeting", bye, nil)
		return
	default:
		s.badRow(j, "verdict not allowed here")
		return
	}
	if text == nil && j.status == nil {
		s.out[Client] = append(append(s.out[Client], j.line...), '\r', '\n')
	} else {
		s.out[Client] = append(s.out[Client], s.statusLine("*", j, text)...)
	}
	s.server.greeted = true
	switch j.name {
	case "PREAUTH":
		s.snap.Identity = Identity{Mechanism: "PREAUTH"}
		s.setState(syntax.Authenticated)
	case "BYE":
		s.byeFromSrv = true
		s.end(Ended, "the server refused the connection", "", nil)
		return
	}
	if j.from != nil {
		s.setState(j.from.New)
	}
	s.sendID()
}
