package session

import (
	"errors"
	"slices"
	"unsafe"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

var errNoDecision = errors.New("session: no decision")

// stage is how far a command has come.
type stage uint8

const (
	stageAsking    stage = iota // its question is with the decider
	stageDecided                // its verdict, or the dataplane's own answer, is known
	stageSending                // its octets are on their way, literal by literal
	stageForwarded              // the server has it
)

// pending is a command without its tagged answer.
type pending struct {
	// cmd is nil for a line that is not a command.
	cmd *syntax.Command
	tag string
	// sent is the command as forwarded; it differs from cmd after a REWRITE.
	sent *syntax.Command

	takes    int // what it adds to Session.held
	stage    stage
	first    uint64 // as Question.First; 0: it was not asked about
	status   string // of the server's tagged answer
	epoch    uint64 // when it was asked about
	old, new syntax.State
	decision *Decision
	err      error // the decider gave no answer
	open     bool  // everything passes, as there was no answer and the failure mode says so
	local    *local

	// barrier: later commands wait for its tagged answer.
	barrier bool
	// literal is announced by the client and has not been taken.
	literal *wire.LiteralHeader
	// body: the literal's data is being streamed.
	body bool
	// parts are what is left to be sent, each behind a "+" of the server.
	parts [][]byte

	identity Identity // what LOGIN or AUTHENTICATE proves
	auth     *auth    // AUTHENTICATE only
	// idle: the client may send DONE; idleBroken: it sent something else.
	idle, idleBroken bool
	rejected         *rejection
	// told are the names of responses of which it was told what would have become of them.
	told []string
	// last remembers the verdict on the last untagged response's name.
	last struct {
		name string
		row  *Row
		ok   bool
	}
}

// local is an answer of the dataplane itself.
type local struct {
	// text is the tagged line without its tag; empty: none.
	text string
	// untagged are lines before it, without "* ".
	untagged [][]byte
	// bye: the session ends behind it, with this text.
	bye string
}

// rejection is a verdict REJECT on a response, which the tagged answer carries to the client.
type rejection struct {
	code, text []byte
	decision   *Decision
}

// name is the command's name; nil, as for a greeting, and a line that is no command have none.
func (p *pending) name() string {
	if p == nil || p.cmd == nil {
		return ""
	}
	return p.cmd.Name
}

func (s *Session) newPending(cmd *syntax.Command) *pending {
	return &pending{cmd: cmd, sent: cmd, tag: unsafe.String(unsafe.SliceData(cmd.Tag), len(cmd.Tag)), literal: cmd.Pending, stage: stageDecided}
}

// hold counts what p takes now.
func (s *Session) hold(p *pending) {
	s.held -= p.takes
	p.takes = int(unsafe.Sizeof(*p))
	if p.cmd != nil {
		p.takes += p.cmd.Size()
	}
	s.held += p.takes
}

// push appends a command to the queue. One whose literal has not come keeps the client's stream for itself.
func (s *Session) push(p *pending) {
	s.queue = append(s.queue, p)
	s.hold(p)
	if p.literal != nil {
		s.client.phase, s.client.p = phaseWait, p
	}
}

func (s *Session) remove(p *pending) {
	if i := slices.Index(s.queue, p); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
		s.progress(Finished, p)
		s.held -= p.takes
	}
}

// progress tells how far a command has come, where somebody wants to know.
func (s *Session) progress(t EventType, p *pending) {
	if s.cfg.Progress && p.first != 0 {
		s.event(Event{Type: t, Kind: Command, Command: p.name(), Tag: p.tag, Response: p.status, First: p.first})
	}
}

func (s *Session) byTag(tag []byte) *pending {
	for _, p := range s.queue {
		if p.tag == string(tag) && p.cmd != nil {
			return p
		}
	}
	return nil
}

// refused refuses a command that the dataplane does not let through on its own account, whatever is still to come of it. It is
// looked at with each of its literals, so that none is invited in vain (RFC 9051 section 4.3).
func (s *Session) refused(p *pending) bool {
	cmd := p.cmd
	if s.byTag(cmd.Tag) != nil {
		s.violation(p, "tag in use")
		return true
	}
	if info := cmd.Info; info != nil {
		switch {
		case info.Treatment == syntax.Refuse:
			s.refuse(p, "[CANNOT] "+cmd.Name+" is not available here", info.Why)
			return true
		case s.hidesCommand(info):
			s.refuse(p, "[CANNOT] "+cmd.Name+" is not available here", "its capability is hidden")
			return true
		case !info.States.Has(s.state):
			s.violation(p, cmd.Name+" is not allowed in this state")
			return true
		case s.cfg.ClientStartTLS == StartTLSRequired && !s.tls[Client] && !beforeTLS(cmd.Name):
			s.refuse(p, "[PRIVACYREQUIRED] use STARTTLS first", "STARTTLS is required")
			return true
		}
	}
	if cmd.Message && cmd.Pending.Size > s.cfg.Limits.Message {
		s.refuse(p, "[TOOBIG] message too long", "a message is over the bound")
		return true
	}
	for _, c := range cmd.Capabilities {
		// ENABLE of what is hidden: the switch would change the grammar under the dataplane.
		if info := syntax.LookupCapability(c); info != nil && info.Treatment != syntax.Pass || s.hides(c) {
			s.refuse(p, "[CANNOT] "+c+" is not available here", c+" is hidden")
			return true
		}
	}
	return false
}

// enqueue takes a command that is whole, or ends at a message, and asks about it.
func (s *Session) enqueue(p *pending) {
	p.barrier = p.cmd.Info != nil && p.cmd.Info.Barrier
	switch p.cmd.Name {
	case "STARTTLS":
		if !s.startTLSAllowed(p) {
			return
		}
	case "AUTHENTICATE":
		s.push(p)
		s.beginAuth(p)
		return
	case "LOGIN":
		p.identity = Identity{User: p.cmd.User, Mechanism: "LOGIN"}
	}
	s.push(p)
	s.askCommand(p)
}

// askCommand puts the question, in the state that holds now.
func (s *Session) askCommand(p *pending) {
	p.stage, p.epoch = stageAsking, s.epoch
	p.old, p.new = s.state, s.state
	if info := p.cmd.Info; info != nil && info.Success != 0 {
		p.new = info.Success
	}
	s.ask(p, Question{Kind: Command, Old: p.old, New: p.new, Command: p.cmd, Identity: p.identity}, nil)
}

// beforeTLS tells the commands that StartTLSRequired allows in the clear.
func beforeTLS(name string) bool {
	switch name {
	case "CAPABILITY", "NOOP", "ID", "LOGOUT", "STARTTLS":
		return true
	}
	return false
}
