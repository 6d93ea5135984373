package syntax

import (
	"iter"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// Info is a command's row of the table.
type Info struct {
	// Name is in upper case, with the prefix for the UID commands: "UID FETCH".
	Name string
	// RFC is the document and section that defines the command.
	RFC string
	// States are those in which it is allowed.
	States StateSet
	// Success and Failure are the states that a tagged OK and a tagged NO bring; 0 leaves the state as it is.
	Success, Failure State
	// Barrier: commands behind it wait for its tagged response, because what they mean depends on it.
	Barrier bool
	// Capability is the one that brings the command, a prefix if it ends in "="; "" for the base of RFC 3501.
	Capability string
	// Treatment is Pass, Own or Refuse.
	Treatment Treatment
	// Why is what a refusal tells the client; "" unless Treatment is Refuse.
	Why string
	// Sections: a "[" behind an atom of its arguments opens a list, as in BODY[TEXT].
	Sections bool

	// also is a second capability that brings the command.
	also string
	// parse is the grammar of its arguments.
	parse func(*parser)
}

// Capabilities are those that bring the command, each by itself; one that ends in "=" stands for all that start with it. None: the base
// of RFC 3501 has it.
func (i *Info) Capabilities() (names []string) {
	for _, n := range []string{i.Capability, i.also} {
		if n != "" {
			names = append(names, n)
		}
	}
	return names
}

// BroughtBy reports whether a server that lists the capability, in upper case, has the command.
func (i *Info) BroughtBy(capability string) bool {
	if i.Capability == "" {
		return true
	}
	return matches(i.Capability, capability) || i.also != "" && matches(i.also, capability)
}

// matches reports whether a capability is the one named, or starts with it where the name ends in "=".
func matches(name, capability string) bool {
	return capability == name || strings.HasSuffix(name, "=") && strings.HasPrefix(capability, name)
}

// longestName bounds the length of a command name that the table can hold.
const longestName = 24

// table finds a row by its name.
var table = func() map[string]*Info {
	m := make(map[string]*Info, len(rows))
	for i := range rows {
		m[rows[i].Name] = &rows[i]
	}
	return m
}()

// Lookup returns the row of a command, its name in any case ("uid fetch"), or nil.
func Lookup(name []byte) *Info {
	var upper [longestName]byte
	if len(name) > len(upper) {
		return nil
	}
	return table[string(wire.AppendUpper(upper[:0], name))]
}

// Commands yields the rows in the order of their names.
func Commands() iter.Seq[*Info] {
	return func(yield func(*Info) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}
}
