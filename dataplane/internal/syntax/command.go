package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

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
	// Message: the pending literal is message data (APPEND, REPLACE), to be judged by its size before it comes; what follows
	// it is for Parser.Continue. Else it is to be collected, and the command to be parsed again.
	Message bool
	// Part: the message data is a part of a message (CATENATE, UTF8), whose list is open: more must follow it.
	Part bool
	// From is where in Raw begins what Parser.Continue was given; 0 for the beginning of a command. What lies before was
	// said already, and its streamed literals are empty there.
	From int
	// Secret are the indexes in Args of the tokens that must not leave the dataplane: the password of LOGIN, the
	// initial response of AUTHENTICATE, the URLs of URLFETCH.
	Secret []int

	// one is room for the mailbox of a command that names one.
	one [1]string
	// data is room for what a message is made of that is made of one kind.
	data [1]string
	// streamed are the literals before From whose data was streamed.
	streamed []streamed

	Fields
}

// Fields are the typed arguments. Those that a command does not have are zero. All strings are valid UTF-8.
// proto/gatepost/decider/v1/question.proto, message Command, says what each means. Items also has the names of CREATE's
// parameters and of the RETURN options of LIST, SEARCH and SORT, and X-GM-LABELS where STORE changes Gmail's labels, which
// then stand in Flags.
type Fields struct {
	Mailbox, NewMailbox, Reference *string
	Mailboxes                      []string
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
	AppendData                     []string
	ID                             map[string]string

	// Password is LOGIN's password; nil for other commands, and while it is pending.
	Password []byte
	// InitialResponse is AUTHENTICATE's (RFC 4959), in base64 as it was sent, "=" for an empty one; nil: none.
	InitialResponse []byte
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
