package syntax

import (
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// AppendAString appends s as an astring in its shortest form: unquoted, else a quoted string, else a literal. A literal is
// synchronizing, as all towards a server are. No form takes NUL: s must have none.
func AppendAString(dst []byte, s string) []byte {
	switch {
	case isUnquoted(s):
		return append(dst, s...)
	case isQuotable(s):
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

// isQuotable reports whether s can stand in a quoted string.
func isQuotable(s string) bool {
	for i := range len(s) {
		if !wire.IsTextChar(s[i]) {
			return false
		}
	}
	return true
}
