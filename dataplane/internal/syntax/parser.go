package syntax

import (
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// parser walks the tokens of one command. Its productions are named after those of the RFCs' formal syntax. It stops at
// the first error, and at a literal that has not come: from there on every production consumes nothing and says
// nothing, so that a grammar is written without looking at either.
type parser struct {
	raw    []byte
	tokens []wire.Token
	// at is the next token, end where those of the list being read end, stop the offset in raw of that end.
	at, end, stop uint32
	mode          Mode
	cmd           *Command
	// scratch holds what a production returned until the next one.
	scratch []byte

	err     *Error
	pending bool
}

// stopped: nothing more is to be read.
func (p *parser) stopped() bool { return p.err != nil || p.pending }

// peek returns the next token of the list being read; nil at its end.
func (p *parser) peek() *wire.Token {
	if p.stopped() || p.at >= p.end {
		return nil
	}
	return &p.tokens[p.at]
}

// more reports whether the list being read goes on.
func (p *parser) more() bool { return p.peek() != nil }

// fail stops with an error at the next token.
func (p *parser) fail(want string) {
	offset := p.stop
	if t := p.peek(); t != nil {
		offset = t.Start
	}
	p.failAt(offset, want)
}

// failAt stops with an error.
func (p *parser) failAt(offset uint32, want string) {
	if !p.stopped() {
		p.err = &Error{Offset: int(offset), Want: want}
	}
}

// take consumes the next token, which must stand alone, and be of one of two kinds; nil if it does not.
func (p *parser) take(a, b wire.Kind, want string) *wire.Token {
	t := p.peek()
	if t == nil || t.Joined || t.Kind != a && t.Kind != b {
		p.fail(want)
		return nil
	}
	p.at = t.Next
	return t
}

// frame is where an open list is left for.
type frame struct{ next, end, stop uint32 }

// open enters a list.
func (p *parser) open(want string) frame {
	t := p.peek()
	if t == nil || t.Kind != wire.List || t.Joined {
		p.fail(want)
		return frame{}
	}
	return p.enter(t)
}

// enter enters the next token, which is a list or section.
func (p *parser) enter(t *wire.Token) frame {
	f := frame{t.Next, p.end, p.stop}
	p.at, p.end, p.stop = p.at+1, t.Next, max(t.Start, t.End-1)
	return f
}

// close leaves the list, at whose end it must be.
func (p *parser) close(f frame) {
	if p.more() {
		p.fail("the end of the list")
	}
	if !p.stopped() {
		p.at, p.end, p.stop = f.next, f.end, f.stop
	}
}

// list0 reads a list that may be empty.
func (p *parser) list0(want string, item func(*parser)) {
	f := p.open(want)
	for p.more() {
		item(p)
	}
	p.close(f)
}

// list1 reads a list of at least one item.
func (p *parser) list1(want string, item func(*parser)) {
	f := p.open(want)
	p.items1(item)
	p.close(f)
}

// items1 reads at least one item, to the end of the list being read.
func (p *parser) items1(item func(*parser)) {
	item(p)
	for p.more() {
		item(p)
	}
}

// collect appends s to one of the command's lists, which has room for what is left of the list being read.
func (p *parser) collect(list []string, s string) []string {
	if list == nil {
		list = make([]string, 0, min(p.end-p.at+1, 8))
	}
	return append(list, s)
}

// nextIs reports whether a token of the kind comes next.
func (p *parser) nextIs(kind wire.Kind) bool {
	t := p.peek()
	return t != nil && t.Kind == kind && !t.Joined
}

// anything consumes all that is left, in any form.
func (p *parser) anything() {
	for p.more() {
		p.argument()
	}
}

// argument consumes one argument of any form.
func (p *parser) argument() {
	t := p.peek()
	if t == nil || t.Joined {
		p.fail("an argument")
		return
	}
	for i := p.at; i < t.Next; i++ {
		if d := &p.tokens[i]; d.Kind == wire.Literal {
			p.literal(d, p.mode.Literal8)
		}
	}
	if !p.stopped() {
		p.at = t.Next
	}
}

// literal checks a literal's kind, and stops if it is yet to come.
func (p *parser) literal(t *wire.Token, binary bool) {
	if t.Header.Binary && !binary {
		p.failAt(t.Start, "a literal without ~")
		return
	}
	if t.Pending && !p.stopped() {
		p.pending = true
		p.cmd.Pending = &t.Header
	}
}

// nothing is the grammar of a command without arguments.
func (p *parser) nothing() {}
