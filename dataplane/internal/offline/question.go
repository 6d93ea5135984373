package offline

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/transcript"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Typed is a command that was typed, and the session that it is thought to come in.
type Typed struct {
	// Command is the command, with a tag or without. Lines end in LF or CRLF.
	Command string
	// State is the session's. Empty: selected with a mailbox, authenticated with a user, else not_authenticated.
	State string
	Facts transcript.Facts
	// TLS: the client's connection is under TLS.
	TLS bool
	// User, Authorization and Mechanism say who logged in, and how; empty, in a state behind login: "user", nobody else, and LOGIN.
	User, Authorization, Mechanism string
	// Mailbox is the selected one; empty, in state selected: INBOX. ReadOnly: it was opened by EXAMINE.
	Mailbox  string
	ReadOnly bool
	// Enabled are capabilities that were enabled, Delimiter is the server's, Failures counts failed logins.
	Enabled   []string
	Delimiter string
	Failures  uint32
	// Roles are the mailboxes with a special use.
	Roles []*deciderv1.MailboxRole
}

// Question is what a dataplane would ask about the command. The error says why it would not ask: it answers the command itself, or
// waits for more of it.
func Question(t Typed) (*deciderv1.Question, error) {
	p := &prologue{s: session.New(session.Config{ClientTLS: t.TLS})}
	state, err := t.state()
	if err != nil {
		return nil, err
	}
	p.play(state, t)
	if p.err != nil {
		return nil, p.err
	}
	p.feed(session.Client, t.line()+"\r\n")
	if p.asked == nil {
		return nil, p.why()
	}
	q := pdp.Question(connection("typed", t.Facts, t.TLS), *p.asked)
	q.Ask = 0 // it is not the session's first
	s := q.GetSession()
	s.User, s.AuthorizationIdentity, s.Mechanism = "", "", ""
	if state >= syntax.Authenticated {
		s.User, s.AuthorizationIdentity, s.Mechanism = t.User, t.Authorization, t.Mechanism
	}
	if state == syntax.Selected {
		s.Mailbox = &deciderv1.SelectedMailbox{Name: t.Mailbox, ReadOnly: t.ReadOnly}
	}
	s.Delimiter, s.AuthenticationFailures, s.Roles = t.Delimiter, t.Failures, t.Roles
	return q, nil
}

// state gives what is left out its default.
func (t *Typed) state() (syntax.State, error) {
	if t.State == "" {
		switch {
		case t.Mailbox != "":
			t.State = "selected"
		case t.User != "":
			t.State = "authenticated"
		default:
			t.State = "not_authenticated"
		}
	}
	for _, state := range []syntax.State{syntax.NotAuthenticated, syntax.Authenticated, syntax.Selected} {
		if state.String() != t.State {
			continue
		}
		if t.User == "" {
			t.User = "user"
		}
		if t.Mechanism == "" {
			t.Mechanism = "LOGIN"
		}
		if t.Mailbox == "" {
			t.Mailbox = "INBOX"
		}
		return state, nil
	}
	return 0, fmt.Errorf("state %q is none of not_authenticated, authenticated, selected", t.State)
}

// line is the command with a tag and with CRLF between its lines.
func (t *Typed) line() string {
	c := strings.ReplaceAll(strings.ReplaceAll(strings.TrimRight(t.Command, "\r\n"), "\r\n", "\n"), "\n", "\r\n")
	first, rest, _ := strings.Cut(c, " ")
	second, third, _ := strings.Cut(rest, " ")
	third, _, _ = strings.Cut(third, " ")
	if !isCommand(first, second) && isCommand(second, third) {
		return c
	}
	return "a1 " + c
}

// isCommand tells the name of a known command, which may be of two words.
func isCommand(first, second string) bool {
	return syntax.Lookup([]byte(first)) != nil || syntax.Lookup([]byte(first+" "+second)) != nil
}

// prologue brings a session into a state in which everything is accepted, and then waits for a question about a command.
type prologue struct {
	s      *session.Session
	ready  bool
	asked  *session.Question
	events []session.Event
	said   []byte // to the client
	err    error
}

func (p *prologue) play(state syntax.State, t Typed) {
	p.feed(session.Server, "* OK ready\r\n")
	if state >= syntax.Authenticated {
		p.feed(session.Client, "p1 LOGIN user x\r\n")
		p.feed(session.Server, "p1 OK done\r\n")
		if enabled := strings.Join(t.Enabled, " "); enabled != "" {
			p.feed(session.Client, "p2 ENABLE "+enabled+"\r\n")
			p.feed(session.Server, "* ENABLED "+enabled+"\r\n")
			p.feed(session.Server, "p2 OK done\r\n")
		}
	}
	if state == syntax.Selected {
		p.feed(session.Client, "p3 SELECT INBOX\r\n")
		p.feed(session.Server, "p3 OK done\r\n")
	}
	for _, e := range p.events {
		switch e.Type {
		case session.ClientViolation, session.ServerViolation, session.Refused, session.PolicyFault:
			p.err = errors.Join(p.err, fmt.Errorf("no session is like this: %s", e.Reason))
		}
	}
	p.ready, p.events, p.said = true, nil, nil
}

// feed gives the session octets and answers what it asks, up to the question that is wanted.
func (p *prologue) feed(side session.Side, text string) {
	for b := []byte(text); len(b) > 0; {
		n := min(len(b), p.s.Wants(side))
		if n == 0 {
			break
		}
		p.s.Feed(side, b[:n])
		b = b[n:]
		for a, ok := p.s.Ask(); ok && p.asked == nil; a, ok = p.s.Ask() {
			if p.ready {
				p.asked = &a.Question
				break
			}
			d, err := pdp.AcceptAll(nil, a.Question)
			p.s.Resolve(a.ID, d, err)
		}
	}
	for e, ok := p.s.Event(); ok; e, ok = p.s.Event() {
		p.events = append(p.events, e)
	}
	p.said = append(p.said, p.s.Take(session.Client, nil)...)
	_ = p.s.Take(session.Server, nil)
}

// why says why there is no question.
func (p *prologue) why() error {
	answer := string(bytes.TrimSpace(p.said))
	i := slices.IndexFunc(p.events, func(e session.Event) bool {
		return e.Type == session.ClientViolation || e.Type == session.Refused
	})
	if i >= 0 {
		return fmt.Errorf("no policy is asked about this: the dataplane itself answers %q (%s)", answer, p.events[i].Reason)
	}
	if answer != "" {
		return fmt.Errorf("the command is not complete: the dataplane says %q and waits for more of it", answer)
	}
	return errors.New("the command is not complete: the dataplane waits for more of it")
}
