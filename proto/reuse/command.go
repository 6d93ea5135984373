package reuse

import (
	"slices"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func appendCommand(b []byte, c *deciderv1.Command, f deciderv1.InputField) (_ []byte, ok bool) {
	if c == nil {
		// The event tells this from a command.
		return b, Path(f) != ""
	}
	switch f {
	case deciderv1.InputField_INPUT_FIELD_COMMAND_TAG:
		return appendText(b, c.GetTag()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_ARGS:
		return appendArgs(b, c.GetArgs()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_KNOWN:
		return appendBool(b, c.GetKnown()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOX:
		return appendOptional(b, c.Mailbox), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_NEW_MAILBOX:
		return appendOptional(b, c.NewMailbox), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOXES:
		return appendTexts(b, c.GetMailboxes()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_REFERENCE:
		return appendOptional(b, c.Reference), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_PATTERNS:
		return appendTexts(b, c.GetPatterns()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SET:
		b = appendNumber(b, uint64(len(c.GetSet())))
		for _, r := range c.GetSet() {
			b = appendNumber(appendNumber(b, uint64(r.GetFirst())), uint64(r.GetLast()))
		}
		return b, true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SET_SAVED:
		return appendBool(b, c.GetSetSaved()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_ITEMS:
		return appendTexts(b, c.GetItems()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS:
		return appendTexts(b, c.GetFlags()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS_OPERATION:
		return appendText(b, c.GetFlagsOperation()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SILENT:
		return appendBool(b, c.GetSilent()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SEARCH_KEYS:
		return appendTexts(b, c.GetSearchKeys()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_LITERAL:
		l := c.GetLiteral()
		if l == nil {
			return append(b, 0), true
		}
		b = appendNumber(append(b, 1), l.GetSize())
		return appendBool(appendBool(b, l.GetNonSync()), l.GetLiteral8()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_DATE:
		return appendText(b, c.GetDate()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_USER:
		return appendText(b, c.GetUser()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_AUTHORIZATION_IDENTITY:
		return appendText(b, c.GetAuthorizationIdentity()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_MECHANISM:
		return appendText(b, c.GetMechanism()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_CAPABILITIES:
		return appendTexts(b, c.GetCapabilities()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_ID:
		return appendMap(b, c.GetId()), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA:
		return appendTexts(b, c.GetAppendData()), len(c.GetAppendData()) > 0 || !Always(f, c.GetName())
	}
	return b, false
}

func appendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, 0)
	}
	return appendText(append(b, 1), *s)
}

func appendMap(b []byte, m map[string]string) []byte {
	b = appendNumber(b, uint64(len(m)))
	if len(m) == 0 {
		return b
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b = appendText(appendText(b, k), m[k])
	}
	return b
}

// The kinds of arguments.
const (
	argNone = iota
	argNumber
	argRange
	argLiteral
	argText
	argList
	argSecret
)

// appendArgs appends arguments as policy sees them: of a literal and of a secret, that there is one.
func appendArgs(b []byte, args []*deciderv1.Argument) []byte {
	b = appendNumber(b, uint64(len(args)))
	for _, a := range args {
		switch v := a.GetValue().(type) {
		case *deciderv1.Argument_Number:
			b = appendText(appendNumber(append(b, argNumber), v.Number.GetValue()), v.Number.GetSpelling())
		case *deciderv1.Argument_Range:
			b = appendNumber(appendNumber(append(b, argRange), v.Range.GetFirst()), v.Range.GetLast())
		case *deciderv1.Argument_Literal:
			b = append(b, argLiteral)
		case *deciderv1.Argument_Text:
			b = appendText(append(b, argText), v.Text)
		case *deciderv1.Argument_List:
			b = appendArgs(appendNumber(append(b, argList), uint64(v.List.GetKind())), v.List.GetItems())
		case *deciderv1.Argument_Secret:
			b = append(b, argSecret)
		default:
			b = append(b, argNone)
		}
	}
	return b
}
