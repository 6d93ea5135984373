package session

import (
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// Side is one of the two parties.
type Side uint8

const (
	// Client is the IMAP client.
	Client Side = iota
	// Server is the IMAP server.
	Server
)

// Other is the opposite side.
func (s Side) Other() Side { return 1 - s }

// String names the side.
func (s Side) String() string {
	if s == Client {
		return "client"
	}
	return "server"
}

// Kind is the kind of an event that is asked about.
type Kind uint8

const (
	// Greeting is the server's greeting.
	Greeting Kind = iota + 1
	// Command is a client's command.
	Command
	// Untagged is a server's untagged response.
	Untagged
	// Tagged is a server's tagged response.
	Tagged
)

// String is the kind's name in policy.
func (k Kind) String() string {
	switch k {
	case Greeting:
		return "greeting"
	case Command:
		return "command"
	case Untagged:
		return "untagged"
	case Tagged:
		return "tagged"
	}
	return "unset"
}

// Ask is a question with the handle to answer it by.
type Ask struct {
	ID       uint64
	Question Question
}

// Question is an event as the session knows it; proto/gatepost/decider/v1/question.proto says what each field means. It is
// not changed after it was handed out.
type Question struct {
	Kind Kind
	// Ask numbers the session's questions, from 1.
	Ask uint64
	// First is the Ask of the first question about the same command, and equal to Ask for that. 0: about no command.
	First uint64
	// Traceparent is the span that asks, as Question.traceparent of the contract. Set by whoever puts the question.
	Traceparent string
	// Observe: its answer will not be obeyed.
	Observe  bool
	Session  Snapshot
	Old, New syntax.State
	// Command is the command judged, or the one that a response is judged under; nil for a greeting and an unsolicited
	// response.
	Command *syntax.Command
	// Identity is what AUTHENTICATE or LOGIN will prove, on success; zero for other commands.
	Identity Identity
	// Response is set for greeting, untagged and tagged.
	Response *syntax.Response
	// Capabilities are those of the response's list that the dataplane can follow, in upper case.
	Capabilities []string
}

// Snapshot is what a session has learnt.
type Snapshot struct {
	Identity               Identity
	AuthenticationFailures uint32
	// Mailbox is the selected mailbox; nil: none.
	Mailbox   *Mailbox
	Enabled   []string
	Delimiter string
	// Roles are mailboxes with a special use, each as often as it has one. What is here is not changed: more of them are a new slice.
	Roles []Role
}

// Role is a special use of a mailbox.
type Role struct {
	Mailbox string
	// Name is the attribute in lower case without its backslash: "trash".
	Name string
}

// Identity is who logs in, and how.
type Identity struct {
	// User is the authentication identity, Authorization the authorization identity where it differs.
	User, Authorization string
	// Mechanism is "LOGIN", "PREAUTH" or a SASL mechanism.
	Mechanism string
}

// Mailbox is the selected mailbox.
type Mailbox struct {
	Name     string
	ReadOnly bool
}

// Decision is the answer to an Ask; proto/gatepost/decider/v1/decision.proto says what each field means.
type Decision struct {
	ID, Revision string
	// Fault: policy failed. No other field but ID and Revision is then looked at.
	Fault *Fault
	// Request is the verdict on a command, Response that on anything else.
	Request  Req
	Response Rsp
	Text     []byte
	Untagged [][]byte
	Code     []byte
	Rows     []Row
	// Capabilities has one verdict for each of the question's capabilities: true is IMAP_CAP_ACCEPT.
	Capabilities []bool
	Old, New     syntax.State
	Reason       string
	Row, Rule    string
	// Repeats is the id of the decision that this one repeats; empty: none. It is ID where repetitions are only counted.
	Repeats string
	// Source is what the decision was made from. The session does not look at it.
	Source any
}

// Fault is a fault of the policy.
type Fault struct {
	Kind, Message, File, Row string
	Line                     uint32
}

// Req is a verdict on a command.
type Req uint8

// The verdicts on a command.
const (
	ReqAccept Req = iota + 1
	ReqReject
	ReqDrop
	ReqAbort
	ReqRespond
	ReqRewrite
)

// Rsp is a verdict on a response.
type Rsp uint8

// The verdicts on a response, strictest last.
const (
	RspAccept Rsp = iota + 1
	RspPolicy
	RspRewrite
	RspDrop
	RspReject
	RspAbort
)

// Row is a row of the response table, in the order in which the decider relaxes them: the first that fits wins.
type Row struct {
	// ExactCommand: the row names the command, not "*".
	ExactCommand bool
	// Tagged and Untagged say which responses it is for.
	Tagged, Untagged bool
	// Name is the response name in upper case, or "*".
	Name    string
	Verdict Rsp
	Text    []byte
}
