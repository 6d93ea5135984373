package config

import (
	"fmt"
	"strings"
)

// Problem is something wrong with the configuration.
type Problem struct {
	// File is the file's name as it was given; empty for what did not come from one.
	File string
	// Line is the line in File, from 1; 0: the problem has none.
	Line int
	// Field is the path of the field: "audit.on_full". Empty: the problem is not one field's.
	Field string
	// Text says what is wrong.
	Text string
}

// Error implements error.
func (p Problem) Error() string {
	var b strings.Builder
	switch {
	case p.File == "":
		b.WriteString("config: ")
	case p.Line == 0:
		b.WriteString(p.File + ": ")
	default:
		fmt.Fprintf(&b, "%s:%d: ", p.File, p.Line)
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is every problem that was found.
type Problems []Problem

// Error implements error: one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
