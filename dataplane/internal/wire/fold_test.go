package wire

import "testing"

func TestEqualFold(t *testing.T) {
	for _, tc := range []struct {
		note, a, upper string
		want           bool
	}{
		{"the same", "FETCH", "FETCH", true},
		{"lower case", "fetch", "FETCH", true},
		{"mixed, with a space", "Uid fETCH", "UID FETCH", true},
		{"empty", "", "", true},
		{"hazard 3: a prefix", "FETC", "FETCH", false},
		{"hazard 3: an extension", "FETCHX", "FETCH", false},
		{"hazard 3: the Kelvin sign is no K", "CHEC\u212a", "CHECK", false},
		{"hazard 3: the long s is no S", "\u017felect", "SELECT", false},
		{"only letters fold", "{", "[", false},
		{"only letters fold", "`", "@", false},
	} {
		if got := EqualFold([]byte(tc.a), tc.upper); got != tc.want {
			t.Errorf("%s: EqualFold(%q, %q) is %v", tc.note, tc.a, tc.upper, got)
		}
	}
}

func TestAppendUpperChangesASCIILettersOnly(t *testing.T) {
	for c := range 256 {
		want := byte(c)
		if inSet(c, "abcdefghijklmnopqrstuvwxyz") {
			want -= 0x20
		}
		if got := AppendUpper([]byte("x"), []byte{byte(c)}); len(got) != 2 || got[0] != 'x' || got[1] != want {
			t.Errorf("%#02x: %q, want x%c", c, got, want)
		}
	}
}
