package wire

// The character classes of RFC 9051 section 9, one bit each.
const (
	classAtom uint8 = 1 << iota
	classAstring
	classTag
	classList
	classText
	classQuoted
	classArgument
)

var classes = func() (t [256]uint8) {
	for i := 1; i < 0x80; i++ {
		c := byte(i)
		if c != '\r' && c != '\n' {
			t[c] |= classText
			if c != '"' && c != '\\' {
				t[c] |= classQuoted
			}
		}
		if c <= ' ' || c == 0x7f {
			continue
		}
		switch c {
		case '(', ')', '{', '"', '\\':
		case '%', '*':
			t[c] |= classList | classArgument
		case ']':
			t[c] |= classAstring | classList | classArgument
		default:
			t[c] |= classAtom | classAstring | classList | classArgument
		}
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-' {
			t[c] |= classTag
		}
	}
	return t
}()

// IsAtomChar reports whether c is an ATOM-CHAR.
func IsAtomChar(c byte) bool { return classes[c]&classAtom != 0 }

// IsAstringChar reports whether c is an ASTRING-CHAR: an ATOM-CHAR or "]".
func IsAstringChar(c byte) bool { return classes[c]&classAstring != 0 }

// IsListChar reports whether c is a list-char: an ATOM-CHAR, a list wildcard or "]".
func IsListChar(c byte) bool { return classes[c]&classList != 0 }

// IsTextChar reports whether c is a TEXT-CHAR: any of 0x01 to 0x7F except CR and LF.
func IsTextChar(c byte) bool { return classes[c]&classText != 0 }

// IsQuotedChar reports whether c stands for itself in a quoted string: a TEXT-CHAR except the quote and the backslash.
func IsQuotedChar(c byte) bool { return classes[c]&classQuoted != 0 }

// IsTagChar reports whether c may be part of a tag. RFC 9051 has any ASTRING-CHAR except "+". This is the set of nginx
// since 2021, A-Z a-z 0-9 "." "_" "-": no client is known to use more, and what a refusal echoes then cannot be script
// or another protocol.
func IsTagChar(c byte) bool { return classes[c]&classTag != 0 }

// MaxTag is the length of the longest tag, in octets. RFC 9051 sets none.
const MaxTag = 64

// run returns the end of the longest run of the class that starts at offset from.
func run(b []byte, from int, class uint8) int {
	for from < len(b) && classes[b[from]]&class != 0 {
		from++
	}
	return from
}
