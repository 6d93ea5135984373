package input

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatepost/gatepost/decider/internal/document"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// command writes a command; field is where the question has it.
func command(w document.Writer, field string, c *deciderv1.Command) error {
	if c.GetName() == "" {
		return &Error{field + ".name", "must not be empty"}
	}
	w.BeginObject(keyCommand)
	document.Texts(w, keyAppendData, c.GetAppendData())
	if err := arguments(w, field, c.GetArgs()); err != nil {
		return err
	}
	document.Text(w, keyAuthorizationID, c.GetAuthorizationIdentity())
	document.Texts(w, keyCapabilities, c.GetCapabilities())
	document.Text(w, keyDate, c.GetDate())
	document.Texts(w, keyFlags, c.GetFlags())
	// Of these two the zero value says something: replace, and answer.
	store := strings.TrimPrefix(c.GetName(), "UID ") == "STORE"
	if store {
		switch c.GetFlagsOperation() {
		case "", "+", "-":
		default:
			return &Error{field + ".flags_operation", `must be "", "+" or "-"`}
		}
		w.String(keyFlagsOperation, c.GetFlagsOperation())
	}
	if id := c.GetId(); len(id) != 0 {
		w.BeginObject(keyID)
		for _, name := range slices.Sorted(maps.Keys(id)) {
			w.String(document.NewWord(name), id[name])
		}
		w.EndObject()
	}
	document.Texts(w, keyItems, c.GetItems())
	w.Bool(keyKnown, c.GetKnown())
	if l := c.GetLiteral(); l != nil {
		w.BeginObject(keyLiteral)
		w.Bool(keyLiteral8, l.GetLiteral8())
		w.Bool(keyNonSync, l.GetNonSync())
		w.Uint(keySize, l.GetSize())
		w.EndObject()
	}
	present(w, keyMailbox, c.Mailbox)
	document.Texts(w, keyMailboxes, c.GetMailboxes())
	document.Text(w, keyMechanism, c.GetMechanism())
	w.String(keyName, c.GetName())
	present(w, keyNewMailbox, c.NewMailbox)
	document.Texts(w, keyPatterns, c.GetPatterns())
	present(w, keyReference, c.Reference)
	document.Texts(w, keySearchKeys, c.GetSearchKeys())
	messages(w, c.GetSet())
	if c.GetSetSaved() {
		w.Bool(keySetSaved, true)
	}
	if store {
		w.Bool(keySilent, c.GetSilent())
	}
	w.Bytes(keyTag, c.GetTag())
	document.Text(w, keyUser, c.GetUser())
	w.EndObject()
	return nil
}

// present writes a string that may be empty, unless it is absent.
func present(w document.Writer, name *document.Word, value *string) {
	if value != nil {
		w.String(name, *value)
	}
}

// messages writes a sequence set, unless it is empty.
func messages(w document.Writer, set []*deciderv1.SetRange) {
	if len(set) == 0 {
		return
	}
	w.BeginArray(keySet)
	for _, r := range set {
		w.BeginObject(nil)
		message(w, keyFirst, r.GetFirst())
		message(w, keyLast, r.GetLast())
		w.EndObject()
	}
	w.EndArray()
}

func message(w document.Writer, name *document.Word, n uint32) {
	if n == 0 {
		w.Word(name, wordStar)
		return
	}
	w.Uint(name, uint64(n))
}
