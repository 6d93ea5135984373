package syntax

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// CapabilityList returns the names, in upper case, of a capability list: a response code without its brackets, or an untagged
// response behind "* ". ok is false for anything else, and for a list that does not parse. More spaces than one between
// names are forgiven: a list is never passed as it was.
func CapabilityList(b []byte) (names []string, ok bool) {
	return nameList(b, "CAPABILITY")
}

// EnabledList is CapabilityList for ENABLE's answer (RFC 5161 section 3.2): "ENABLED CONDSTORE".
func EnabledList(b []byte) (names []string, ok bool) {
	return nameList(b, "ENABLED")
}

// nameList returns the atoms behind a title, in upper case.
func nameList(b []byte, title string) (names []string, ok bool) {
	word, b, _ := bytes.Cut(b, []byte(" "))
	if !wire.EqualFold(word, title) {
		return nil, false
	}
	names = make([]string, 0, bytes.Count(b, []byte(" "))+1)
	for name := range bytes.SplitSeq(b, []byte(" ")) {
		for _, c := range name {
			if !wire.IsAtomChar(c) {
				return nil, false
			}
		}
		if len(name) > 0 {
			names = append(names, string(wire.AppendUpper(nil, name)))
		}
	}
	return names, true
}
