package reuse

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

// place is a place in the input document.
type place struct {
	path string
	// field covers the place and all below it; where there is something below, it covers whether the place is there. 0: none does.
	field deciderv1.InputField
	below map[string]*place
	// value is what the event says is there. Nil: it does not say.
	value *ast.Term
	// always says that the place is there for every question of the event for which a decision is reused.
	always bool
}

// always are the places with others below them that are there for every question of an event that has them.
var always = []string{"session", "command", "response", "greeting"}

// places is the input document of an event: what it does not have is not in it.
func places(e Event) *place {
	root := &place{path: "input", below: map[string]*place{}, always: true}
	for _, f := range reuse.Fields() {
		root.add(reuse.Path(f)).field = f
	}
	fixed := func(path, value string) {
		p := root.add(path)
		p.always = true
		// A name that is not known to the derivation is the same for equal keys.
		p.value = unknown
		if value != other {
			p.value = ast.StringTerm(value)
		}
	}
	fixed("kind", string(e.Kind))
	if e.Solicited {
		fixed("command.name", e.Command)
		for _, f := range reuse.Fields() {
			if reuse.Always(f, e.Command) {
				root.add(reuse.Path(f)).always = true
			}
		}
	} else {
		delete(root.below, "command")
	}
	if e.Kind == input.Command {
		delete(root.below, "response")
	} else {
		of, kind := "UNSOLICITED", "UNTAGGED"
		switch {
		case e.Kind == input.Greeting:
			of = "GREETING"
		case e.Solicited:
			of = e.Command
		}
		if e.Kind == input.Tagged {
			kind = "TAGGED"
		}
		fixed("response.command", of)
		fixed("response.type", kind)
		fixed("response.name", e.Response)
	}
	if e.Kind == input.Greeting {
		fixed("greeting.name", e.Response)
		// The same list stands in both places.
		root.add("greeting.capabilities").field = deciderv1.InputField_INPUT_FIELD_RESPONSE_CAPABILITIES
	} else {
		delete(root.below, "greeting")
	}
	return root
}

// at gives the place that a reference to the input names, if all of it is written out; nil: it is not, or there is none.
func (p *place) at(r ast.Ref) *place {
	if !r[0].Equal(ast.InputRootDocument) {
		return nil
	}
	for _, t := range r[1:] {
		name, ok := t.Value.(ast.String)
		if !ok {
			return nil
		}
		if p = p.below[string(name)]; p == nil {
			return nil
		}
	}
	return p
}

// add gives the place at a path below p.
func (p *place) add(path string) *place {
	for name := range strings.SplitSeq(path, ".") {
		at := strings.TrimPrefix(p.path+"."+name, "input.")
		next := p.below[name]
		if next == nil {
			next = &place{path: "input." + at, always: slices.Contains(always, at)}
			if p.below == nil {
				p.below = map[string]*place{}
			}
			p.below[name] = next
		}
		p = next
	}
	return p
}
