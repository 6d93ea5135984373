package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// term is a word of a grammar, and the arguments that follow it; nil: none.
type term struct {
	name string
	args func(*parser)
}

// vocabulary is a choice of terms by their names in upper case.
type vocabulary map[string]term

func vocabularyOf(terms ...term) vocabulary {
	v := make(vocabulary, len(terms))
	for _, t := range terms {
		v[t.name] = t
	}
	return v
}

// find looks a word up in any case.
func (v vocabulary) find(word []byte) (term, bool) {
	var upper [longestName]byte
	if len(word) > len(upper) {
		return term{}, false
	}
	t, ok := v[string(wire.AppendUpper(upper[:0], word))]
	return t, ok
}

// term reads one of the terms with its arguments, and returns its name.
func (p *parser) term(v vocabulary, want string) string {
	text, offset := p.atomText(want)
	if text == nil {
		return ""
	}
	t, ok := v.find(text)
	if !ok {
		p.failAt(offset, want)
		return ""
	}
	if t.args != nil {
		t.args(p)
	}
	return t.name
}

// itemOf reads one of the terms into the command's items.
func (p *parser) itemOf(v vocabulary, want string) {
	if name := p.term(v, want); name != "" {
		p.cmd.Items = p.collect(p.cmd.Items, name)
	}
}
