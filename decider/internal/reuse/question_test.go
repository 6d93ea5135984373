package reuse_test

import (
	"math/rand/v2"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// source makes random questions of few values, so that two of them often agree in what a decision depends on.
type source struct {
	*rand.Rand
	// Some sessions and commands come again and again.
	sessions *[]*deciderv1.Session
	commands *[]*deciderv1.Command
}

func newSource(seed uint64) source {
	return source{rand.New(rand.NewPCG(seed, 1)), new([]*deciderv1.Session), new([]*deciderv1.Command)}
}

// again gives one of the first few that were made, mostly, or makes one.
func again[T any](s source, made *[]T, another func() T) T {
	const few = 24
	if len(*made) == few && s.IntN(3) != 0 {
		return one(s, *made...)
	}
	v := another()
	if len(*made) < few {
		*made = append(*made, v)
	}
	return v
}

func one[T any](s source, of ...T) T { return of[s.IntN(len(of))] }

func (s source) maybe() bool { return s.IntN(2) == 0 }

// some gives a list of up to two values, or none.
func some[T any](s source, of ...T) []T {
	var list []T
	for range s.IntN(3) {
		list = append(list, one(s, of...))
	}
	return list
}

func text(s source, of ...string) *string {
	if s.maybe() {
		return nil
	}
	v := one(s, of...)
	return &v
}

var commandNames = []string{"NOOP", "SELECT", "STORE", "UID FETCH", "APPEND", "LOGIN", "XFOO"}

func (s source) question() *deciderv1.Question {
	q := &deciderv1.Question{
		Session:      again(s, s.sessions, s.session),
		ImapStateOld: one(s, deciderv1.ImapState_IMAP_STATE_AUTHENTICATED, deciderv1.ImapState_IMAP_STATE_SELECTED),
		ImapStateNew: one(s, deciderv1.ImapState_IMAP_STATE_AUTHENTICATED, deciderv1.ImapState_IMAP_STATE_SELECTED),
	}
	switch s.IntN(8) {
	case 0:
		q.Event = &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{Name: one(s, "OK", "PREAUTH"), Code: one(s, nil, []byte("ALERT")),
			Text: one(s, []byte("hello"), []byte("anna")), Capabilities: some(s, "IDLE", "MOVE", "AUTH=PLAIN")}}
	case 1:
		r := s.response()
		if s.maybe() {
			r.Command = again(s, s.commands, s.command)
		}
		q.Event = &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: r}}
	case 2:
		r := s.response()
		r.Command = again(s, s.commands, s.command)
		q.Event = &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: r}}
	default:
		q.Event = &deciderv1.Question_Command{Command: again(s, s.commands, s.command)}
	}
	return q
}

func (s source) response() *deciderv1.Response {
	return &deciderv1.Response{Name: one(s, "OK", "LIST"), Args: s.args(), Truncated: s.maybe(), Capabilities: some(s, "IDLE", "MOVE")}
}

func (s source) endpoint() *deciderv1.Endpoint {
	return one(s, nil, new(deciderv1.Endpoint), &deciderv1.Endpoint{Address: one(s, "10.0.0.1", "192.0.2.1"), Port: one[uint32](s, 1, 2)})
}

func (s source) session() *deciderv1.Session {
	q := &deciderv1.Session{
		Id: one(s, "s1", "s2"), Dataplane: one(s, "", "d1"), Listener: one(s, "", "imap"), Client: s.endpoint(), Local: s.endpoint(),
		User: one(s, "", "anna", "ben", "7"), AuthorizationIdentity: one(s, "", "anna"), Mechanism: one(s, "", "PLAIN"),
		AuthenticationFailures: one[uint32](s, 0, 1), Enabled: some(s, "CONDSTORE", "UTF8=ACCEPT"), Delimiter: one(s, "", "/", "."),
		ConnectedUnixMs: one[int64](s, 0, 1_700_000_000_000), Roles: some(s, &deciderv1.MailboxRole{Mailbox: "A", Role: "sent"},
			&deciderv1.MailboxRole{Mailbox: "B", Role: "trash"}),
	}
	if s.maybe() {
		q.Mailbox = &deciderv1.SelectedMailbox{Name: one(s, "A", "B"), ReadOnly: s.maybe()}
	}
	if s.maybe() {
		q.Tls = &deciderv1.Tls{Version: one(s, "1.2", "1.3"), CipherSuite: one(s, "", "C"), ServerName: one(s, "", "anna")}
		if s.maybe() {
			q.Tls.ClientCertificate = &deciderv1.ClientCertificate{Subject: one(s, "", "CN=anna"), DnsNames: some(s, "a", "b"), EmailAddresses: some(s, "a"),
				Uris: some(s, "u"), Sha256: one(s, "", "00")}
		}
	}
	return q
}

func (s source) command() *deciderv1.Command {
	c := &deciderv1.Command{
		Tag: one(s, []byte("a"), []byte("b")), Name: one(s, commandNames...), Args: s.args(), Known: s.IntN(4) != 0,
		Mailbox: text(s, "A", "B", "A/x", "INBOX", ""), NewMailbox: text(s, "B"), Mailboxes: some(s, "A", "B", "A/x"), Reference: text(s, "", "A"),
		Patterns: some(s, "*", "A/%"), SetSaved: s.maybe(), Items: some(s, "FLAGS", "BODY[]", "UID"), Flags: some(s, `\Deleted`, "a"),
		FlagsOperation: one(s, "", "+", "-"), Silent: s.maybe(), SearchKeys: some(s, "ALL", "BODY"), Date: one(s, "", "1-Jan-2026"),
		User: one(s, "", "anna", "ben"), AuthorizationIdentity: one(s, "", "anna"), Mechanism: one(s, "", "PLAIN"),
		Capabilities: some(s, "CONDSTORE", "IDLE"), Id: one(s, nil, map[string]string{"name": "x"}, map[string]string{"name": "anna", "os": "y"}),
	}
	if c.Name != "STORE" {
		c.FlagsOperation, c.Silent = "", false
	}
	if c.AppendData = some(s, "LITERAL", "CATENATE"); c.Name == "APPEND" && s.IntN(8) == 0 {
		c.AppendData = nil // of an older dataplane
	}
	for range s.IntN(2) {
		c.Set = append(c.Set, &deciderv1.SetRange{First: one[uint32](s, 0, 1), Last: 2})
	}
	if s.maybe() {
		c.Literal = &deciderv1.Literal{Size: one[uint64](s, 0, 9), NonSync: s.maybe(), Literal8: s.maybe()}
	}
	return c
}

func (s source) args() []*deciderv1.Argument { return s.list(2) }

func (s source) list(depth int) []*deciderv1.Argument {
	var args []*deciderv1.Argument
	for range s.IntN(3) {
		a := new(deciderv1.Argument)
		switch s.IntN(6) {
		case 0:
			a.Value = &deciderv1.Argument_Number{Number: &deciderv1.Number{Value: 7, Spelling: []byte("7")}}
		case 1:
			a.Value = &deciderv1.Argument_Literal{Literal: &deciderv1.Literal{Size: 1}}
		case 2:
			a.Value = &deciderv1.Argument_List{List: &deciderv1.List{Kind: deciderv1.ListKind_LIST_KIND_PARENTHESES}}
			if depth > 0 {
				a.GetList().Items = s.list(depth - 1)
			}
		default:
			a.Value = &deciderv1.Argument_Text{Text: one(s, []byte("A"), []byte("anna"), []byte("CATENATE"))}
		}
		args = append(args, a)
	}
	return args
}
