package syntax

import (
	"strings"
	"testing"
)

// TestAppendAString: what is printed is read as the same value, and takes the shortest form.
func TestAppendAString(t *testing.T) {
	for s, want := range map[string]string{
		"":         `""`,
		"x":        `x`,
		"a]b":      `a]b`,
		"NIL":      `"NIL"`,
		"nil":      `"nil"`,
		"nile":     `nile`,
		"a b":      `"a b"`,
		`a"b\c`:    `"a\"b\\c"`,
		"a*":       `"a*"`,
		"(":        `"("`,
		"{5}":      `"{5}"`,
		"a\tb":     "\"a\tb\"",
		"a\r\nb":   "{4}\r\na\r\nb",
		"é":        "{2}\r\né",
		"a NOOP\n": "{7}\r\na NOOP\n",
	} {
		got := string(AppendAString(nil, s))
		if got != want {
			t.Errorf("AppendAString(%q) = %q, want %q", s, got, want)
		}
		var p Parser
		c, err := p.Parse([]byte("a LOGIN x "+got), Mode{})
		if err != nil || string(c.Password) != s {
			t.Errorf("%q: %v, %v", got, c, err)
		}
	}
}

// TestAppendMailbox: what is printed is read as the same name, in either mode.
func TestAppendMailbox(t *testing.T) {
	for _, name := range []string{"INBOX", "", "a b", "R&D", "Entwürfe", "&x", `"`, "台北/日本", "NIL", "😀", "a]", "x*"} {
		for _, mode := range []Mode{{}, {UTF8: true}} {
			raw := AppendMailbox([]byte("a SELECT "), name, mode)
			if strings.Contains(string(raw), "\r\n") {
				t.Errorf("%q: %q needs a literal", name, raw)
			}
			var p Parser
			c, err := p.Parse(raw, mode)
			if err != nil || *c.Mailbox != name {
				t.Errorf("%q as %q: %v", name, raw, err)
			}
		}
	}
}
