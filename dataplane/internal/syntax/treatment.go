package syntax

// Treatment is what the dataplane does with a command or a capability whatever policy says.
type Treatment uint8

const (
	// Pass leaves it to policy.
	Pass Treatment = iota + 1
	// Own: the dataplane speaks for itself on each leg; nothing of it passes from one leg to the other.
	Own
	// Refuse: the command is answered NO and never forwarded.
	Refuse
	// Hide: the capability is taken out of every list that passes.
	Hide
)

// String names the treatment.
func (t Treatment) String() string {
	switch t {
	case Pass:
		return "pass"
	case Own:
		return "own"
	case Refuse:
		return "refuse"
	case Hide:
		return "hide"
	}
	return "unset"
}
