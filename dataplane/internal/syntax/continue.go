package syntax

import (
	"bytes"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// streamed is a literal whose data was not kept, and where it stands.
type streamed struct {
	start  uint32
	header wire.LiteralHeader
}

// Continue parses what stands behind the data of c's message, up to the end of the command or to the next literal; c is a
// command that ends at a message. Behind a whole message it gives the command that would append the next one alone
// (RFC 3502): each message is judged as if it were sent by itself. Behind a part of one it gives c with what has been
// added (RFC 4469); the data of the part, which was streamed, is pending there for ever.
//
// Where nothing may follow but the end, behind is not empty, and c is not a Part, the error says so.
func (p *Parser) Continue(c *Command, behind []byte, mode Mode) (*Command, error) {
	head, literals := c.head()
	if !bytes.HasPrefix(behind, []byte(" ")) && literals == nil {
		return nil, &Error{Tag: c.Tag, Offset: len(head), Want: "a space"} // it would be read as more of the mailbox's name
	}
	raw := append(head, behind...)
	next, err := p.Parse(raw, mode)
	if err != nil {
		return nil, err
	}
	next.From = len(head)
	next.streamed = literals
	for i := range next.Args {
		t := &next.Args[i]
		if j := slices.IndexFunc(literals, func(s streamed) bool { return s.start == t.Start }); j >= 0 && t.Kind == wire.Literal {
			t.Header, t.Pending = literals[j].header, true
		}
	}
	return next, nil
}

// head is the beginning of a command that what stands behind c's message continues.
func (c *Command) head() (raw []byte, literals []streamed) {
	if c.Name == "APPEND" && !c.Part {
		return bytes.Clone(c.Raw[:c.Args[0].End]), nil // "APPEND mailbox"
	}
	brace := bytes.LastIndexByte(c.Raw, '{')
	raw = append(bytes.Clone(c.Raw[:brace]), "{0}\r\n"...)
	return raw, append(slices.Clone(c.streamed), streamed{uint32(len(raw)), *c.Pending})
}

// Adds reports whether c has an argument that was not said before: whether there is something to judge in it.
func (c *Command) Adds() bool {
	n := len(c.Args)
	return n > 0 && int(c.Args[n-1].End) > c.From
}
