package syntax

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestDecodeName: the examples of RFC 3501 section 5.1.3 and RFC 9051 section 5.1, and each form that is not the one.
func TestDecodeName(t *testing.T) {
	tests := []struct {
		encoded, name string
		ok            bool
	}{
		{"", "", true},
		{"INBOX", "INBOX", true},
		{"~peter/mail/&U,BTFw-/&ZeVnLA-", "~peter/mail/台北/日本", true},
		{"&-", "&", true},
		{"R&-D&-", "R&D&", true},
		{"&AOQ-&-", "ä&", true},
		{"Entw&APw-rfe", "Entwürfe", true},
		{"&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", "Отправленные", true},
		{"&2D3eAA-", "😀", true},
		{"&2D3eANg93gE-", "😀😁", true},
		{"&AH8-", "\x7f", true},
		{"&AAE-", "\x01", true},
		{"&AKA-", "\u00a0", true},
		{"&,,0-", "\ufffd", true},

		{"&", "", false},                // a shift that does not end
		{"&AOQ", "", false},             //
		{"a&b", "", false},              //
		{"&AOQ-&AOQ-", "", false},       // a superfluous shift
		{"&U,BTFw-&ZeVnLA-", "", false}, //
		{"&AFM-ecret", "", false},       // what stands for itself
		{"&AFMA5A-", "", false},         //
		{"&ACY-", "", false},            //
		{"&AOS-", "", false},            // set bits behind the last octet
		{"&AOR-", "", false},            //
		{"&AOQA-", "", false},           // half a character
		{"&AOQ=-", "", false},           // padding
		{"&AO/-", "", false},            // the alphabet of other base64
		{"&A O-", "", false},            //
		{"&2D0-", "", false},            // surrogates that are no pair
		{"&3gDYPQ-", "", false},         //
		{"&2D0A5A-", "", false},         //
		{"&AAA-", "", false},            // NUL
		{"\x7f", "", false},             // not printable
		{"a\tb", "", false},             //
		{"a\r\nb", "", false},           //
		{"\xc3\xa9", "", false},         // not ASCII
		{"&\xc3\xa9-", "", false},       //
		{"&AOQ-\x00", "", false},        //
		{"&A\n-", "", false},            // base64 as encoding/base64 would forgive it
		{"&AO\r\nQ-", "", false},        //
		{strings.Repeat("&AOQ-", 2), "", false},
	}
	for _, tc := range tests {
		name, err := DecodeName([]byte(tc.encoded))
		if name != tc.name || (err == nil) != tc.ok {
			t.Errorf("DecodeName(%q) = %q, %v; want %q, %v", tc.encoded, name, err, tc.name, tc.ok)
		}
		if tc.ok && EncodeName(tc.name) != tc.encoded {
			t.Errorf("EncodeName(%q) = %q, want %q", tc.name, EncodeName(tc.name), tc.encoded)
		}
	}
}

// FuzzDecodeName: one name has one encoding, and it is ASCII.
func FuzzDecodeName(f *testing.F) {
	for _, s := range []string{"INBOX", "~peter/mail/&U,BTFw-/&ZeVnLA-", "&AFM-ecret", "&2D3eAA-", "&-", "&", "&AOQ-&-", "é", "😀&a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := DecodeName([]byte(s)); err == nil {
			if !utf8.ValidString(name) {
				t.Errorf("DecodeName(%q) = %q", s, name)
			}
			if got := EncodeName(name); got != s {
				t.Errorf("EncodeName(%q) = %q, want %q", name, got, s)
			}
		}
		if utf8.ValidString(s) && !strings.Contains(s, "\x00") {
			if got, err := DecodeName([]byte(EncodeName(s))); err != nil || got != s {
				t.Errorf("DecodeName(EncodeName(%q)) = %q, %v", s, got, err)
			}
		}
	})
}
