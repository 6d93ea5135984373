package input

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/document"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Outline gives back of an input document, as Build made it, what reading a decision needs: the kind of the event, its command,
// and its capabilities. The error says what the document lacks.
func Outline(document ast.Value) (*deciderv1.Question, error) {
	o, ok := document.(ast.Object)
	if !ok {
		return nil, fmt.Errorf("input: the document is %s and not an object", ast.ValueName(document))
	}
	kind := text(o, keyKind)
	command := &deciderv1.Command{Name: text(member(o, keyCommand), keyName)}
	response := member(o, keyResponse)
	list := capabilities(response)
	switch Kind(kind) {
	case Greeting:
		return &deciderv1.Question{Event: &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{
			Name: text(response, keyName), Capabilities: list,
		}}}, nil
	case Command:
		if command.Name == "" {
			return nil, fmt.Errorf("input: the document has no command.name")
		}
		return &deciderv1.Question{Event: &deciderv1.Question_Command{Command: command}}, nil
	}
	r := &deciderv1.Response{Name: text(response, keyName), Capabilities: list}
	if r.Name == "" && (Kind(kind) == Untagged || Kind(kind) == Tagged) {
		return nil, fmt.Errorf("input: the document has no response.name")
	}
	if command.Name != "" {
		r.Command = command
	}
	switch Kind(kind) {
	case Untagged:
		return &deciderv1.Question{Event: &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: r}}}, nil
	case Tagged:
		return &deciderv1.Question{Event: &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: r}}}, nil
	}
	return nil, fmt.Errorf("input: the document's kind is %q, and none of greeting, command, untagged, tagged", kind)
}

// member is the object of that name; nil: there is none.
func member(o ast.Object, name *document.Word) ast.Object {
	if o == nil {
		return nil
	}
	if t := o.Get(name.Term()); t != nil {
		below, _ := t.Value.(ast.Object)
		return below
	}
	return nil
}

// text is the string of that name; empty: there is none.
func text(o ast.Object, name *document.Word) string {
	if o == nil {
		return ""
	}
	if t := o.Get(name.Term()); t != nil {
		s, _ := t.Value.(ast.String)
		return string(s)
	}
	return ""
}

func capabilities(response ast.Object) (names []string) {
	if response == nil {
		return nil
	}
	t := response.Get(keyCapabilities.Term())
	if t == nil {
		return nil
	}
	list, ok := t.Value.(*ast.Array)
	if !ok {
		return nil
	}
	list.Foreach(func(t *ast.Term) {
		s, _ := t.Value.(ast.String)
		names = append(names, string(s))
	})
	return names
}
