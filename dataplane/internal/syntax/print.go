package syntax

import (
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// AppendAString appends s as an astring in its shortest form: unquoted, else a quoted string, else a literal. A literal is
// synchronizing, as all towards a server are. No form takes NUL: s must have none.
func AppendAString(dst []byte, s string) []byte {
	return appendAString(dst, s, false)
}

// AppendMailbox appends a decoded mailbox name as it is sent: in modified UTF-7, or as it is where UTF-8 was enabled.
func AppendMailbox(dst []byte, name string, mode Mode) []byte {
	if mode.UTF8 {
		return appendAString(dst, name, true)
	}
	return appendAString(dst, EncodeName(name), false)
}

func appendAString(dst []byte, s string, utf8 bool) []byte {
	switch {
	case isUnquoted(s):
		return append(dst, s...)
	case isQuotable(s, utf8):
		return appendQuoted(dst, s)
	}
	dst = append(dst, '{')
	dst = strconv.AppendInt(dst, int64(len(s)), 10)
	dst = append(dst, "}\r\n"...)
	return append(dst, s...)
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// isUnquoted reports whether s can stand unquoted. NIL cannot: a sloppy peer would take it for nil.
func isUnquoted[T string | []byte](s T) bool {
	for i := range len(s) {
		if !wire.IsAstringChar(s[i]) {
			return false
		}
	}
	return len(s) > 0 && !wire.EqualFold([]byte(s), "NIL")
}

// isQuotable reports whether s can stand in a quoted string, in which utf8 says UTF-8 may be.
func isQuotable(s string, utf8 bool) bool {
	for i := range len(s) {
		if !wire.IsTextChar(s[i]) && (!utf8 || s[i] < 0x80) {
			return false
		}
	}
	return true
}
