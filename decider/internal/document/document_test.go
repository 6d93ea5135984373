package document_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/document"
)

// A string is written as encoding/json writes it: every rune, every octet, and what is no UTF-8.
func TestAppendString(t *testing.T) {
	check := func(s string) {
		t.Helper()
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range [][]byte{document.AppendString([]byte("x"), s), document.AppendString([]byte("x"), []byte(s))} {
			if string(got) != "x"+string(want) {
				t.Fatalf("%q: got %s, want x%s", s, got, want)
			}
		}
	}
	check("")
	for r := rune(0); r <= math.MaxUint16+10; r++ {
		check(string(r))
		check("a" + string(r) + "b")
	}
	for a := range 256 {
		for b := range 256 {
			check(string([]byte{byte(a), byte(b)}))
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, rnd.IntN(12))
		for i := range b {
			// Mostly the beginnings and the middles of longer runes.
			b[i] = []byte{'a', '<', '\n', 0x80, 0xa8, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff, byte(rnd.IntN(256))}[rnd.IntN(12)]
		}
		check(string(b))
	}
}

var (
	a, b, c, d, e, f = word("a"), word("b"), word("c"), word("d<>"), word("e"), word("f")
)

func word(s string) *document.Word { return document.NewWord(s) }

// sample has everything that documents have.
func sample(w document.Writer) {
	w.BeginObject(nil)
	w.BeginArray(a)
	w.EndArray()
	w.BeginArray(b)
	w.BeginObject(nil)
	w.EndObject()
	w.BeginArray(nil)
	w.Word(nil, d)
	w.Uint(nil, 0)
	w.Uint(nil, math.MaxUint64)
	w.EndArray()
	w.Bytes(nil, []byte("bad \xff\xfe\xfd, good \u00fc \u2028"))
	w.EndArray()
	w.BeginObject(c)
	w.Bool(a, true)
	w.Bool(b, false)
	document.Text(w, c, "")
	document.Text(w, d, "quote\" back\\slash \x00\x7f")
	w.EndObject()
	document.Texts(w, d, []string{"", "x"})
	document.Texts(w, e, nil)
	w.String(f, "last")
	w.EndObject()
}

// All forms of a document are the same document, and its text is what encoding/json makes of it.
func TestForms(t *testing.T) {
	const want = `{"a":[],"b":[{},["d\u003c\u003e",0,18446744073709551615],"bad ` + "\uFFFD" + `, good ü \u2028"],` +
		`"c":{"a":true,"b":false,"d\u003c\u003e":"quote\" back\\slash \u0000` + "\x7f" + `"},"d\u003c\u003e":["","x"],"f":"last"}`
	j := document.JSON{Text: []byte("before ")}
	sample(&j)
	if string(j.Text) != "before "+want {
		t.Errorf("text\n     %s\nwant before %s", j.Text, want)
	}
	var m document.Maps
	sample(&m)
	if text, err := json.Marshal(m.Value()); err != nil || string(text) != want {
		t.Errorf("maps\n     %s\nwant %s\nerror %v", text, want, err)
	}
	var terms document.Terms
	sample(&terms)
	v, err := ast.JSON(terms.Value())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(v); err != nil || string(text) != want {
		t.Errorf("terms\n     %s\nwant %s\nerror %v", text, want, err)
	}
	if fromMaps, err := ast.InterfaceToValue(m.Value()); err != nil || fromMaps.Compare(terms.Value()) != 0 {
		t.Errorf("maps are %v, terms %v, error %v", fromMaps, terms.Value(), err)
	}
	if (&document.Maps{}).Value() != nil {
		t.Error("maps of nothing are something")
	}
}

// A value may be appended that is text already.
func TestRaw(t *testing.T) {
	var j document.JSON
	j.BeginArray(nil)
	j.Raw(nil, []byte("1"))
	j.Name(nil)
	j.Text = append(j.Text, "2"...)
	j.EndArray()
	if string(j.Text) != "[1,2]" {
		t.Errorf("text %s", j.Text)
	}
}
