package verdict

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Fault is a fault of the policy.
type Fault struct {
	Kind deciderv1.PolicyErrorKind
	// Message says what went wrong, with what was expected.
	Message string
	// Path is the row or rule below package imap.policy, as in ["request", "DELETE"]. Empty: not about one.
	Path []string
	// Rule is the function that gave the value, where the row is of kind POLICY. Empty: the row itself has it.
	Rule string
	// Value is the offending value, where there is one; it helps to find the line.
	Value ast.Value
	// File and Line are where it is written. Empty and 0: not known.
	File string
	Line int
}

// Error implements error: the place, the row and the message.
func (f *Fault) Error() string {
	var b strings.Builder
	if f.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", f.File, f.Line)
	}
	if len(f.Path) != 0 {
		b.WriteString(Reference(f.Path) + ": ")
	}
	b.WriteString(f.message())
	return b.String()
}

func (f *Fault) message() string {
	if f.Rule != "" {
		return "function " + f.Rule + ": " + f.Message
	}
	return f.Message
}

// Source is where the value is written, below package imap.policy: the row, or the function that it calls.
func (f *Fault) Source() []string {
	if f.Rule != "" {
		return []string{"functions", f.Rule}
	}
	return f.Path
}

// Proto is the fault in the contract's form.
func (f *Fault) Proto() *deciderv1.PolicyError {
	return &deciderv1.PolicyError{
		Kind:    f.Kind,
		Message: f.message(),
		File:    f.File,
		Line:    uint32(f.Line),
		Row:     Reference(f.Path),
	}
}

// rowFault is a fault in the row at path.
func rowFault(path []string, v ast.Value, format string, args ...any) *Fault {
	return &Fault{
		Kind:    deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_ROW,
		Message: fmt.Sprintf(format, args...),
		Path:    path,
		Value:   v,
	}
}

// libraryFault is a decision that the library should not have made.
func libraryFault(format string, args ...any) *Fault {
	return &Fault{
		Kind:    deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_INTERNAL,
		Message: fmt.Sprintf(format, args...),
	}
}

// Reference is a path as a Rego reference: request["DELETE"]. Empty for an empty path.
func Reference(path []string) string {
	if len(path) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(path[0])
	for _, p := range path[1:] {
		b.WriteString("[" + strconv.Quote(p) + "]")
	}
	return b.String()
}

// show prints a value for a message, cut to a length that a log line bears.
func show(v ast.Value) string {
	const limit = 80
	s := v.String()
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	return s
}
