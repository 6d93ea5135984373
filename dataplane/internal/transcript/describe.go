package transcript

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// describe is a question as a "?" line: the kind, the name, the state (with "->" where success would change it), then what
// policy would look at.
func describe(q session.Question) string {
	var b strings.Builder
	b.WriteString(q.Kind.String())
	put := func(format string, args ...any) { b.WriteString(" " + fmt.Sprintf(format, args...)) }
	if q.Kind == session.Command {
		put("%s", q.Command.Name)
	} else {
		if q.Kind != session.Greeting {
			under := "UNSOLICITED"
			if q.Command != nil {
				under = q.Command.Name
			}
			put("%s", under)
		}
		put("%s", q.Response.Name)
	}
	if q.Kind != session.Greeting {
		put("%s", q.Old)
		if q.New != q.Old {
			put("-> %s", q.New)
		}
	}
	if u := q.Session.Identity.User; u != "" {
		put("user=%s", u)
	}
	if m := q.Session.Mailbox; m != nil {
		put("in=%s", m.Name)
		if m.ReadOnly {
			put("read-only")
		}
	}
	for _, r := range q.Session.Roles {
		put("%s=%s", r.Name, r.Mailbox)
	}
	if n := q.Session.AuthenticationFailures; n > 0 {
		put("failures=%d", n)
	}
	switch {
	case q.Kind == session.Command:
		describeCommand(put, q)
	case !q.Response.Status && len(q.Capabilities) == 0:
		args := arguments(q.Response.Raw, q.Response.Args)
		if q.Response.HasNumber {
			args = strings.TrimSuffix(fmt.Sprintf("%d %s", q.Response.Number, args), " ")
		}
		put("args=%s", args)
		if q.Response.Truncated {
			put("truncated")
		}
	}
	if len(q.Capabilities) > 0 {
		put("capabilities=%s", strings.Join(q.Capabilities, ","))
	}
	return b.String()
}

func describeCommand(put func(string, ...any), q session.Question) {
	c := q.Command
	if c.Info == nil {
		put("unknown")
	}
	if c.Mailbox != nil {
		put("mailbox=%s", *c.Mailbox)
	}
	if c.NewMailbox != nil {
		put("new_mailbox=%s", *c.NewMailbox)
	}
	if n := len(c.Mailboxes); n > 2 || n > 0 && c.Mailbox == nil || n > 1 && c.NewMailbox == nil {
		put("mailboxes=%s", strings.Join(c.Mailboxes, ","))
	}
	if c.Reference != nil && *c.Reference != "" {
		put("reference=%s", *c.Reference)
	}
	for _, p := range c.Patterns {
		put("pattern=%s", p)
	}
	for _, r := range c.Set {
		put("set=%d:%d", r.First, r.Last)
	}
	if c.SetSaved {
		put("set=$")
	}
	for _, i := range c.Items {
		put("item=%s", i)
	}
	if len(c.Flags) > 0 || c.FlagsOperation != "" {
		put("flags=%s%s", c.FlagsOperation, strings.Join(c.Flags, ","))
	}
	for _, k := range c.SearchKeys {
		put("key=%s", k)
	}
	if d := c.AppendData; len(d) > 1 || len(d) == 1 && d[0] != "LITERAL" {
		put("append_data=%s", strings.Join(d, ","))
	}
	switch {
	case c.Literal != nil:
		put("literal=%d", c.Literal.Size)
	case c.Message:
		put("part=%d", c.Pending.Size)
	}
	if id := q.Identity; id.User != "" || id.Mechanism != "" {
		put("as=%s/%s", id.Mechanism, id.User)
		if id.Authorization != "" {
			put("authorization=%s", id.Authorization)
		}
	}
	for _, n := range c.Capabilities {
		put("capability=%s", n)
	}
}

// arguments are a response's arguments as they came, but for literals: their text if they were collected, and three dots if
// not.
func arguments(raw []byte, tokens []wire.Token) string {
	var items []string
	for i := uint32(0); i < uint32(len(tokens)); i = tokens[i].Next {
		t := tokens[i]
		text := string(raw[t.Start:t.End])
		switch {
		case t.Kind == wire.List:
			text = "(" + arguments(raw, sub(tokens, i)) + ")"
		case t.Kind == wire.Literal && t.Pending:
			text = "..."
		case t.Kind == wire.Literal:
			text = strconv.Quote(text)
		}
		items = append(items, text)
	}
	return strings.Join(items, " ")
}

// sub are the tokens below the one at i, as a tree of their own.
func sub(tokens []wire.Token, i uint32) []wire.Token {
	below := slices.Clone(tokens[i+1 : tokens[i].Next])
	for j := range below {
		below[j].Next -= i + 1
	}
	return below
}

// describeEvent is an event as a "!" line; "" for those that other lines show.
func describeEvent(e session.Event) string {
	switch e.Type {
	case session.Decided:
		if e.Observed {
			return strings.Join(slices.DeleteFunc([]string{"observed", e.Command, e.Response, e.Verdict}, func(s string) bool { return s == "" }), " ")
		}
		return ""
	case session.Ended:
		return ""
	case session.StateChanged:
		return fmt.Sprintf("state %s -> %s", e.Old, e.New)
	}
	parts := []string{e.Type.String()}
	if e.Observed {
		parts = []string{"observed", e.Type.String()}
	}
	for _, p := range []string{e.Command, e.Response, e.Reason} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}
