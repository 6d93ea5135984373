package session_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// TestEventsHoldNoSecret: no event, which is what is logged, holds a password or SASL data, whatever goes wrong.
func TestEventsHoldNoSecret(t *testing.T) {
	const secret = "tanstaaftanstaaf"
	encoded := base64.RawStdEncoding.EncodeToString([]byte("\x00tim\x00" + secret + "123")) // without padding: it looks like a tag
	for _, stream := range []string{
		"a LOGIN tim " + secret,
		"a LOGIN tim \"" + secret,
		"a LOGIN tim " + secret + " x",
		"a LOGIN tim (" + secret + ")",
		"a LOGIN tim {16+}\r\n" + secret + " x",
		secret + " LOGIN",
		"a AUTHENTICATE PLAIN " + encoded,
		"a AUTHENTICATE PLAIN " + encoded + "!",
		"a AUTHENTICATE PLAIN\r\n" + encoded,
		"a AUTHENTICATE PLAIN\r\n" + encoded + "!",
		"a AUTHENTICATE EXTERNAL\r\n" + encoded,
		"a AUTHENTICATE CRAM-MD5\r\n" + encoded,
		"a AUTHENTICATE CRAM-MD5\r\n" + encoded + "\r\n" + encoded,
		"a AUTHENTICATE CRAM-MD5\r\n*\r\n" + encoded,
		"a URLFETCH imap://x/;urlauth=anonymous:internal:" + secret,
	} {
		s := in(t, 1)
		for _, ok := s.Event(); ok; _, ok = s.Event() {
		}
		say(s, session.Client, stream+"\r\n")
		for i := range 3 {
			settle(s)
			if out := string(s.Take(session.Server, nil)); strings.HasSuffix(out, "CRAM-MD5\r\n") {
				say(s, session.Server, "+ YWJj\r\n")
			} else if i == 1 && out != "" {
				say(s, session.Server, "a NO no\r\n")
			}
		}
		for e, ok := s.Event(); ok; e, ok = s.Event() {
			// A tag is logged: the secret of a client that sends one in its place is its own.
			if e.Decision = nil; strings.HasPrefix(stream, secret) {
				e.Tag = ""
			}
			if text := fmt.Sprintf("%+v", e); strings.Contains(text, secret) || strings.Contains(text, encoded) {
				t.Errorf("%q: %s", stream, text)
			}
		}
	}
}
