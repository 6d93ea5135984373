package document

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Maps writes a document as maps and slices, of the types that encoding/json and OPA take as they are. The zero value is ready.
type Maps struct {
	root any
	open []level
}

// level is an object or an array that is not ended.
type level struct {
	name   *Word
	object map[string]any // nil: an array
	array  []any
}

// Value is the document.
func (m *Maps) Value() any { return m.root }

func (m *Maps) add(name *Word, v any) {
	if len(m.open) == 0 {
		m.root = v
		return
	}
	if in := &m.open[len(m.open)-1]; in.object != nil {
		in.object[name.text] = v
	} else {
		in.array = append(in.array, v)
	}
}

// BeginObject implements Writer.
func (m *Maps) BeginObject(name *Word) {
	m.open = append(m.open, level{name: name, object: map[string]any{}})
}

// EndObject implements Writer.
func (m *Maps) EndObject() { m.end(func(l level) any { return l.object }) }

// BeginArray implements Writer.
func (m *Maps) BeginArray(name *Word) { m.open = append(m.open, level{name: name, array: []any{}}) }

// EndArray implements Writer.
func (m *Maps) EndArray() { m.end(func(l level) any { return l.array }) }

func (m *Maps) end(of func(level) any) {
	l := m.open[len(m.open)-1]
	m.open = m.open[:len(m.open)-1]
	m.add(l.name, of(l))
}

// String implements Writer.
func (m *Maps) String(name *Word, s string) { m.add(name, s) }

// Bytes implements Writer.
func (m *Maps) Bytes(name *Word, b []byte) { m.add(name, strings.ToValidUTF8(string(b), "\uFFFD")) }

// Word implements Writer.
func (m *Maps) Word(name, value *Word) { m.add(name, value.text) }

// Uint implements Writer.
func (m *Maps) Uint(name *Word, n uint64) { m.add(name, json.Number(strconv.FormatUint(n, 10))) }

// Bool implements Writer.
func (m *Maps) Bool(name *Word, v bool) { m.add(name, v) }
