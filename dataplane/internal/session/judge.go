package session

import (
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// judgement is a response on its way to its verdict.
type judgement struct {
	kind Kind
	// line is the response: its first line, and once it is complete, all up to its end or to a literal over the bound.
	line []byte // a copy where the decider has to be asked
	name string
	// complete: nothing more of it is collected. cut: literal comes behind line; need is what is left of one being collected.
	complete, cut bool
	literal       wire.LiteralHeader
	need          uint64
	// status is set for status responses whose parts matter: a code, or a text to be replaced.
	status *syntax.Response
	// under are the commands it is judged under; none: it is unsolicited.
	under []*pending
	// row is the strictest so far.
	row *Row
	// list is the capability list it carries, as the client may be told, in upper case; spelled is the same as spelled.
	list    []string
	spelled []string
	hasList bool
	// tells: the session learns from it, once its literals are collected.
	tells    bool
	verdicts []bool
	// todo are the commands whose rows say POLICY; asked: the list has been asked about.
	todo  []*pending
	asked bool
	from  *Decision // the decision that gave row
}

// strictest keeps the stricter of the row so far and another.
func (j *judgement) strictest(row *Row, d *Decision) {
	if j.row == nil || row.Verdict > j.row.Verdict {
		j.row, j.from = row, d
	}
}

// untagged judges an untagged response under each command in flight that can have caused it; the strictest verdict wins.
func (s *Session) untagged(head wire.ResponseHead, line []byte) {
	name := upperName(line[head.Name.Start:head.Name.End])
	if name == "PREAUTH" {
		s.serverViolation("PREAUTH that is not a greeting")
		return
	}
	if s.state == syntax.NotAuthenticated && !beforeLogin(name) {
		// Whoever stands between the dataplane and the server can say it before the login proves who the server is.
		s.serverViolation(name + " before login")
		return
	}
	told := !tells(name, line)
	if told {
		if s.learn(name, line); s.closing {
			return
		}
	}
	causes := syntax.Causes(name)
	known := slices.ContainsFunc(s.queue, func(p *pending) bool { return p.causes(causes) })
	if sole := s.sole(causes, known); sole != nil && told && !mayHoldList(name, line[head.Rest:]) && sole.judge(false, judgedAs(name)).Verdict == RspAccept {
		// The common case allocates nothing.
		s.passLine(name, line)
		if name == "FETCH" && s.server.rest == restNone {
			s.passAlike()
		}
		return
	}
	j := s.judging(judgement{kind: Untagged, line: line, name: name, tells: !told})
	if !s.readLists(j, head) {
		return
	}
	for p := range s.inFlight {
		if !known || p.causes(causes) {
			j.under = append(j.under, p)
		}
	}
	if len(j.under) == 0 {
		s.unsolicitedLine(j)
		return
	}
	for _, p := range j.under {
		row := p.judge(false, judgedAs(name))
		if row.Verdict == RspPolicy {
			j.todo = append(j.todo, p)
			continue
		}
		j.strictest(row, p.decision)
		s.noteReject(p, row, nil)
	}
	s.consult(j)
}

// judgedAs is the name that policy knows a response by. Once UIDONLY is enabled, UIDFETCH takes the place of FETCH (RFC 9586 section
// 3.3): else a client could have what the rows for FETCH withhold.
func judgedAs(name string) string {
	if name == "UIDFETCH" {
		return "FETCH"
	}
	return name
}

// beforeLogin tells the untagged responses that have a meaning before login.
func beforeLogin(name string) bool {
	switch name {
	case "CAPABILITY", "ID", "LANGUAGE", "NAMESPACE": // the last two: RFC 5255 section 3.2
		return true
	}
	return isStatus(name)
}

// causes tells that a command in flight is one of those that are known to cause a response. Where none of them is, any can
// have caused it.
func (p *pending) causes(names []string) bool {
	return p.stage >= stageSending && slices.Contains(names, p.sent.Name)
}

// sole is the one command in flight that can have caused a response; nil: none, or several.
func (s *Session) sole(causes []string, known bool) (sole *pending) {
	for p := range s.inFlight {
		if known && !p.causes(causes) {
			continue
		}
		if sole != nil {
			return nil
		}
		sole = p
	}
	return sole
}

// unsolicitedLine judges a response that no command in flight caused. The rows are asked for once, and again when what
// they may depend on has changed.
func (s *Session) unsolicitedLine(j *judgement) {
	if d := s.unsolicited; d != nil && s.unsolEpoch == s.epoch {
		row := rowFor(d.Rows, false, judgedAs(j.name))
		if row.Verdict != RspPolicy && !j.hasList && !j.tells {
			j.row, j.from = row, d
			s.apply(j)
			return
		}
	}
	j.row, j.todo = &accept, []*pending{nil}
	s.consult(j)
}

// consult asks what is left to be asked about a response, one question after the other, and then obeys.
func (s *Session) consult(j *judgement) {
	if j.tells {
		if !s.gathered(j) {
			return
		}
		j.tells = false
		if s.learn(j.name, j.line); s.closing {
			return
		}
	}
	listed := j.hasList && !j.asked && len(j.list) > 0 && (j.row == nil || j.row.Verdict < RspDrop)
	if len(j.todo) == 0 && !listed {
		s.apply(j)
		return
	}
	j = s.own(j)
	if !s.gathered(j) {
		return
	}
	var p *pending
	switch {
	case len(j.todo) > 0:
		p, j.todo = j.todo[0], j.todo[1:]
	case len(j.under) > 0:
		p = j.under[0]
	}
	s.server.hold = j
	q := Question{Kind: j.kind, Old: s.state, New: s.state}
	if p != nil {
		q.Command, q.Identity, q.Old, q.New = p.cmd, p.identity, p.old, p.new
	}
	resp, err := s.parser().ParseResponse(j.line, true)
	if resp == nil {
		s.serverViolation(err.Error())
		return
	}
	resp.Truncated = resp.Truncated || err != nil
	resp.Name = judgedAs(resp.Name)
	q.Response = resp
	if !j.asked {
		q.Capabilities, j.asked = j.list, true
	}
	s.ask(p, q, func(d *Decision, err error) { s.consulted(j, p, q.Capabilities, d, err) })
}

// consulted takes an answer on a response.
func (s *Session) consulted(j *judgement, p *pending, capabilities []string, d *Decision, err error) {
	if s.closing {
		return
	}
	if s.cfg.Observe {
		s.observeResponse(j, p, capabilities, d, err)
		return
	}
	row := &Row{}
	switch {
	case err != nil:
		s.event(Event{Type: DeciderFailed, Kind: j.kind, Command: p.name(), Response: j.name, Verdict: s.cfg.Failure.String(), Err: err})
		switch s.cfg.Failure {
		case FailAbort:
			s.end(Ended, "the decider gave no answer", unavailableBye, nil)
			return
		case FailAccept:
			row.Verdict = RspAccept
			j.verdicts = all(len(capabilities))
			s.noteList(capabilities, j.verdicts)
		default:
			d = &Decision{Code: []byte("UNAVAILABLE"), Text: []byte("policy service unavailable")}
			row.Verdict, row.Text = RspReject, d.Text
			if capabilities != nil && j.kind != Greeting {
				// The list is withheld, the line is not: it may be the proof of a login.
				row.Verdict, row.Text = RspAccept, nil
			}
		}
	case d.Fault != nil:
		s.fault(j.kind, p.name(), "", d)
		return
	default:
		if problem := s.checkResponse(j, d, capabilities); problem != "" {
			s.badDecision(j.kind, p.name(), "", d, "row", problem)
			return
		}
		s.event(Event{Type: Decided, Kind: j.kind, Command: p.name(), Response: j.name, Verdict: d.Response.String(), Decision: d, Reason: d.Reason})
		row.Verdict, row.Text = d.Response, d.Text
		if capabilities != nil {
			j.verdicts = d.Capabilities
			s.noteList(capabilities, j.verdicts)
		}
		if p == nil && j.kind == Untagged {
			s.unsolicited, s.unsolEpoch = d, s.epoch
		}
		s.setState(d.Old)
		if p != nil && d.New != 0 {
			p.new = d.New
			p.barrier = p.barrier || p.new != p.old
		}
	}
	j.strictest(row, d)
	s.noteReject(p, row, d)
	s.consult(j)
}

// noteReject remembers that a response of p was rejected, for its tagged answer.
func (s *Session) noteReject(p *pending, row *Row, d *Decision) {
	if p == nil || row.Verdict != RspReject || p.rejected != nil || s.cfg.Observe {
		return
	}
	p.rejected = &rejection{text: row.Text, decision: p.decision}
	if d != nil {
		p.rejected.code, p.rejected.decision = d.Code, d
	}
}

func all(n int) []bool {
	b := make([]bool, n)
	for i := range b {
		b[i] = true
	}
	return b
}

// apply obeys the verdict on a response.
func (s *Session) apply(j *judgement) {
	s.server.hold = nil
	if s.cfg.Observe {
		s.observeRow(j)
	}
	switch j.kind {
	case Greeting:
		s.applyGreeting(j)
	case Tagged:
		s.applyTagged(j)
	default:
		s.applyUntagged(j)
	}
}

func (s *Session) applyUntagged(j *judgement) {
	verdict := j.row.Verdict
	if mustPass(j.name, verdict) {
		s.badRow(j, j.name+cannotBeWithheld)
		return
	}
	switch verdict {
	case RspAccept:
		s.passUntagged(j)
	case RspDrop, RspReject:
		s.drop(j)
	case RspAbort:
		s.end(Ended, "policy aborted the session", s.bye(j.row.Text, "session ended by policy", j.from), nil)
	case RspRewrite:
		s.rewriteUntagged(j)
	default:
		s.badRow(j, "verdict not allowed here")
	}
}

// mustPass tells a verdict that cannot be obeyed on an untagged response: without it the client's sequence numbers name other
// messages than the server's, and its next STORE hits another mail.
func mustPass(name string, verdict Rsp) bool {
	switch name {
	case "EXPUNGE", "VANISHED", "EXISTS":
		return verdict == RspDrop || verdict == RspReject || verdict == RspRewrite
	}
	return false
}

const cannotBeWithheld = " cannot be withheld or rewritten"

func (s *Session) badRow(j *judgement, problem string) {
	d := j.from
	if d == nil {
		d = &Decision{}
	}
	command := "UNSOLICITED"
	switch {
	case len(j.under) > 0:
		command = j.under[0].name()
	case j.kind == Greeting:
		command = ""
	}
	s.badDecision(j.kind, command, "", d, "row", problem)
}

// passUntagged lets a response through: as it came, or with its capability list filtered.
func (s *Session) passUntagged(j *judgement) {
	switch {
	case j.status != nil:
		s.out[Client] = append(s.out[Client], s.statusLine("*", j, nil)...)
	case j.hasList:
		s.out[Client] = append(s.out[Client], "* CAPABILITY"...)
		for _, n := range s.kept(j) {
			s.out[Client] = append(append(s.out[Client], ' '), n...)
		}
		s.out[Client] = append(s.out[Client], '\r', '\n')
	case j.complete:
		s.emit(j.line, j.literal, j.cut, restPass)
	default:
		s.passLine(j.name, j.line)
	}
}

// passLine lets a response through as it came.
func (s *Session) passLine(name string, line []byte) {
	if isStatus(name) {
		s.out[Client] = append(append(s.out[Client], line...), '\r', '\n')
		return
	}
	s.goOn(line, restPass)
}

func (s *Session) drop(j *judgement) {
	switch {
	case isStatus(j.name):
	case j.complete:
		s.emit(j.line, j.literal, j.cut, restDrop)
	default:
		s.goOn(j.line, restDrop)
	}
}

// rewriteUntagged replaces a status response's text, or a whole data response, which keeps its number and name.
func (s *Session) rewriteUntagged(j *judgement) {
	if problem := s.checkNewText(j.row.Text); problem != "" {
		s.badRow(j, "rewritten response: "+problem)
		return
	}
	if isStatus(j.name) {
		s.out[Client] = append(s.out[Client], s.statusLine("*", j, j.row.Text)...)
		return
	}
	was, _ := wire.Response(j.line)
	line := append([]byte("* "), j.row.Text...)
	is, err := wire.Response(line)
	if problem := s.checkUntagged(j.row.Text); problem != "" || err != nil {
		s.badRow(j, problem)
		return
	}
	if is.Number != was.Number || is.HasNumber != was.HasNumber || upperName(line[is.Name.Start:is.Name.End]) != j.name {
		s.badRow(j, "a rewritten "+j.name+" must keep its number and name")
		return
	}
	s.out[Client] = append(append(s.out[Client], line...), '\r', '\n')
	s.drop(j)
}

// checkResponse looks at a decision on a response before it is obeyed.
func (s *Session) checkResponse(j *judgement, d *Decision, capabilities []string) string {
	switch {
	case d.Response < RspAccept || d.Response > RspAbort || d.Response == RspPolicy:
		return "verdict not allowed here"
	case len(d.Capabilities) != len(capabilities):
		return "not one verdict for each capability"
	case len(d.Code) > 0 && !isCode(d.Code):
		return "malformed response code"
	case d.Old > syntax.Logout || d.New > syntax.Logout:
		return "unknown state"
	}
	return s.checkText(d.Text)
}
