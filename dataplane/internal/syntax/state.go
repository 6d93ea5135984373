package syntax

import "strings"

// State is a state of RFC 9051 section 3.
type State uint8

const (
	// NotAuthenticated is before login.
	NotAuthenticated State = iota + 1
	// Authenticated is after login, with no mailbox selected.
	Authenticated
	// Selected is with a mailbox selected.
	Selected
	// Logout is when the connection ends.
	Logout
)

// String is the state's name in policy.
func (s State) String() string {
	switch s {
	case NotAuthenticated:
		return "not_authenticated"
	case Authenticated:
		return "authenticated"
	case Selected:
		return "selected"
	case Logout:
		return "logout"
	}
	return "unset"
}

// StateSet is a set of states.
type StateSet uint8

// Has reports whether s is in the set.
func (set StateSet) Has(s State) bool { return set&(1<<s) != 0 }

// String lists the names of the states, in the order of a session.
func (set StateSet) String() string {
	var names []string
	for s := NotAuthenticated; s <= Logout; s++ {
		if set.Has(s) {
			names = append(names, s.String())
		}
	}
	return strings.Join(names, " ")
}

// The states that commands are allowed in (RFC 9051 sections 6.1 to 6.4). No command is in Logout.
const (
	anyState      = beforeLogin | afterLogin
	beforeLogin   = StateSet(1 << NotAuthenticated)
	afterLogin    = StateSet(1<<Authenticated | 1<<Selected)
	whileSelected = StateSet(1 << Selected)
)
