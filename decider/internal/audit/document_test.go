package audit

import (
	"encoding/json"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A document marshals to what encoding/json makes of the same as maps and slices.
func TestDocument(t *testing.T) {
	for _, s := range []string{
		`{}`, `{"a": []}`, `{"b": 1, "a": [true, false, -1.5e3, 18446744073709551615]}`,
		`{"text": "plain", "quote\"d": "back\\slash", "bytes": "\u0000\t\r\n\u007f\ufffd", "wide": "grüße 日本 \u2028"}`,
		`{"a": {"b": {"c": [["(", "x", "<LITERAL>"]]}}}`,
	} {
		v := ast.MustParseTerm(s).Value
		got, err := json.Marshal(document{v})
		if err != nil {
			t.Fatal(err)
		}
		maps, err := ast.JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(maps)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if _, err := json.Marshal(document{ast.NewSet()}); err == nil {
		t.Error("a set was marshalled")
	}
}
