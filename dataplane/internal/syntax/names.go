package syntax

import (
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// responseNames has the names of the responses of RFC 9051 section 7 and of the extensions, with the commands that an
// untagged one can be due to; nil: any command, or none.
var responseNames = map[string][]string{
	"OK": nil, "NO": nil, "BAD": nil, "BYE": nil, "PREAUTH": nil,
	// Sent whenever the selected mailbox changes.
	"EXISTS": nil, "RECENT": nil, "EXPUNGE": nil, "VANISHED": nil, "FETCH": nil, "UIDFETCH": nil, "FLAGS": nil,
	// Some servers send it in the middle of any command.
	"CAPABILITY": nil,

	"ACL":        {"GETACL"},
	"COMPARATOR": {"COMPARATOR", "LANGUAGE"},
	"CONVERSION": {"CONVERSIONS"},
	"CONVERTED":  {"CONVERT", "UID CONVERT"},
	"ENABLED":    {"ENABLE"},
	"ESEARCH":    {"SEARCH", "UID SEARCH", "SORT", "UID SORT", "ESEARCH"},
	"GENURLAUTH": {"GENURLAUTH"},
	"ID":         {"ID"},
	"JMAPACCESS": {"GETJMAPACCESS"},
	"LANGUAGE":   {"LANGUAGE"},
	"LIST":       {"LIST", "RLIST", "CREATE", "DELETE", "RENAME", "SELECT", "EXAMINE", "NOTIFY"}, // OLDNAME, RFC 9051 section 6.3.9.7
	"LISTRIGHTS": {"LISTRIGHTS"},
	"LSUB":       {"LSUB", "RLSUB"},
	"METADATA":   {"GETMETADATA", "LIST", "NOTIFY"},
	"MYRIGHTS":   {"MYRIGHTS", "LIST"},
	"NAMESPACE":  {"NAMESPACE", "LANGUAGE"},
	"QUOTA":      {"GETQUOTA", "GETQUOTAROOT", "SETQUOTA"},
	"QUOTAROOT":  {"GETQUOTAROOT"},
	"SEARCH":     {"SEARCH", "UID SEARCH"},
	"SORT":       {"SORT", "UID SORT"},
	"STATUS":     {"STATUS", "LIST", "NOTIFY"},
	"THREAD":     {"THREAD", "UID THREAD"},
	"UIDBATCHES": {"UIDBATCHES"},
	"URLFETCH":   {"URLFETCH"},
	"XLIST":      {"XLIST"},
}

// Causes returns the commands that an untagged response of the name, in upper case, can be due to; nil: any command, or
// none. The slice must not be changed.
func Causes(name string) []string { return responseNames[name] }

// IsResponse reports whether a name, in upper case, is that of a response the table has.
func IsResponse(name string) bool {
	_, ok := responseNames[name]
	return ok
}

// interned has the names themselves, so that a response's name needs no memory.
var interned = func() map[string]string {
	m := make(map[string]string, len(responseNames))
	for name := range responseNames {
		m[name] = name
	}
	return m
}()

// responseName is a name in upper case.
func responseName(b []byte) string {
	var upper [longestName]byte
	if len(b) <= len(upper) {
		if name, ok := interned[string(wire.AppendUpper(upper[:0], b))]; ok {
			return name
		}
	}
	return string(wire.AppendUpper(nil, b))
}
