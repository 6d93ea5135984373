package session

import "cmp"

// Config is what a listener sets for its sessions. A zero value is replaced by the default it documents.
type Config struct {
	Limits Limits
	// Failure says what happens where the decider gives no answer. Default FailReject.
	Failure FailureMode
	// Progress has Forwarded and Finished told. Default false.
	Progress bool
	// Observe: verdicts, faults of policy and missing answers are told and not obeyed: everything passes but what the dataplane
	// itself refuses. Default false.
	Observe bool
	// Literals is the literal extension offered to clients (RFC 7888): "LITERAL+" (the default), "LITERAL-" or "none".
	Literals string
	// ClientTLS, ServerTLS: that leg is under TLS when the session starts.
	ClientTLS, ServerTLS bool
	// ClientStartTLS is whether the client may, or must, use STARTTLS on a leg that is not under TLS.
	ClientStartTLS StartTLS
	// ServerID are the fields and values of an ID command that the server gets before anything else, in turn, of printable
	// US-ASCII. Only for a server that trusts the dataplane. Default: none, and no command.
	ServerID []string
	// RefusalID: a refusal by policy ends in the id of its decision, by which the decision log is searched. Default: false.
	RefusalID bool
	// ServerStartTLS is whether the session uses STARTTLS towards the server. Only StartTLSOff and StartTLSRequired.
	ServerStartTLS StartTLS
}

// StartTLS is the use of STARTTLS on one leg.
type StartTLS uint8

const (
	// StartTLSOff neither offers nor uses it.
	StartTLSOff StartTLS = iota
	// StartTLSOffered leaves it to the peer.
	StartTLSOffered
	// StartTLSRequired refuses everything but CAPABILITY, NOOP, ID and LOGOUT before it.
	StartTLSRequired
)

// FailureMode says what happens to an event on which the decider gave no answer.
type FailureMode uint8

const (
	// FailReject answers NO [UNAVAILABLE], withholds a response, and closes where a greeting cannot be judged.
	FailReject FailureMode = iota
	// FailAbort ends the session with BYE.
	FailAbort
	// FailAccept lets everything pass.
	FailAccept
)

// Limits bound what a session holds. A zero value is replaced by the default.
type Limits struct {
	// Line is the length of a client's line, in octets without literals. Default 65536.
	Line int
	// ServerLine is the length of a server's line, in octets without literals. Default 1048576.
	ServerLine int
	// InlineLiteral is the largest literal that is collected before the decision, in octets. Default 8192.
	InlineLiteral uint64
	// Literals is the number of literals in a command; of several messages in one, each is counted by itself. Default 64.
	Literals int
	// Command is the size of a command with its collected literals, in octets. Default 131072.
	Command int
	// Message is the largest message, or part of one, that a client may append, in octets. Default 268435456.
	Message uint64
	// SASL is the length of a SASL challenge or response, in octets of base64. Default 16384.
	SASL int
	// Discard is the largest non-synchronizing literal of a refused command that is read and thrown away, in octets; above
	// it the session is closed. Default 16777216.
	Discard uint64
	// Depth is the nesting of lists in a command. Default 50.
	Depth int
	// Tokens is the number of tokens in a command. Default 10000.
	Tokens int
	// InFlight is the number of commands without a tagged answer, after which the client is not read. Default 64.
	InFlight int
	// Held is the memory that commands without a tagged answer take, in octets, after which the client is not read. One command is
	// held whatever it takes, which Command and Tokens bound. Default 1048576.
	Held int
	// Output is the number of octets waiting for one side, after which what brings more for it is not read. Default 262144.
	Output int
	// BadCommands is the number of protocol violations by the client, answered with BAD, after which the session is closed: before
	// login. Default 3.
	BadCommands int
	// BadCommandsLoggedIn is the same after login. Default 20.
	BadCommandsLoggedIn int
	// Roles is the length of the names of all mailboxes with a special use that the server tells of, in octets, after which the session
	// is ended: rules that go by special use would miss the others. Default 16384.
	Roles int
	// PolicyText is the length of a text from policy, in octets. Default 4096.
	PolicyText int
}

// Filled is the configuration with its defaults.
func (c Config) Filled() *Config {
	l := &c.Limits
	l.Line = cmp.Or(l.Line, 64<<10)
	l.ServerLine = cmp.Or(l.ServerLine, 1<<20)
	l.InlineLiteral = cmp.Or(l.InlineLiteral, 8<<10)
	l.Literals = cmp.Or(l.Literals, 64)
	l.Command = cmp.Or(l.Command, 128<<10)
	l.Message = cmp.Or(l.Message, 256<<20)
	l.SASL = cmp.Or(l.SASL, 16<<10)
	l.Discard = cmp.Or(l.Discard, 16<<20)
	l.Depth = cmp.Or(l.Depth, 50)
	l.Tokens = cmp.Or(l.Tokens, 10_000)
	l.InFlight = cmp.Or(l.InFlight, 64)
	l.Held = cmp.Or(l.Held, 1<<20)
	l.Output = cmp.Or(l.Output, 256<<10)
	l.BadCommands = cmp.Or(l.BadCommands, 3)
	l.BadCommandsLoggedIn = cmp.Or(l.BadCommandsLoggedIn, 20)
	l.Roles = cmp.Or(l.Roles, 16<<10)
	l.PolicyText = cmp.Or(l.PolicyText, 4<<10)
	c.Literals = cmp.Or(c.Literals, "LITERAL+")
	return &c
}
