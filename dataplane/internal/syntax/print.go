package syntax

import (
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// AppendAString appends s as an astring in its shortest form: an atom, else a quoted string, else a literal. A literal is
// synchronizing, as all towards a server are. An s with NUL has no such form, and must not be given.
func AppendAString(dst []byte, s string) []byte {
	if isAtomString(s) {
		return append(dst, s...)
	}
	return AppendString(dst, s)
}

// AppendString appends s as a quoted string, else as a literal. See AppendAString.
func AppendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if !wire.IsTextChar(s[i]) {
			dst = append(dst, '{')
			dst = strconv.AppendInt(dst, int64(len(s)), 10)
			dst = append(dst, "}\r\n"...)
			return append(dst, s...)
		}
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// AppendMailbox appends a decoded mailbox name as it is sent: in modified UTF-7, or as it is where UTF-8 was enabled.
func AppendMailbox(dst []byte, name string, mode Mode) []byte {
	if mode.UTF8 {
		return appendUTF8(dst, name)
	}
	return AppendAString(dst, EncodeName(name))
}

// appendUTF8 appends a name that may hold UTF-8, which a quoted string then may too (RFC 6855 section 3).
func appendUTF8(dst []byte, name string) []byte {
	if isAtomString(name) {
		return append(dst, name...)
	}
	dst = append(dst, '"')
	for i := range len(name) {
		if name[i] == '"' || name[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, name[i])
	}
	return append(dst, '"')
}

// isAtomString reports whether s can stand unquoted as an astring. NIL cannot: it would be taken for nil by a sloppy peer.
func isAtomString(s string) bool {
	for i := range len(s) {
		if !wire.IsAstringChar(s[i]) {
			return false
		}
	}
	return s != "" && !wire.EqualFold([]byte(s), "NIL")
}
