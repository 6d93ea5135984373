package syntax

import (
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

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

// Command is a client's command, or the part of it up to a literal that has not come. It refers to the bytes it was parsed
// from, which must not change while it is used.
type Command struct {
	// Raw is the command without its final CRLF; literals stand in it behind their header and CRLF.
	Raw []byte
	// Tag is the tag.
	Tag []byte
	// Name is the name in upper case, with the prefix for the UID commands: "UID FETCH".
	Name string
	// Info is the command's row of the table; nil for a command the table does not have.
	Info *Info
	// Args are the tokens of the arguments, as wire.Scanner left them, offsets into Raw.
	Args []wire.Token
	// Pending is the literal that Raw ends at; nil for a complete command.
	Pending *wire.LiteralHeader
	// Message: the pending literal is message data (APPEND), to be judged by its size before it comes. Else it is to
	// be collected.
	Message bool
	// Secret are the indexes in Args of the tokens that must not leave the dataplane: the password of LOGIN, the
	// initial response of AUTHENTICATE.
	Secret []int

	Fields
}

// Fields are the typed arguments. Those that a command does not have are zero. proto/gatepost/decider/v1/question.proto,
// message Command, says what each means.
type Fields struct {
	Mailbox, NewMailbox, Reference *string
	Patterns                       []string
	Set                            []SetRange
	SetSaved                       bool
	Items                          []string
	Flags                          []string
	FlagsOperation                 string
	Silent                         bool
	SearchKeys                     []string
	Literal                        *wire.LiteralHeader
	Date                           string
	User                           string
	Mechanism                      string
	Capabilities                   []string
	ID                             map[string]string

	// Password is LOGIN's password, InitialResponse AUTHENTICATE's (RFC 4959), still in base64; nil: none.
	Password, InitialResponse []byte
}

// SetRange is a part of a sequence set. 0 is "*".
type SetRange struct{ First, Last uint32 }

// Mode is what of the grammar depends on the session.
type Mode struct {
	// UTF8: UTF8=ACCEPT or IMAP4rev2 was enabled, so that quoted strings and mailbox names are UTF-8 (RFC 6855, RFC 9051).
	UTF8 bool
	// Literal8: literal8 is allowed (RFC 3516).
	Literal8 bool
}
