package document

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Terms writes a document as OPA's terms. The zero value is ready.
type Terms struct {
	// values are those of the objects and arrays that are not ended yet, in order, with their names.
	values [][2]*ast.Term
	open   []open
	// spare are terms that are made together, which is cheaper than one by one.
	spare []ast.Term
}

// open is an object or an array that is not ended.
type open struct {
	name  *ast.Term
	first int // of values
}

// Value is the document.
func (t *Terms) Value() ast.Value { return t.values[0][1].Value }

// together is how many terms are made at once. A usual document has about as many that are not words.
const together = 16

func (t *Terms) term(v ast.Value) *ast.Term {
	if len(t.spare) == 0 {
		t.spare = make([]ast.Term, together)
	}
	term := &t.spare[0]
	t.spare = t.spare[1:]
	term.Value = v
	return term
}

// key is a member's name; nil: an element's.
func key(name *Word) *ast.Term {
	if name == nil {
		return nil
	}
	return name.term
}

func (t *Terms) add(name *Word, value *ast.Term) {
	t.values = append(t.values, [2]*ast.Term{key(name), value})
}

// BeginObject implements Writer.
func (t *Terms) BeginObject(name *Word) { t.open = append(t.open, open{key(name), len(t.values)}) }

// EndObject implements Writer.
func (t *Terms) EndObject() {
	t.end(func(members [][2]*ast.Term) ast.Value { return ast.NewObject(members...) })
}

// BeginArray implements Writer.
func (t *Terms) BeginArray(name *Word) { t.BeginObject(name) }

// EndArray implements Writer.
func (t *Terms) EndArray() {
	t.end(func(elements [][2]*ast.Term) ast.Value {
		if len(elements) == 0 {
			return ast.InternedEmptyArray.Value
		}
		list := make([]*ast.Term, len(elements))
		for i, e := range elements {
			list[i] = e[1]
		}
		return ast.NewArray(list...)
	})
}

// end replaces what was written since the last beginning by what is made of it.
func (t *Terms) end(of func([][2]*ast.Term) ast.Value) {
	o := t.open[len(t.open)-1]
	t.open = t.open[:len(t.open)-1]
	value := t.term(of(t.values[o.first:]))
	t.values = append(t.values[:o.first], [2]*ast.Term{o.name, value})
}

// String implements Writer.
func (t *Terms) String(name *Word, s string) { t.add(name, t.term(ast.String(s))) }

// Bytes implements Writer.
func (t *Terms) Bytes(name *Word, b []byte) {
	s := string(b)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	t.String(name, s)
}

// Word implements Writer.
func (t *Terms) Word(name, value *Word) { t.add(name, value.term) }

// Uint implements Writer.
func (t *Terms) Uint(name *Word, n uint64) {
	if n > math.MaxInt {
		t.add(name, ast.UIntNumberTerm(n))
		return
	}
	t.add(name, ast.IntNumberTerm(int(n))) // small ones are made already
}

// Bool implements Writer.
func (t *Terms) Bool(name *Word, v bool) { t.add(name, ast.InternedTerm(v)) }
