package pdp

import (
	"slices"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// question is the contract's form of a question that is put for the first time.
func question(c *Connection, q session.Question) *deciderv1.Question {
	out := &deciderv1.Question{
		Session:      sessionOf(c, q.Session),
		ImapStateOld: states[q.Old],
		ImapStateNew: states[q.New],
		Ask:          q.Ask,
		Observe:      q.Observe,
		Traceparent:  q.Traceparent,
	}
	switch q.Kind {
	case session.Greeting:
		out.Event = &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{
			Name:         text(q.Response.Name),
			Code:         q.Response.Code,
			Text:         q.Response.Text,
			Capabilities: texts(q.Capabilities),
		}}
	case session.Command:
		out.Event = &deciderv1.Question_Command{Command: command(q.Command, q.Identity)}
	case session.Untagged:
		out.Event = &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: response(q)}}
	case session.Tagged:
		out.Event = &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: response(q)}}
	}
	return out
}

// states are the contract's names of the states. Its numbers are the same, which TestStates holds to.
var states = [...]deciderv1.ImapState{
	syntax.NotAuthenticated: deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED,
	syntax.Authenticated:    deciderv1.ImapState_IMAP_STATE_AUTHENTICATED,
	syntax.Selected:         deciderv1.ImapState_IMAP_STATE_SELECTED,
	syntax.Logout:           deciderv1.ImapState_IMAP_STATE_LOGOUT,
}

func sessionOf(c *Connection, snap session.Snapshot) *deciderv1.Session {
	s := &deciderv1.Session{
		Id:                     text(c.ID),
		Dataplane:              text(c.Dataplane),
		Listener:               text(c.Listener),
		Client:                 endpoint(c.Client),
		Local:                  endpoint(c.Local),
		Tls:                    c.tls,
		ConnectedUnixMs:        c.Connected.UnixMilli(),
		User:                   text(snap.Identity.User),
		AuthorizationIdentity:  text(snap.Identity.Authorization),
		Mechanism:              text(snap.Identity.Mechanism),
		AuthenticationFailures: snap.AuthenticationFailures,
		Enabled:                texts(snap.Enabled),
		Delimiter:              text(snap.Delimiter),
		Roles:                  roles(snap.Roles),
	}
	if m := snap.Mailbox; m != nil {
		s.Mailbox = &deciderv1.SelectedMailbox{Name: text(m.Name), ReadOnly: m.ReadOnly}
	}
	return s
}

func roles(rs []session.Role) []*deciderv1.MailboxRole {
	out := make([]*deciderv1.MailboxRole, len(rs))
	for i, r := range rs {
		out[i] = &deciderv1.MailboxRole{Mailbox: text(r.Mailbox), Role: r.Name}
	}
	return out
}

func command(c *syntax.Command, id session.Identity) *deciderv1.Command {
	out := &deciderv1.Command{
		Tag:                   c.Tag,
		Name:                  text(c.Name),
		Args:                  arguments(c.Raw, c.Args, c.Secret),
		Known:                 c.Info != nil,
		Mailbox:               optional(c.Mailbox),
		NewMailbox:            optional(c.NewMailbox),
		Mailboxes:             texts(c.Mailboxes),
		Reference:             optional(c.Reference),
		Patterns:              texts(c.Patterns),
		SetSaved:              c.SetSaved,
		Items:                 texts(c.Items),
		Flags:                 texts(c.Flags),
		FlagsOperation:        text(c.FlagsOperation),
		Silent:                c.Silent,
		SearchKeys:            texts(c.SearchKeys),
		Date:                  text(c.Date),
		User:                  text(id.User),
		AuthorizationIdentity: text(id.Authorization),
		Mechanism:             text(c.Mechanism),
		Capabilities:          texts(c.Capabilities),
		AppendData:            c.AppendData,
	}
	if c.User != "" {
		out.User = text(c.User)
	}
	for _, r := range c.Set {
		out.Set = append(out.Set, &deciderv1.SetRange{First: r.First, Last: r.Last})
	}
	if c.Literal != nil {
		out.Literal = literal(*c.Literal)
	}
	if len(c.ID) > 0 {
		out.Id = make(map[string]string, len(c.ID))
		for k, v := range c.ID {
			out.Id[text(k)] = text(v)
		}
	}
	return out
}

func response(q session.Question) *deciderv1.Response {
	r := q.Response
	out := &deciderv1.Response{
		Name:         text(r.Name),
		Truncated:    r.Truncated,
		Capabilities: texts(q.Capabilities),
	}
	if q.Command != nil {
		out.Command = command(q.Command, q.Identity)
	}
	if r.HasNumber {
		out.Args = append(out.Args, number(uint64(r.Number), nil))
	}
	if r.Status {
		if r.Code != nil {
			out.Args = append(out.Args, code(r.Code))
		}
		out.Args = append(out.Args, &deciderv1.Argument{Value: &deciderv1.Argument_Text{Text: r.Text}})
		return out
	}
	out.Args = append(out.Args, arguments(r.Raw, r.Args, nil)...)
	return out
}

// code is a response code as a bracket list. One that is no argument list, as servers have them, is a list of one text.
func code(b []byte) *deciderv1.Argument {
	var s wire.Scanner
	items := []*deciderv1.Argument{{Value: &deciderv1.Argument_Text{Text: b}}}
	if tokens, err := s.Arguments(b, 0, false); err == nil {
		items = arguments(b, tokens, nil)
	}
	return list(deciderv1.ListKind_LIST_KIND_BRACKETS, items)
}

// text is valid UTF-8, as the contract's strings are. The grammar admits nothing else in a command; of a server's text, what
// is not UTF-8 is replaced by U+FFFD.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func texts(ss []string) []string {
	if !slices.ContainsFunc(ss, func(s string) bool { return text(s) != s }) {
		return ss
	}
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = text(s)
	}
	return out
}

func optional(s *string) *string {
	if s == nil {
		return nil
	}
	v := text(*s)
	return &v
}
