package corpus

import (
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	for line, want := range map[string][]any{
		`[]byte("a\x00\n\"b"), byte('\x00')`: {[]byte("a\x00\n\"b"), byte(0)},
		`string("PLAIN"), []byte("")`:        {"PLAIN", []byte{}},
		`byte('A')`:                          {byte('A')},
		`byte('\'')`:                         {byte('\'')},
		`byte('\u00ff')`:                     {byte(0xff)},
	} {
		got, err := parse(line)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", line, got, err)
		}
	}
	for _, line := range []string{`x`, `int(1)`, `byte("a")`, `[]byte(x)`, `[]byte("a"`, `f("a", "b")`} {
		if got, err := parse(line); err == nil {
			t.Errorf("%s: %#v", line, got)
		}
	}
}
