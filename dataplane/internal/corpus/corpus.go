// Package corpus keeps what fuzzing has found interesting in one file for each target: a line for each input, with the arguments as
// Go writes them. What the fuzzing engine finds to be wrong it writes to testdata/fuzz, one file for each, as always.
//
//	go test -fuzz '^FuzzFrame$' -fuzztime 10m ./dataplane/internal/wire
//	go run ./dataplane/internal/corpus/pack "$(go env GOCACHE)/fuzz/github.com/gatepost/gatepost/dataplane/internal/wire/FuzzFrame" \
//		> dataplane/internal/wire/testdata/FuzzFrame.corpus
package corpus

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Add adds the inputs of a file to a target's seeds.
func Add(f *testing.F, file string) {
	f.Helper()
	for _, input := range Read(f, file) {
		f.Add(input...)
	}
}

// Read returns the inputs of a file. Each has the target's arguments: []byte, string and byte.
func Read(t testing.TB, file string) (inputs [][]any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		input, err := parse(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatalf("%s:%d: %v", file, n, err)
		}
		inputs = append(inputs, input)
	}
	return inputs
}

func parse(line string) (input []any, err error) {
	e, err := parser.ParseExpr("f(" + line + ")")
	if err != nil {
		return nil, err
	}
	for _, arg := range e.(*ast.CallExpr).Args {
		v, err := value(arg)
		if err != nil {
			return nil, err
		}
		input = append(input, v)
	}
	return input, nil
}

// value is a conversion of a literal: []byte("x"), string("x") or byte('x').
func value(e ast.Expr) (any, error) {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil, fmt.Errorf("%T is not a conversion", e)
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return nil, fmt.Errorf("%T is not a literal", call.Args[0])
	}
	to, _ := call.Fun.(*ast.Ident)
	switch {
	case literal.Kind == token.STRING && to == nil:
		s, err := strconv.Unquote(literal.Value)
		return []byte(s), err
	case literal.Kind == token.STRING && to.Name == "string":
		return strconv.Unquote(literal.Value)
	case literal.Kind == token.CHAR && to != nil && to.Name == "byte":
		c, _, _, err := strconv.UnquoteChar(literal.Value[1:len(literal.Value)-1], '\'')
		return byte(c), err
	}
	return nil, fmt.Errorf("a conversion of %s", literal.Value)
}
