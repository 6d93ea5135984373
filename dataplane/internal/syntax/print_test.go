package syntax

import "testing"

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
