package syntax

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// describe writes what a command means: its typed fields that are not zero, in the order of Fields.
func describe(c *Command) string {
	var b strings.Builder
	say := func(format string, args ...any) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, format, args...)
	}
	name := func(title string, s *string) {
		if s != nil {
			say("%s=%q", title, *s)
		}
	}
	list := func(title string, values []string) {
		if values != nil {
			say("%s=%s", title, quotedList(values))
		}
	}
	if c.Info == nil {
		say("unknown")
	}
	name("mailbox", c.Mailbox)
	name("new-mailbox", c.NewMailbox)
	if !slices.Equal(c.Mailboxes, namedAlone(c)) {
		list("mailboxes", c.Mailboxes)
	}
	name("reference", c.Reference)
	list("patterns", c.Patterns)
	if c.Set != nil {
		say("set=%s", describeSet(c.Set))
	}
	if c.SetSaved {
		say("set=$")
	}
	list("items", c.Items)
	list("flags", c.Flags)
	if c.FlagsOperation != "" {
		say("operation=%s", c.FlagsOperation)
	}
	if c.Silent {
		say("silent")
	}
	list("keys", c.SearchKeys)
	list("append-data", c.AppendData)
	if c.Literal != nil {
		say("literal=%s", c.Literal.Append(nil))
	}
	if c.Date != "" {
		say("date=%q", c.Date)
	}
	if c.User != "" {
		say("user=%q", c.User)
	}
	if c.Mechanism != "" {
		say("mechanism=%s", c.Mechanism)
	}
	list("capabilities", c.Capabilities)
	if c.ID != nil {
		var pairs []string
		for _, k := range slices.Sorted(maps.Keys(c.ID)) {
			pairs = append(pairs, fmt.Sprintf("%q:%q", k, c.ID[k]))
		}
		say("id={%s}", strings.Join(pairs, ","))
	}
	if c.Password != nil {
		say("password=%q", c.Password)
	}
	if c.InitialResponse != nil {
		say("initial-response=%q", c.InitialResponse)
	}
	if c.Secret != nil {
		say("secret=%v", c.Secret)
	}
	if c.Pending != nil {
		say("pending=%s", c.Pending.Append(nil))
	}
	if c.Message {
		say("message")
	}
	if c.Part {
		say("part")
	}
	if b.Len() == 0 {
		return "ok"
	}
	return b.String()
}

// namedAlone are the mailboxes that have a field of their own.
func namedAlone(c *Command) (names []string) {
	for _, name := range []*string{c.Mailbox, c.NewMailbox} {
		if name != nil {
			names = append(names, *name)
		}
	}
	return names
}

func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return strings.Join(quoted, ",")
}

func describeSet(set []SetRange) string {
	number := func(n uint32) string {
		if n == 0 {
			return "*"
		}
		return strconv.FormatUint(uint64(n), 10)
	}
	parts := make([]string, len(set))
	for i, r := range set {
		parts[i] = number(r.First)
		if r.Last != r.First {
			parts[i] += ":" + number(r.Last)
		}
	}
	return strings.Join(parts, ",")
}
