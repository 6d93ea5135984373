package input

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// maxDepth bounds how deep arguments nest. The dataplane allows less; the bound is for other senders.
const maxDepth = 100

// buildArgs gives arguments in the seed's nested form:
//
//	number   [1, "1"]
//	range    [1, 2]
//	literal  "<LITERAL>"
//	text     "text"
//	list     [",", a, b]  ["[", a, b]  ["(", a, b]
//	secret   "<SECRET>"   (ours)
func buildArgs(field string, args []*deciderv1.Argument) (*ast.Term, error) {
	if len(args) == 0 {
		return ast.InternedEmptyArray, nil
	}
	terms, err := appendArgs(make([]*ast.Term, 0, len(args)), field, args, 0)
	if err != nil {
		return nil, err
	}
	return ast.ArrayTerm(terms...), nil
}

func appendArgs(terms []*ast.Term, field string, args []*deciderv1.Argument, depth int) ([]*ast.Term, error) {
	if depth > maxDepth {
		return nil, &Error{field, fmt.Sprintf("must not nest deeper than %d", maxDepth)}
	}
	for _, a := range args {
		switch v := a.GetValue().(type) {
		case *deciderv1.Argument_Number:
			n := ast.UIntNumberTerm(v.Number.GetValue())
			terms = append(terms, ast.ArrayTerm(n, bytesTerm(v.Number.GetSpelling())))
		case *deciderv1.Argument_Range:
			terms = append(terms, ast.ArrayTerm(
				ast.UIntNumberTerm(v.Range.GetFirst()), ast.UIntNumberTerm(v.Range.GetLast())))
		case *deciderv1.Argument_Literal:
			terms = append(terms, termLiteral)
		case *deciderv1.Argument_Text:
			terms = append(terms, bytesTerm(v.Text))
		case *deciderv1.Argument_List:
			kind, ok := listTerm(v.List.GetKind())
			if !ok {
				return nil, &Error{field, "must not hold a list of no kind"}
			}
			items := append(make([]*ast.Term, 0, len(v.List.GetItems())+1), kind)
			items, err := appendArgs(items, field, v.List.GetItems(), depth+1)
			if err != nil {
				return nil, err
			}
			terms = append(terms, ast.ArrayTerm(items...))
		case *deciderv1.Argument_Secret:
			terms = append(terms, termSecret)
		default:
			return nil, &Error{field, "must not hold an argument of no value"}
		}
	}
	return terms, nil
}

func listTerm(k deciderv1.ListKind) (*ast.Term, bool) {
	switch k {
	case deciderv1.ListKind_LIST_KIND_PARENTHESES:
		return termParen, true
	case deciderv1.ListKind_LIST_KIND_BRACKETS:
		return termBracket, true
	case deciderv1.ListKind_LIST_KIND_COMMA:
		return termComma, true
	}
	return nil, false
}
