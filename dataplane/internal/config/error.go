package config

import (
	"fmt"
	"strings"
)

// Problem is something wrong with the configuration.
type Problem struct {
	// File is the file's name as it was given; empty for a configuration that was not read from one.
	File string
	// Line is the line in File, from 1; 0: the problem has none.
	Line int
	// Field is the path of the field: "listeners[0].tls.mode". Empty: the problem is not one field's.
	Field string
	// Text says what is wrong.
	Text string
}

// Error implements error.
func (p Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
		if p.Line > 0 {
			fmt.Fprintf(&b, "%d:", p.Line)
		}
		b.WriteByte(' ')
	} else {
		b.WriteString("config: ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is every problem that was found, in the order of lines.
type Problems []Problem

// Error implements error: one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
