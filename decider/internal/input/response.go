package input

import (
	"github.com/gatepost/gatepost/decider/internal/document"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// greeting writes a greeting.
func greeting(w document.Writer, g *deciderv1.Greeting) error {
	switch g.GetName() {
	case "OK", "PREAUTH", "BYE":
	default:
		return &Error{"greeting.name", `must be "OK", "PREAUTH" or "BYE"`}
	}
	w.BeginObject(keyGreeting)
	document.Texts(w, keyCapabilities, g.GetCapabilities())
	if len(g.GetCode()) != 0 {
		w.Bytes(keyCode, g.GetCode())
	}
	w.String(keyName, g.GetName())
	w.Bytes(keyText, g.GetText())
	w.EndObject()
	return nil
}

// greetingResponse writes a greeting as a response, so that rows are looked up alike.
func greetingResponse(w document.Writer, g *deciderv1.Greeting) {
	w.BeginObject(keyResponse)
	w.BeginArray(keyArgs)
	w.EndArray()
	document.Texts(w, keyCapabilities, g.GetCapabilities())
	w.Word(keyCommand, wordGreeting)
	w.String(keyName, g.GetName())
	w.Bool(keyTruncated, false)
	w.Word(keyType, wordUntagged)
	w.EndObject()
}

// response writes a response of the given type; field is where the question has it.
func response(w document.Writer, field string, kind *document.Word, r *deciderv1.Response) error {
	if r.GetName() == "" {
		return &Error{field + ".name", "must not be empty"}
	}
	w.BeginObject(keyResponse)
	if err := arguments(w, field, r.GetArgs()); err != nil {
		return err
	}
	document.Texts(w, keyCapabilities, r.GetCapabilities())
	if c := r.GetCommand(); c != nil {
		w.String(keyCommand, c.GetName())
	} else {
		w.Word(keyCommand, wordUnsolicited)
	}
	w.String(keyName, r.GetName())
	w.Bool(keyTruncated, r.GetTruncated())
	w.Word(keyType, kind)
	w.EndObject()
	return nil
}
