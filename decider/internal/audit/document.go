package audit

import (
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// document marshals an input document without maps in between, which takes a tenth of the time.
type document struct{ ast.Value }

// MarshalJSON implements json.Marshaler.
func (d document) MarshalJSON() ([]byte, error) { return appendJSON(make([]byte, 0, usual), d.Value) }

// usual is more than most documents take, in octets.
const usual = 1 << 10

// appendJSON appends a value of an input document: objects with string keys, arrays, strings, numbers and booleans.
func appendJSON(b []byte, v ast.Value) ([]byte, error) {
	switch v := v.(type) {
	case ast.String:
		return appendString(b, string(v))
	case ast.Number:
		return append(b, v...), nil
	case ast.Boolean:
		if v {
			return append(b, "true"...), nil
		}
		return append(b, "false"...), nil
	case *ast.Array:
		return appendArray(b, v)
	case ast.Object:
		return appendObject(b, v)
	}
	return nil, fmt.Errorf("audit: a document has a %T", v)
}

func appendArray(b []byte, a *ast.Array) (_ []byte, err error) {
	b = append(b, '[')
	for i := range a.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, a.Elem(i).Value); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, o ast.Object) (_ []byte, err error) {
	b = append(b, '{')
	for i, k := range o.Keys() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, k.Value); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendJSON(b, o.Get(k).Value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendString appends a JSON string. What needs escaping is left to encoding/json.
func appendString(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			return append(b, quoted...), err
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}
