package e2e

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// keepsSecret fails the test if the password, or its base64, stands where it must not.
func keepsSecret(t testing.TB, where string, text []byte) {
	t.Helper()
	for _, spelling := range spellings(password) {
		if i := bytes.Index(text, spelling); i >= 0 {
			t.Errorf("%s holds the password: %q", where, text[max(0, i-80):min(len(text), i+80)])
		}
	}
}

// spellings are a secret in clear, and its base64 wherever in a longer text it begins: the digits that no neighbour changes.
func spellings(secret string) [][]byte {
	all := [][]byte{[]byte(secret)}
	for before := range 3 {
		text := append(make([]byte, before), secret...)
		text = text[:len(text)-len(text)%3]
		encoded := make([]byte, base64.StdEncoding.EncodedLen(len(text)))
		base64.StdEncoding.Encode(encoded, text)
		first := (before*8 + 5) / 6
		all = append(all, encoded[first:])
	}
	return all
}

// A spelling is found in every text that has the secret in it.
func TestSpellings(t *testing.T) {
	for _, user := range []string{"", "a", "ab", "abc"} {
		for _, behind := range []string{"", "x", "xy", "xyz"} {
			text := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password + behind))
			found := false
			for _, s := range spellings(password) {
				found = found || bytes.Contains([]byte(text), s)
			}
			if !found {
				t.Errorf("not found in %s", text)
			}
		}
	}
}
