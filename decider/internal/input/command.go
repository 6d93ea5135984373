package input

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// buildCommand gives a command; field is where the question has it.
func buildCommand(field string, c *deciderv1.Command) (*ast.Term, error) {
	if c.GetName() == "" {
		return nil, &Error{field + ".name", "must not be empty"}
	}
	args, err := buildArgs(field+".args", c.GetArgs())
	if err != nil {
		return nil, err
	}
	o := make(object, 0, 12)
	o.add(keyTag, bytesTerm(c.GetTag()))
	o.add(keyName, ast.StringTerm(c.GetName()))
	o.add(keyArgs, args)
	o.add(keyKnown, ast.BooleanTerm(c.GetKnown()))

	o.present(keyMailbox, c.Mailbox)
	o.present(keyNewMailbox, c.NewMailbox)
	o.list(keyMailboxes, c.GetMailboxes())
	o.present(keyReference, c.Reference)
	o.list(keyPatterns, c.GetPatterns())
	o.messages(c)
	o.list(keyItems, c.GetItems())
	o.list(keyFlags, c.GetFlags())
	if strings.TrimPrefix(c.GetName(), "UID ") == "STORE" {
		switch c.GetFlagsOperation() {
		case "", "+", "-":
		default:
			return nil, &Error{field + ".flags_operation", `must be "", "+" or "-"`}
		}
		// Of these two the zero value says something: replace, and answer.
		o.add(keyFlagsOperation, ast.StringTerm(c.GetFlagsOperation()))
		o.add(keySilent, ast.BooleanTerm(c.GetSilent()))
	}
	o.list(keySearchKeys, c.GetSearchKeys())
	if l := c.GetLiteral(); l != nil {
		o.add(keyLiteral, ast.ObjectTerm(
			[2]*ast.Term{keySize, ast.UIntNumberTerm(l.GetSize())},
			[2]*ast.Term{keyNonSync, ast.BooleanTerm(l.GetNonSync())},
			[2]*ast.Term{keyLiteral8, ast.BooleanTerm(l.GetLiteral8())},
		))
	}
	o.text(keyDate, c.GetDate())
	o.text(keyUser, c.GetUser())
	o.text(keyAuthorizationID, c.GetAuthorizationIdentity())
	o.text(keyMechanism, c.GetMechanism())
	o.list(keyCapabilities, c.GetCapabilities())
	if id := c.GetId(); len(id) != 0 {
		m := make(object, 0, len(id))
		for _, k := range slices.Sorted(maps.Keys(id)) {
			m.add(ast.StringTerm(k), ast.StringTerm(id[k]))
		}
		o.add(keyID, m.term())
	}
	return o.term(), nil
}

// present adds a string that may be empty, unless it is absent.
func (o *object) present(key *ast.Term, value *string) {
	if value != nil {
		o.add(key, ast.StringTerm(*value))
	}
}

// messages adds the sequence set.
func (o *object) messages(c *deciderv1.Command) {
	o.set(keySetSaved, c.GetSetSaved())
	if len(c.GetSet()) == 0 {
		return
	}
	ranges := make([]*ast.Term, len(c.GetSet()))
	for i, r := range c.GetSet() {
		ranges[i] = ast.ObjectTerm(
			[2]*ast.Term{keyFirst, messageTerm(r.GetFirst())},
			[2]*ast.Term{keyLast, messageTerm(r.GetLast())},
		)
	}
	o.add(keySet, ast.ArrayTerm(ranges...))
}

func messageTerm(n uint32) *ast.Term {
	if n == 0 {
		return termStar
	}
	return ast.IntNumberTerm(int(n))
}
