package wire

import "testing"

func TestQuotedStrings(t *testing.T) {
	for _, tc := range []struct {
		note, raw string
		ascii     bool // taken without UTF8
		utf8      bool // taken with UTF8
	}{
		{"empty", `""`, true, true},
		{"escapes", `"\"\\"`, true, true},
		{"all specials", `"(){}[]%* <>"`, true, true},
		{"a literal header in it", `"{5}"`, true, true},
		{"controls are TEXT-CHARs", "\"\x01\t\x1f\x7f\"", true, true},
		{"hazard 4: CR", "\"a\rb\"", false, false},
		{"hazard 4: LF", "\"a\nb\"", false, false},
		{"hazard 4: CRLF", "\"a\r\nb\"", false, false},
		{"hazard 4: NUL", "\"a\x00b\"", false, false},
		{"hazard 4: an escaped letter", `"\I"`, false, false},
		{"hazard 4: an escaped NUL", "\"\\\x00\"", false, false},
		{"hazard 4: an escaped LF", "\"\\\n\"", false, false},
		{"hazard 4: UTF-8", "\"\u00e9\u20ac\U0001f4e7\"", false, true},
		{"hazard 4: UTF-8 with 0x80 in it", "\"\u00c0\"", false, true},
		{"hazard 4: Latin-1", "\"\xe9\"", false, false},
		{"hazard 4: an overlong slash", "\"\xc0\xaf\"", false, false},
		{"hazard 4: a surrogate", "\"\xed\xa0\x80\"", false, false},
		{"hazard 4: a cut sequence", "\"\xe2\x82\"", false, false},
		{"hazard 4: beyond Unicode", "\"\xf4\x90\x80\x80\"", false, false},
		{"hazard 4: an escaped octet of UTF-8", "\"\\\u00e9\"", false, false},
		{"no end", `"a`, false, false},
		{"an escaped end", `"a\"`, false, false},
		{"nothing behind the backslash", `"a\`, false, false},
		{"a string behind a string", `"""a"`, false, false},
		{"an atom behind a string", `"a"b`, false, false},
		{"hazard 5: a literal behind a string", "\"\"{5+}\r\nhello", false, false},
	} {
		t.Run(tc.note, func(t *testing.T) {
			if got, ok := takes(&Scanner{}, tc.raw, false); ok != tc.ascii {
				t.Errorf("ASCII: %v, %s", ok, got)
			}
			if got, ok := takes(&Scanner{UTF8: true}, tc.raw, false); ok != tc.utf8 {
				t.Errorf("UTF8: %v, %s", ok, got)
			}
		})
	}
}

func TestLiterals(t *testing.T) {
	for _, tc := range []struct {
		note, raw string
		want      string // empty: refused
	}{
		{"zero octets", "{0}\r\n", `{0}""`},
		{"zero octets, more behind", "{0}\r\n x", `{0}"" x`},
		{"any octets", "{6}\r\n\x00\r\n\xff()", `{6}"\x00\r\n\xff()"`},
		{"non-synchronizing", "{1+}\r\nx", `{1}"x"`},
		{"a header at the end", "{1}", "{1}"},
		{"a header at the end, in a list", "((x {1}", "((x {1}"},
		{"data that ends the bytes", "{2}\r\n{1", `{2}"{1"`},
		{"CRLF and too little", "{2}\r\nx", ""},
		{"CRLF and nothing", "{2}\r\n", ""},
		{"the header and CR", "{0}\r", ""},
		{"hazard 5: a bare LF behind the header", "{1+}\nx", ""},
		{"hazard 5: a bare CR behind the header", "{1+}\rx", ""},
		{"hazard 5: not at the end of the line", "{5} x", ""},
		{"hazard 5: a blank behind the header", "{5} \r\nhello", ""},
		{"more than there can be", "{9223372036854775807}\r\nx", ""},
		{"a header that is cut behind the size", "{5", ""},
		{"a header that is cut behind plus", "{5+", ""},
		{"a header that is cut behind the brace", "{", ""},
		{"over 63 bits", "{9223372036854775808}", ""},
		{"no space behind the data", "{1}\r\nxy", ""},
		{"hazard 5: literal8 where BINARY is not on", "~{1}\r\nx", ""},
		{"hazard 5: literal8 where BINARY is not on, at the end", "~{1}", ""},
	} {
		t.Run(tc.note, func(t *testing.T) {
			got, ok := takes(&Scanner{}, tc.raw, false)
			if ok != (tc.want != "") || ok && got != tc.want {
				t.Errorf("%v, %q; want %q", ok, got, tc.want)
			}
		})
	}
	if got, ok := takes(&Scanner{Literal8: true}, "~{1}\r\n\x00 (~{2+}", false); !ok || got != `~{1}"\x00" (~{2}` {
		t.Errorf("literal8: %v, %q", ok, got)
	}
}
