package session

// A session with Config.Observe asks what any other asks, waits for the answers, and tells what it would have obeyed; then it
// lets everything pass. Of a decision's rows only POLICY is obeyed, which asks: what is recorded is what enforcing would record.

// observed is what is obeyed in the place of d, which may be nil. rows are those that policy gave.
func observed(d *Decision, rows []Row) *Decision {
	o := &Decision{Request: ReqAccept, Response: RspAccept, Rows: rows}
	if d != nil {
		o.ID, o.Repeats, o.Revision, o.Row, o.Rule, o.Reason = d.ID, d.Repeats, d.Revision, d.Row, d.Rule, d.Reason
	}
	return o
}

// everything are the rows where policy gave none.
var everything = []Row{{Tagged: true, Untagged: true, Name: "*", Verdict: RspAccept}}

// observeCommand lets a command pass, whatever the answer.
func (s *Session) observeCommand(p *pending) bool {
	s.tellCommand(p, p.decision, p.err)
	if p.cmd.Name == "STARTTLS" {
		return s.startTLS(p)
	}
	s.forward(p)
	return true
}

// tellCommand tells the verdict on a command, or why there is none, and puts what is obeyed in its place.
func (s *Session) tellCommand(p *pending, d *Decision, err error) {
	e := Event{Observed: true, Kind: Command, Command: p.name(), Tag: p.tag}
	rows := everything
	if s.answered(&e, d, err) {
		sent := p.sent
		if problem := s.check(p, d); problem != "" {
			e.faulty(d, problem)
		} else {
			e.Verdict, rows = d.Request.String(), d.Rows
		}
		p.sent = sent // a REWRITE has changed it
	}
	s.event(e)
	p.decision, p.last.ok = observed(d, rows), false
}

// observeResponse is consulted for a session that observes.
func (s *Session) observeResponse(j *judgement, p *pending, capabilities []string, d *Decision, err error) {
	e := Event{Observed: true, Kind: j.kind, Command: p.name(), Response: j.name}
	rows := everything
	if s.answered(&e, d, err) {
		if problem := s.checkResponse(j, d, capabilities); problem != "" {
			e.faulty(d, problem)
		} else {
			e.Verdict, rows = d.Response.String(), d.Rows
		}
	}
	s.event(e)
	o := observed(d, rows)
	if capabilities != nil {
		j.verdicts = all(len(capabilities))
		s.noteList(capabilities, j.verdicts)
	}
	if p == nil && j.kind == Untagged {
		s.unsolicited, s.unsolEpoch, s.told = o, s.epoch, nil
	}
	j.strictest(&accept, o)
	s.consult(j)
}

// answered begins to fill in e, and reports whether there is a verdict to look at.
func (s *Session) answered(e *Event, d *Decision, err error) bool {
	switch {
	case d == nil:
		e.Type, e.Verdict, e.Err = DeciderFailed, s.cfg.Failure.String(), err
	case d.Fault != nil:
		e.Type, e.Decision, e.Reason = PolicyFault, d, d.Fault.Message
	default:
		e.Type, e.Decision, e.Reason = Decided, d, d.Reason
		return true
	}
	return false
}

// faulty is about a decision that could not have been obeyed.
func (e *Event) faulty(d *Decision, problem string) {
	f := withFault(d, "row", problem)
	e.Type, e.Decision, e.Reason = PolicyFault, f, problem
}

// maxTold bounds for how many response names of a command it is told that a row withholds or changes them.
const maxTold = 16

// observeRow lets a response pass, and tells once for each name what the row would have had.
func (s *Session) observeRow(j *judgement) {
	if row := j.row; row.Verdict != RspAccept {
		told := &s.told
		if len(j.under) > 0 {
			told = &j.under[0].told
		}
		if s.tellOnce(told, j.name) {
			s.event(s.rowEvent(j, row))
		}
	}
	j.row = &accept
	if j.hasList && j.verdicts == nil {
		j.verdicts = all(len(j.list))
		s.noteList(j.list, j.verdicts)
	}
}

func (s *Session) rowEvent(j *judgement, row *Row) Event {
	e := Event{Type: Decided, Observed: true, Kind: j.kind, Response: j.name, Verdict: row.Verdict.String(), Decision: j.from}
	if len(j.under) > 0 {
		e.Command = j.under[0].name()
	}
	if j.kind == Untagged && mustPass(j.name, row.Verdict) {
		e.faulty(j.from, j.name+cannotBeWithheld)
		e.Verdict = ""
	}
	return e
}

// tellOnce reports whether name is not among those told yet, and adds it.
func (s *Session) tellOnce(told *[]string, name string) bool {
	if len(*told) == maxTold {
		return false
	}
	for _, n := range *told {
		if n == name {
			return false
		}
	}
	*told = append(*told, name)
	return true
}
