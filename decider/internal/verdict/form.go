package verdict

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// form is a row taken apart: the verdict's name and what follows it in the tuple.
type form struct {
	name string
	rest []ast.Value
}

// formOf takes a row apart. ok is false if it is neither a string nor an array that begins with one.
func formOf(v ast.Value) (f form, ok bool) {
	switch v := v.(type) {
	case ast.String:
		return form{name: string(v)}, true
	case *ast.Array:
		if v.Len() == 0 {
			return form{}, false
		}
		name, ok := v.Elem(0).Value.(ast.String)
		if !ok {
			return form{}, false
		}
		f.name = string(name)
		for i := 1; i < v.Len(); i++ {
			f.rest = append(f.rest, v.Elem(i).Value)
		}
		return f, true
	}
	return form{}, false
}

// text is the string at i of the rest.
func (f form) text(i int) (string, bool) {
	if i >= len(f.rest) {
		return "", false
	}
	s, ok := f.rest[i].(ast.String)
	return string(s), ok
}

// lines is the array of strings at i of the rest.
func (f form) lines(i int) ([]string, bool) {
	if i >= len(f.rest) {
		return nil, false
	}
	a, ok := f.rest[i].(*ast.Array)
	if !ok {
		return nil, false
	}
	lines := make([]string, a.Len())
	for j := range lines {
		s, ok := a.Elem(j).Value.(ast.String)
		if !ok {
			return nil, false
		}
		lines[j] = string(s)
	}
	return lines, true
}
