package syntax

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// TestLiteralsArePrefixes: a command that is accepted whole is accepted at each of its literals, which is then pending, and
// is message data only if it is APPEND's or REPLACE's.
func TestLiteralsArePrefixes(t *testing.T) {
	var p Parser
	literals := 0
	for _, d := range append(dialogues(t, "commands/*.txt"), dialogues(t, "rfc/*.txt")...) {
		c, err := p.Parse(d.command, d.mode)
		if err != nil {
			continue
		}
		literals += checkPrefixes(t, &p, c, d.mode)
	}
	if literals < 20 {
		t.Errorf("only %d literals", literals)
	}
}

// checkPrefixes parses c up to each of its literals.
func checkPrefixes(t *testing.T, p *Parser, c *Command, mode Mode) (literals int) {
	t.Helper()
	for i, token := range c.Args {
		if token.Kind != wire.Literal || token.Pending {
			continue
		}
		literals++
		end := bytes.LastIndex(c.Raw[:token.Start], []byte("\r\n"))
		prefix := c.Raw[:end:end]
		got, err := p.Parse(prefix, mode)
		if err != nil {
			t.Errorf("%q is accepted, its beginning is not: %v", c.Raw, err)
			continue
		}
		if got.Pending == nil || *got.Pending != token.Header {
			t.Errorf("%q: pending %v, want %v", prefix, got.Pending, token.Header)
		}
		if isMessage := isMessage(c, i); got.Message != isMessage {
			t.Errorf("%q: message %v, want %v", prefix, got.Message, isMessage)
		}
	}
	return literals
}

// isMessage tells a literal of message data: in APPEND and REPLACE all but the mailbox and URLs.
func isMessage(c *Command, i int) bool {
	mailbox := 0
	switch c.Name {
	case "REPLACE", "UID REPLACE":
		mailbox = 1
	case "APPEND":
	default:
		return false
	}
	before := c.Args[max(0, i-1)]
	return i > mailbox && !wire.EqualFold(c.Raw[before.Start:before.End], "URL")
}

// TestBadCommandIsNotInvited: what is wrong before a literal is found before the literal comes.
func TestBadCommandIsNotInvited(t *testing.T) {
	for _, raw := range []string{
		`a NOOP {5}`,
		`a APPEND INBOX (\Seen {5}`,
		`a APPEND INBOX "bad date" {5}`,
		`a APPEND INBOX (bad"flag") {5}`,
		`a APPEND R&D {5}`,
		`a SELECT INBOX {5}`,
		`a FETCH 1 {5}`,
		`a FETCH 1 BODY[{5}`,
		`a STORE 1 FLAGS {5}`,
		`a SEARCH BOGUS {5}`,
		`a SEARCH SINCE {5}`,
		`a AUTHENTICATE {5}`,
		`a AUTHENTICATE PLAIN {5}`,
		`a ENABLE {5}`,
		`a LIST () {5} {5}`,
		`a LOGIN joe secret {5}`,
		`a ID ({5}` + "\r\nabcde x {5}",
		`a {5}`,
		`{5}`,
	} {
		var p Parser
		c, err := p.Parse([]byte(raw), Mode{})
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: accepted: %+v", raw, c)
		}
	}
}

// TestSecretsAreMarked: the tokens that hold a password, SASL data or a URL's authorization are marked, in every form.
func TestSecretsAreMarked(t *testing.T) {
	const secret = "cGFzc3dvcmQh"
	for _, raw := range []string{
		"a LOGIN joe " + secret,
		`a LOGIN "joe" "` + secret + `"`,
		"a LOGIN {3}\r\njoe {12}\r\n" + secret,
		"a LOGIN {3+}\r\njoe {12+}\r\n" + secret,
		"a AUTHENTICATE PLAIN " + secret,
		"a URLFETCH imap://x/;urlauth=anonymous:internal:" + secret,
		`a URLFETCH imap://y ("imap://x/;urlauth=anonymous:internal:` + secret + `" BINARY)`,
	} {
		var p Parser
		c, err := p.Parse([]byte(raw), Mode{})
		if err != nil {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		for i, token := range c.Args {
			leaf := token.Kind != wire.List
			holds := bytes.Contains(c.Raw[token.Start:token.End], []byte(secret))
			marked := false
			for _, s := range c.Secret {
				marked = marked || s == i
			}
			if leaf && holds && !marked {
				t.Errorf("%q: token %d is not marked: %v", raw, i, c.Secret)
			}
		}
		if len(c.Secret) == 0 {
			t.Errorf("%q: nothing is marked", raw)
		}
	}
}

// TestErrorsQuoteNothing: an error can be logged and answered; it says nothing of what was sent.
func TestErrorsQuoteNothing(t *testing.T) {
	const secret = "hunter2"
	for _, raw := range []string{
		"a LOGIN joe " + secret + " " + secret,
		"a LOGIN joe (" + secret + ")",
		"a LOGIN " + secret,
		"a AUTHENTICATE PLAIN " + secret,
		"a AUTHENTICATE " + secret + ".",
		secret + "\x01 LOGIN",
	} {
		var p Parser
		_, err := p.Parse([]byte(raw), Mode{})
		e, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		if bytes.Contains([]byte(e.Error()), []byte(secret)) {
			t.Errorf("%q: %v", raw, e)
		}
	}
}
