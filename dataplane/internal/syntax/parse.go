package syntax

import (
	"errors"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// Parser parses commands and responses. Its zero value is ready; it keeps memory for the next call and is not safe for
// concurrent use.
type Parser struct {
	// Scanner's Limits may be set. The other fields are the Parser's.
	Scanner wire.Scanner

	grammar parser // kept for its memory
}

// Parse parses a command without its final CRLF, in which literals stand behind their header and CRLF; it may end at
// a literal's header. A command of the table must match its own grammar, of which a command that ends at a literal must
// be the beginning; any other may have arguments of any form. The error is an *Error.
//
// raw must not change while the Command is used.
func (p *Parser) Parse(raw []byte, mode Mode) (*Command, error) {
	c := &Command{Raw: raw}
	if err := p.parse(c, mode); err != nil {
		return nil, err
	}
	return c, nil
}

// ParseCopy is Parse of a copy of raw.
func (p *Parser) ParseCopy(raw []byte, mode Mode) (*Command, error) {
	c := new(struct {
		Command
		room [shortCommand]byte // so that a short one is one allocation
	})
	c.Raw = append(c.room[:0], raw...)
	if err := p.parse(&c.Command, mode); err != nil {
		return nil, err
	}
	return &c.Command, nil
}

// shortCommand is an octet or two more than most commands have.
const shortCommand = 64

func (p *Parser) parse(c *Command, mode Mode) error {
	raw := c.Raw
	p.Scanner.UTF8 = mode.UTF8
	p.Scanner.Literal8 = true // the grammar says where
	p.Scanner.Sections = hasSections
	scanned, err := p.Scanner.Command(raw)
	tag := raw[scanned.Tag.Start:scanned.Tag.End]
	if err != nil {
		return scanError(err, tag)
	}

	c.Tag = tag
	name := raw[scanned.Name.Start:scanned.Name.End]
	if c.Info = Lookup(name); c.Info != nil {
		c.Name = c.Info.Name
	} else {
		c.Name = string(wire.AppendUpper(nil, name))
	}
	if len(scanned.Tokens) > 0 {
		c.Args = slices.Clone(scanned.Tokens)
	}
	if err := p.arguments(c, mode); err != nil {
		err.Tag = tag
		return err
	}
	return nil
}

// arguments reads the arguments of c by its grammar.
func (p *Parser) arguments(c *Command, mode Mode) *Error {
	g := &p.grammar
	*g = parser{raw: c.Raw, tokens: c.Args, end: uint32(len(c.Args)), stop: uint32(len(c.Raw)), mode: mode, cmd: c, scratch: g.scratch[:0]}
	if c.Info != nil {
		c.Info.parse(g)
	} else {
		g.anything()
	}
	if g.more() {
		g.fail("the end of the command")
	}
	err := g.err
	*g = parser{scratch: g.scratch[:0]}
	return err
}

func hasSections(name []byte) bool {
	info := Lookup(name)
	return info != nil && info.Sections
}

// scanError is a scanner's error as an *Error.
func scanError(err error, tag []byte) *Error {
	e := &Error{Want: "a command"}
	if s, ok := errors.AsType[*wire.SyntaxError](err); ok {
		e.Offset, e.Want = s.Offset, s.Want
	}
	if len(tag) > 0 {
		e.Tag = tag
	}
	return e
}
