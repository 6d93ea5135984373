package input

import (
	"fmt"

	"github.com/gatepost/gatepost/decider/internal/document"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// maxDepth bounds how deep arguments nest. The dataplane allows less; the bound is for other senders.
const maxDepth = 100

// arguments writes args, in the seed's nested form; field is what the question has them in:
//
//	number   [1, "1"]
//	range    [1, 2]
//	literal  "<LITERAL>"
//	text     "text"
//	list     [",", a, b]  ["[", a, b]  ["(", a, b]
//	secret   "<SECRET>"   (ours)
func arguments(w document.Writer, field string, args []*deciderv1.Argument) error {
	w.BeginArray(keyArgs)
	if want := items(w, args, 0); want != "" {
		return &Error{field + ".args", want}
	}
	w.EndArray()
	return nil
}

// items writes the elements of a list. want says what the contract has there; empty: it is kept.
func items(w document.Writer, args []*deciderv1.Argument, depth int) (want string) {
	if depth > maxDepth {
		return fmt.Sprintf("must not nest deeper than %d", maxDepth)
	}
	for _, a := range args {
		switch v := a.GetValue().(type) {
		case *deciderv1.Argument_Number:
			w.BeginArray(nil)
			w.Uint(nil, v.Number.GetValue())
			w.Bytes(nil, v.Number.GetSpelling())
			w.EndArray()
		case *deciderv1.Argument_Range:
			w.BeginArray(nil)
			w.Uint(nil, v.Range.GetFirst())
			w.Uint(nil, v.Range.GetLast())
			w.EndArray()
		case *deciderv1.Argument_Literal:
			w.Word(nil, wordLiteral)
		case *deciderv1.Argument_Text:
			w.Bytes(nil, v.Text)
		case *deciderv1.Argument_List:
			kind := listWord[v.List.GetKind()]
			if kind == nil {
				return "must not hold a list of no kind"
			}
			w.BeginArray(nil)
			w.Word(nil, kind)
			if want := items(w, v.List.GetItems(), depth+1); want != "" {
				return want
			}
			w.EndArray()
		case *deciderv1.Argument_Secret:
			w.Word(nil, wordSecret)
		default:
			return "must not hold an argument of no value"
		}
	}
	return ""
}
