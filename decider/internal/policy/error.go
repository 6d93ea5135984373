package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Problem is one thing that is wrong with a policy.
type Problem struct {
	// File and Line are where. Empty and 0: not known.
	File string
	Line int
	// Message says what.
	Message string
	// row is the path of the table's row that it is about, below package imap.policy. Nil: not about one.
	row []string
}

// String is the problem as compilers print it: file:line: message.
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Message
	case p.Line == 0:
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Error is a policy that was refused. It has one problem or more.
type Error struct{ Problems []Problem }

// Error implements error: one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// refused gives an error the form of an *Error; nil stays nil. file is where it happened, if nothing more exact is known.
func refused(file string, err error) error {
	if err == nil {
		return nil
	}
	var (
		known *Error
		list  ast.Errors
		one   *ast.Error
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = ast.Errors{one}
	default:
		p := Problem{File: file, Message: err.Error()}
		if m := yamlLine.FindStringSubmatch(p.Message); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Message = m[2]
		}
		return &Error{[]Problem{p}}
	}
	e := &Error{Problems: make([]Problem, len(list))}
	for i, p := range list {
		e.Problems[i] = Problem{File: file, Message: p.Code + ": " + p.Message}
		if p.Location != nil {
			e.Problems[i].File, e.Problems[i].Line = p.Location.File, p.Location.Row
		}
	}
	return e
}
