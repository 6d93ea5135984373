package syntax

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrName is a mailbox name that is not its own canonical encoding.
var ErrName = errors.New("syntax: mailbox name is not canonical modified UTF-7")

// base64Name is the base64 of modified UTF-7: "," for "/", no padding, no set bits behind the last octet.
var base64Name = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding).Strict()

// DecodeName decodes modified UTF-7 (RFC 3501 section 5.1.3). Each name has one encoding: what Encode would not return
// is an error, and so are lone surrogates, NUL, and octets outside printable ASCII.
func DecodeName(b []byte) (string, error) {
	shifted := false
	for _, c := range b {
		if c < ' ' || '~' < c {
			return "", ErrName
		}
		shifted = shifted || c == '&'
	}
	if !shifted {
		return string(b), nil
	}
	var name strings.Builder
	encoded := string(b)
	for rest := encoded; rest != ""; {
		plain, shift, found := strings.Cut(rest, "&")
		name.WriteString(plain)
		if !found {
			break
		}
		shift, rest, found = strings.Cut(shift, "-")
		if !found || !decodeShift(&name, shift) {
			return "", ErrName
		}
	}
	if EncodeName(name.String()) != encoded {
		return "", ErrName
	}
	return name.String(), nil
}

// decodeShift appends what stands between "&" and "-".
func decodeShift(name *strings.Builder, shift string) bool {
	if shift == "" {
		name.WriteByte('&')
		return true
	}
	octets, err := base64Name.DecodeString(shift)
	if err != nil || len(octets)%2 != 0 {
		return false
	}
	for i := 0; i < len(octets); i += 2 {
		r := rune(octets[i])<<8 | rune(octets[i+1])
		if utf16.IsSurrogate(r) {
			if i += 2; i == len(octets) {
				return false
			}
			r = utf16.DecodeRune(r, rune(octets[i])<<8|rune(octets[i+1]))
			if r == utf8.RuneError {
				return false
			}
		}
		if r == 0 {
			return false
		}
		name.WriteRune(r)
	}
	return true
}

// EncodeName encodes a name, which must be UTF-8, as modified UTF-7.
func EncodeName(name string) string {
	var b strings.Builder
	var shift []byte
	flush := func() {
		if len(shift) > 0 {
			b.WriteByte('&')
			b.WriteString(base64Name.EncodeToString(shift))
			b.WriteByte('-')
			shift = shift[:0]
		}
	}
	for _, r := range name {
		if r < ' ' || '~' < r {
			for _, unit := range utf16.AppendRune(nil, r) {
				shift = append(shift, byte(unit>>8), byte(unit))
			}
			continue
		}
		flush()
		b.WriteRune(r)
		if r == '&' {
			b.WriteByte('-')
		}
	}
	flush()
	return b.String()
}
