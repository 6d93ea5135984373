package document

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// JSON writes a document as JSON text: octet for octet what encoding/json makes of the same as maps. The zero value is ready.
type JSON struct {
	// Text is what was written. A document is appended to what it holds.
	Text []byte

	// more: a value stands before, and a comma has to follow.
	more bool
}

// Name writes what stands before a value, which the caller appends to Text.
func (j *JSON) Name(name *Word) {
	if j.more {
		j.Text = append(j.Text, ',')
	}
	if name != nil {
		j.Text = append(append(j.Text, name.json...), ':')
	}
	j.more = true
}

// BeginObject implements Writer.
func (j *JSON) BeginObject(name *Word) { j.begin(name, '{') }

// EndObject implements Writer.
func (j *JSON) EndObject() { j.end('}') }

// BeginArray implements Writer.
func (j *JSON) BeginArray(name *Word) { j.begin(name, '[') }

// EndArray implements Writer.
func (j *JSON) EndArray() { j.end(']') }

func (j *JSON) begin(name *Word, bracket byte) {
	j.Name(name)
	j.Text, j.more = append(j.Text, bracket), false
}

func (j *JSON) end(bracket byte) { j.Text, j.more = append(j.Text, bracket), true }

// String implements Writer.
func (j *JSON) String(name *Word, s string) {
	j.Name(name)
	j.Text = AppendString(j.Text, s)
}

// Bytes implements Writer.
func (j *JSON) Bytes(name *Word, b []byte) {
	j.Name(name)
	if !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	j.Text = AppendString(j.Text, b)
}

// Word implements Writer.
func (j *JSON) Word(name, value *Word) {
	j.Name(name)
	j.Text = append(j.Text, value.json...)
}

// Uint implements Writer.
func (j *JSON) Uint(name *Word, n uint64) {
	j.Name(name)
	j.Text = strconv.AppendUint(j.Text, n, 10)
}

// Bool implements Writer.
func (j *JSON) Bool(name *Word, v bool) {
	j.Name(name)
	j.Text = strconv.AppendBool(j.Text, v)
}

// Raw writes a value that is JSON text already.
func (j *JSON) Raw(name *Word, text []byte) {
	j.Name(name)
	j.Text = append(j.Text, text...)
}
