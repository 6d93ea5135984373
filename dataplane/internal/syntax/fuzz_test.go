package syntax

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// FuzzParse: what is accepted means the same when it is printed canonically, is accepted at each of its literals, and
// shows policy nothing but UTF-8; what is not is rejected with a place in it.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"commands/*.txt", "rfc/*.txt"} {
		for _, d := range dialogues(f, pattern) {
			f.Add(d.command, d.mode.UTF8, d.mode.Literal8)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, utf8Mode, literal8 bool) {
		mode := Mode{UTF8: utf8Mode, Literal8: literal8}
		var p Parser
		c, err := p.Parse(raw, mode)
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Offset < 0 || e.Offset > len(raw) || e.Want == "" || !bytes.HasPrefix(raw, e.Tag) {
				t.Errorf("%q: %#v", raw, err)
			}
			return
		}
		checkCommand(t, c)
		checkPrefixes(t, &p, c, mode)

		printed := append(append(append([]byte{}, c.Tag...), ' '), c.Name...)
		if len(c.Args) > 0 {
			printed = wire.Append(append(printed, ' '), raw, c.Args)
		}
		again, err := p.Parse(printed, mode)
		if err != nil {
			t.Fatalf("%q is accepted, printed as %q it is not: %v", raw, printed, err)
		}
		want, got := c.Fields, again.Fields
		want.Literal, got.Literal = nil, nil // compared without NonSync, which is not printed
		if !reflect.DeepEqual(want, got) || c.Name != again.Name || !slices.Equal(c.Secret, again.Secret) || c.Message != again.Message ||
			!sameLiteral(c.Literal, again.Literal) || !sameLiteral(c.Pending, again.Pending) {
			t.Errorf("%q means %s, printed as %q it means %s", raw, describe(c), printed, describe(again))
		}
	})
}

// checkCommand checks what holds for every command.
func checkCommand(t *testing.T, c *Command) {
	t.Helper()
	if c.Info != nil && c.Info.Name != c.Name || len(c.Tag) == 0 {
		t.Errorf("%q: tag %q, name %q", c.Raw, c.Tag, c.Name)
	}
	if c.Message && (c.Pending == nil || c.Literal != nil && *c.Pending != *c.Literal) || c.Part && !c.Message {
		t.Errorf("%q: a message that is not pending", c.Raw)
	}
	if own := namedAlone(c); len(c.Mailboxes) < len(own) || !slices.Equal(c.Mailboxes[:len(own)], own) {
		t.Errorf("%q: mailboxes %q without %q", c.Raw, c.Mailboxes, own)
	}
	texts := slices.Concat(c.Mailboxes, c.Patterns, c.Items, c.Flags, c.SearchKeys, c.Capabilities, c.AppendData)
	for _, s := range []*string{c.Mailbox, c.NewMailbox, c.Reference} {
		if s != nil {
			texts = append(texts, *s)
		}
	}
	for k, v := range c.ID {
		texts = append(texts, k, v)
	}
	for _, s := range append(texts, c.User, c.Mechanism, c.Date, c.FlagsOperation) {
		if !utf8.ValidString(s) || bytes.IndexByte([]byte(s), 0) >= 0 {
			t.Errorf("%q: %q is no text", c.Raw, s)
		}
	}
	for _, s := range c.Secret {
		if s < 0 || s >= len(c.Args) {
			t.Errorf("%q: secret %d", c.Raw, s)
		}
	}
}

func sameLiteral(a, b *wire.LiteralHeader) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Size == b.Size && a.Binary == b.Binary
}

// FuzzParseResponse: no line panics, and a capability list is read alike in any case.
func FuzzParseResponse(f *testing.F) {
	for _, s := range []string{
		"* OK [CAPABILITY IMAP4rev1] ready", "+ [X y] z", "a1 NO [NOPERM] no", "* 1 FETCH (BODY[] {3}\r\nabc)", `* LIST () "/" x`,
		`* NAMESPACE (("" "/")) NIL NIL`, "* CAPABILITY IMAP4rev1 RIGHTS=texk", "* ENABLED X", "* SEARCH 1 2", "* 3 EXISTS", "* BYE",
	} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, line []byte, withArgs bool) {
		var p Parser
		r, err := p.ParseResponse(line, withArgs)
		if r == nil {
			if err == nil {
				t.Errorf("%q: neither response nor error", line)
			}
			return
		}
		r.Delimiter()
		r.SpecialUses()
		r.ListedMailbox(withArgs)
		if r.Status && len(r.Code)+len(r.Text) > len(line) {
			t.Errorf("%q: %+v", line, r)
		}
		if names, ok := CapabilityList(r.Code); ok {
			again, ok := CapabilityList(bytes.ToLower(r.Code))
			if !ok || !slices.Equal(names, again) {
				t.Errorf("%q: %q, %q", line, names, again)
			}
		}
	})
}

// FuzzContinue: a command is accepted piece by piece where it is accepted as a whole.
func FuzzContinue(f *testing.F) {
	for _, command := range []string{
		"a APPEND x {3}", "a APPEND x (\\Seen) {0+}", "a APPEND x CATENATE (TEXT {3}", "a APPEND x CATENATE (URL /A/;UID=1 TEXT {3}",
		"a REPLACE 1 x {3}", "a UID REPLACE 1 x CATENATE (TEXT {3}", "a APPEND x UTF8 (~{3}", "a APPEND {1}\r\nx ~{3}",
	} {
		for _, behind := range []string{"", " {3}", " (\\Deleted) {3+}", ")", ") {3}", " URL /B/;UID=1)", " TEXT {3}", " URL {9}\r\n/B/;UID=1 TEXT {3}", " UTF8 (~{3}", "{3}", "y {3}"} {
			f.Add([]byte(command), []byte(behind), true, true)
		}
	}
	f.Fuzz(func(t *testing.T, command, behind []byte, utf8Mode, literal8 bool) {
		mode := Mode{UTF8: utf8Mode, Literal8: literal8}
		var p Parser
		c, err := p.Parse(command, mode)
		if err != nil || !c.Message || c.Pending.Size > 100 {
			return
		}
		data := bytes.Repeat([]byte("x"), int(c.Pending.Size))
		whole, wholeErr := p.Parse(slices.Concat(command, []byte("\r\n"), data, behind), mode)
		if len(behind) == 0 && !c.Part {
			if wholeErr != nil {
				t.Errorf("%q cannot end behind its message: %v", command, wholeErr)
			}
			return
		}
		next, err := p.Continue(c, behind, mode)
		if (err == nil) != (wholeErr == nil) {
			t.Fatalf("%q, then %q: %v; as a whole: %v", command, behind, err, wholeErr)
		}
		if err != nil {
			return
		}
		if string(next.Raw[next.From:]) != string(behind) || next.Message != whole.Message || next.Part != whole.Part ||
			!sameLiteral(next.Pending, whole.Pending) || *next.Mailbox != *whole.Mailbox {
			t.Errorf("%q, then %q means %s, as a whole %s", command, behind, describe(next), describe(whole))
		}
		for i := len(next.Mailboxes) - 1; i >= 0; i-- {
			if !slices.Contains(whole.Mailboxes, next.Mailboxes[i]) {
				t.Errorf("%q, then %q names %q, as a whole %q", command, behind, next.Mailboxes, whole.Mailboxes)
			}
		}
	})
}
