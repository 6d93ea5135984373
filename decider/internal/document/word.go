package document

import "github.com/open-policy-agent/opa/v1/ast"

// Word is a string that documents have often, as a name or as a value, in all forms. It is not changed.
type Word struct {
	text string
	json string // quoted
	term *ast.Term
}

// NewWord gives a word.
func NewWord(text string) *Word {
	return &Word{text, string(AppendString(nil, text)), ast.StringTerm(text)}
}

// String is the word itself.
func (w *Word) String() string { return w.text }

// Term is the word as a term.
func (w *Word) Term() *ast.Term { return w.term }
