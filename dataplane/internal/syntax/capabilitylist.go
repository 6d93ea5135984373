package syntax

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

const capabilityName = "CAPABILITY"

// CapabilityList returns the names, in upper case, of a capability list: a response code without its brackets, or an untagged
// response behind "* ". ok is false for anything else, and for a list that does not parse. More spaces than one between
// names are forgiven, for the list is never passed as it was.
func CapabilityList(b []byte) (names []string, ok bool) {
	return nameList(b, capabilityName)
}

// EnabledList is CapabilityList for what ENABLE's response lists (RFC 5161 section 3.2): "ENABLED CONDSTORE".
func EnabledList(b []byte) (names []string, ok bool) {
	return nameList(b, "ENABLED")
}

func nameList(b []byte, title string) (names []string, ok bool) {
	word, rest, _ := bytes.Cut(b, []byte(" "))
	if !wire.EqualFold(word, title) {
		return nil, false
	}
	names = make([]string, 0, bytes.Count(rest, []byte(" "))+1)
	for name := range bytes.SplitSeq(rest, []byte(" ")) {
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

// HasCapabilities reports whether the response carries a capability list, in its data or its code, well-formed or not.
func (r *Response) HasCapabilities() bool { return r.capabilities() != nil }

// Capabilities returns the names of the response's capability list, in upper case. nil: it has none, or one that does not
// parse; AppendCapabilities then drops it.
func (r *Response) Capabilities() []string {
	names, _ := CapabilityList(r.capabilities())
	return names
}

// capabilities is the list with its title; nil: none.
func (r *Response) capabilities() []byte {
	switch {
	case r.Status:
		if word, _, _ := bytes.Cut(r.Code, []byte(" ")); wire.EqualFold(word, capabilityName) {
			return r.Code
		}
	case r.Name == capabilityName && r.Kind == wire.UntaggedResponse && !r.HasNumber:
		return r.Raw[len("* "):]
	}
	return nil
}

// AppendCapabilities prints a response that has a capability list, without CRLF: of the names of Capabilities those that keep
// says, by index, in their order and spelling, then those of own. A code left without names is dropped; CAPABILITY's own
// answer is left with IMAP4rev1, without which no client goes on.
func (r *Response) AppendCapabilities(dst []byte, keep func(i int) bool, own ...string) []byte {
	list := r.capabilities()
	out := make([]byte, 0, len(list)+32)
	out = append(out, capabilityName...)
	if _, ok := CapabilityList(list); ok {
		_, rest, _ := bytes.Cut(list, []byte(" "))
		i := 0
		for name := range bytes.SplitSeq(rest, []byte(" ")) {
			if len(name) == 0 {
				continue
			}
			if keep(i) {
				out = append(append(out, ' '), name...)
			}
			i++
		}
	}
	for _, name := range own {
		out = append(append(out, ' '), name...)
	}
	empty := len(out) == len(capabilityName)
	switch {
	case !r.Status && empty:
		return append(dst, "* CAPABILITY IMAP4rev1"...)
	case !r.Status:
		return append(append(dst, "* "...), out...)
	case empty:
		return r.AppendStatus(dst, nil)
	}
	return r.AppendStatus(dst, out)
}
