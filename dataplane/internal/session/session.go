package session

import (
	"cmp"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// Session is the machine. It is not safe for concurrent use.
type Session struct {
	cfg *Config
	// serverID is Config.ServerID, which is each session's own.
	serverID []string
	mode     syntax.Mode

	in  [2]wire.Framer
	out [2][]byte
	eof [2]bool
	// serverErr is why the server's stream ended; nil: in order.
	serverErr error
	tls       [2]bool
	// long: a literal has begun that Long tells of.
	long [2]bool
	// lineEnds: the last octet of the client so far is an LF.
	lineEnds bool

	// base is the grammar that the server's capabilities bring; mode is it with what was enabled.
	base syntax.Mode
	// offered and hidden are the capabilities of the server's last list that policy let the client know, and the others.
	offered, hidden names

	state syntax.State
	snap  Snapshot
	// epoch counts the changes of anything a question says of the session. A command that was judged in an older one is
	// judged again before it is forwarded.
	epoch uint64

	client  clientReader
	server  serverReader
	queue   []*pending
	first   [1]*pending // room for a queue of one
	held    int         // what the commands of queue take
	sending *pending    // the command whose octets are on their way to the server; others wait
	bad     int         // the client's violations

	unsolicited *Decision // the rows for unsolicited responses
	unsolEpoch  uint64
	told        []string // as pending.told, for unsolicited responses

	nextAsk uint64
	waiting []waiting
	work    *work // nil: none is in use

	upgrade    Side
	upgrading  bool
	closing    bool
	byeFromSrv bool
}

// New starts a session. The server's greeting is expected first.
func New(cfg Config) *Session { return NewShared(cfg.Filled(), cfg.ServerID) }

// NewShared is New with a configuration that Filled has made, and that many sessions share.
func NewShared(cfg *Config, serverID []string) *Session {
	s := new(Session)
	s.Init(cfg, serverID)
	return s
}

// Init is NewShared for a Session that is part of something, and does not move any more.
func (s *Session) Init(cfg *Config, serverID []string) {
	*s = Session{cfg: cfg, serverID: serverID, state: syntax.NotAuthenticated, offered: noNames, hidden: noNames}
	s.queue = s.first[:0]
	s.in[Client].MaxLine = cfg.Limits.Line
	s.in[Server].MaxLine = cfg.Limits.ServerLine
	s.tls[Client], s.tls[Server] = cfg.ClientTLS, cfg.ServerTLS
}

// chunk is how much of a side is taken at once.
const chunk = 64 << 10

// Wants is how many octets the session takes from a side now; 0: the side must not be read.
func (s *Session) Wants(side Side) int {
	if s.closing || s.upgrading || s.eof[side] || len(s.out[side.Other()]) >= s.cfg.Limits.Output {
		return 0
	}
	if side == Client && len(s.out[Client])+len(s.server.behind) >= s.cfg.Limits.Output {
		return 0 // it does not take the answers to what it sent
	}
	// What cannot be processed yet is held up to one chunk, so that the end of a stream is noticed. Not behind
	// STARTTLS: what stands in the buffer then is an injection, and what is not read belongs to the handshake.
	if side == Client && s.client.phase == phaseStartTLS {
		return 0
	}
	if s.blocked(side) && (s.in[side].Buffered() >= chunk || side == Client && s.mayBeStartTLS()) {
		return 0
	}
	return chunk
}

// mayBeStartTLS tells that the client's last line may be a STARTTLS that waits. Nothing is read behind it: the reader would
// take the first octets of the handshake.
func (s *Session) mayBeStartTLS() bool {
	return s.cfg.ClientStartTLS != StartTLSOff && !s.tls[Client] && s.state == syntax.NotAuthenticated &&
		s.client.phase == phaseCommand && s.in[Client].Buffered() > 0 && s.lineEnds
}

func (s *Session) blocked(side Side) bool {
	if side == Client {
		return s.barred() || s.client.phase == phaseWait
	}
	return s.server.hold != nil
}

// Feed gives the session octets read from a side, at most as many as Wants says. p may be reused at once.
func (s *Session) Feed(side Side, p []byte) {
	if s.closing {
		return
	}
	if side == Client && len(p) > 0 {
		s.lineEnds = p[len(p)-1] == '\n'
	}
	if s.in[side].Buffered() == 0 {
		p = s.fastPath(side, p)
	}
	s.in[side].Lend(p)
	s.run()
	s.in[side].Keep()
}

// EOF says that a side was closed, or that reading from it or writing to it failed; err nil: it was closed in order.
func (s *Session) EOF(side Side, err error) {
	if s.eof[side] || s.closing {
		s.eof[side] = true
		return
	}
	s.eof[side] = true
	if side == Server {
		s.serverErr = err
	} else if err != nil {
		s.end(Ended, "the client's connection failed", "", err)
		return
	}
	s.run()
}

// Take returns the octets to be written to a side, in order, and goes on in spare.
func (s *Session) Take(side Side, spare []byte) []byte {
	b := s.out[side]
	s.out[side] = spare[:0]
	return b
}

// Lendable tells that the session has no buffer for a side's output: Take may give it one.
func (s *Session) Lendable(side Side) bool { return cap(s.out[side]) == 0 }

// Output is how many octets wait for a side.
func (s *Session) Output(side Side) int { return len(s.out[side]) }

// Closing tells that a side is to be closed once its output is written.
func (s *Session) Closing(Side) bool { return s.closing }

// LoggedIn tells which idle deadline applies.
func (s *Session) LoggedIn() bool {
	return s.state == syntax.Authenticated || s.state == syntax.Selected
}

// Greeted tells that the client has been greeted.
func (s *Session) Greeted() bool { return s.server.greeted }

// Snapshot is what the session has learnt.
func (s *Session) Snapshot() Snapshot { return s.snap }

// User is who is logged in; empty: nobody.
func (s *Session) User() string { return s.snap.Identity.User }

// State is the state that was last proven.
func (s *Session) State() syntax.State { return s.state }

// Ask returns the next question; false: none. Each is answered by exactly one Resolve, in any order.
func (s *Session) Ask() (Ask, bool) {
	if s.work == nil {
		return Ask{}, false
	}
	return pop(&s.work.asks, &s.work.put)
}

// Pending tells that there is a question or an event to be taken.
func (s *Session) Pending() bool {
	w := s.work
	return w != nil && (w.put < len(w.asks) || w.told < len(w.events))
}

// waiting is who waits for the answer to a question: a command, or whatever answer is.
type waiting struct {
	id     uint64
	p      *pending
	answer func(*Decision, error)
}

// Resolve answers a question. err says that there is no answer; the failure mode then applies.
func (s *Session) Resolve(id uint64, d *Decision, err error) {
	i := slices.IndexFunc(s.waiting, func(w waiting) bool { return w.id == id })
	if i < 0 {
		return
	}
	w := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	if d == nil && err == nil {
		err = errNoDecision
	}
	if w.answer != nil {
		w.answer(d, err)
	} else {
		w.p.decision, w.p.err, w.p.stage = d, err, stageDecided
	}
	s.run()
}

// ask puts a question about p, or a response under it; nil: it is about no command. answer takes the answer; nil: it is p's decision.
func (s *Session) ask(p *pending, q Question, answer func(*Decision, error)) {
	s.nextAsk++
	if p != nil {
		p.first = cmp.Or(p.first, s.nextAsk)
		q.First = p.first
	}
	q.Ask, q.Observe, q.Session = s.nextAsk, s.cfg.Observe, s.snap
	w := s.tools()
	s.waiting = append(s.waiting, waiting{s.nextAsk, p, answer})
	w.asks = append(w.asks, Ask{ID: s.nextAsk, Question: q})
}

// run does all that can be done with what is there.
func (s *Session) run() {
	for !s.closing && !s.upgrading && (s.stepServer() || s.stepQueue() || s.stepClient()) {
	}
	if s.eof[Server] && s.server.hold == nil {
		// What it said before has been judged, and has passed.
		reason := ServerClosed
		if s.byeFromSrv {
			reason = "the server said BYE"
		}
		s.end(Ended, reason, "[UNAVAILABLE] server closed the connection", s.serverErr)
	}
	if s.eof[Client] && !s.closing && (len(s.queue) == 0 || s.client.owes()) {
		// A half-close means "answer what I sent": the commands in flight are finished first. One that is not whole is not.
		s.end(Ended, "the client closed the connection", "", nil)
	}
}

// Upgrade tells that a side must do a TLS handshake now, once its output is written.
func (s *Session) Upgrade() (Side, bool) { return s.upgrade, s.upgrading }

// Upgraded tells that the handshake asked for by Upgrade succeeded.
func (s *Session) Upgraded() {
	s.upgrading = false
	s.tls[s.upgrade] = true
	s.in[s.upgrade].Reset()
	if s.upgrade == Client {
		s.clientUpgraded()
	} else {
		s.serverUpgraded()
	}
	s.run()
}

// Abort ends the session for a reason outside of the protocol: a deadline, a shutdown, an unreachable server. text is what
// the client's BYE says.
func (s *Session) Abort(reason, text string, err error) { s.end(Ended, reason, text, err) }

// end closes both sides. text is the BYE to the client; empty: none is due. Inside a response nothing can be said: the
// client sees a broken connection, and no message that looks whole.
func (s *Session) end(t EventType, reason, text string, err error) {
	if s.closing {
		return
	}
	if text != "" && !s.server.partial && !s.byeFromSrv {
		s.out[Client] = append(s.out[Client], "* BYE "+text+"\r\n"...)
	}
	s.closing = true
	s.event(Event{Type: t, Reason: reason, Err: err})
	if t != Ended {
		s.event(Event{Type: Ended, Reason: reason, Err: err})
	}
}

// ServerClosed is the Reason of Ended where the server has closed without a BYE, or its connection failed.
const ServerClosed = "the server closed the connection"

// setState moves the state, on proof or because policy says so.
func (s *Session) setState(to syntax.State) {
	if to == 0 || to == s.state {
		return
	}
	s.event(Event{Type: StateChanged, Old: s.state, New: to})
	s.state = to
	if to != syntax.Selected {
		s.snap.Mailbox = nil
	}
	s.epoch++
}
