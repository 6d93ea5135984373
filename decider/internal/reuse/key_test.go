package reuse_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
	library "github.com/gatepost/gatepost/rego"
)

// named are places of the input that the event says, and so the beginning of every key.
var named = []string{"kind", "command.name", "response.command", "response.type", "response.name", "greeting.name"}

// covered gives the fields that cover a place of the input; event: the event does.
func covered(place string) (fields []deciderv1.InputField, event bool) {
	if place == "greeting.capabilities" {
		place = "response.capabilities" // the same list
	}
	for _, f := range reuse.Fields() {
		if at := reuse.Path(f); place == at || strings.HasPrefix(place, at+".") || strings.HasPrefix(at, place+".") {
			fields = append(fields, f)
		}
	}
	return fields, slices.Contains(named, place)
}

// Every place that the schema of the input has is covered by a field, or said by the event; and each field is in the schema.
func TestEveryPlaceHasAField(t *testing.T) {
	type node struct{ Properties map[string]json.RawMessage }
	places := map[string]bool{}
	var walk func(path string, text json.RawMessage)
	walk = func(path string, text json.RawMessage) {
		var n node
		if err := json.Unmarshal(text, &n); err != nil {
			t.Fatal(err)
		}
		for name, below := range n.Properties {
			at := strings.TrimPrefix(path+"."+name, ".")
			places[at] = true
			walk(at, below)
		}
	}
	walk("", library.InputSchema)
	for at := range places {
		if fields, event := covered(at); len(fields) == 0 && !event {
			t.Errorf("no field covers input.%s", at)
		}
	}
	for _, f := range reuse.Fields() {
		if !places[reuse.Path(f)] {
			t.Errorf("%v: the schema has no input.%s", f, reuse.Path(f))
		}
	}
}

// Whatever part of a question is changed: where the input document differs then, so does the key by the fields that cover the place,
// or the event in it. The parts are those that the contract has, so that one that is added to it is tested too.
func TestKeysTellDocumentsApart(t *testing.T) {
	s := newSource(1)
	changes, differences := 0, map[deciderv1.InputField]int{}
	for range 60 {
		q := s.question()
		before := flat(t, q)
		for _, changed := range mutations(q) {
			after := flat(t, changed)
			if after == nil {
				continue // it breaks the contract
			}
			changes++
			for at := range union(before, after) {
				a, in := before[at]
				b, also := after[at]
				if a == b && in == also {
					continue
				}
				fields, event := covered(at)
				told := event && key(q) != key(changed)
				for _, f := range fields {
					if key(q, f) != key(changed, f) {
						told = true
						differences[f]++
					}
				}
				if !told && key(q) == key(changed) {
					t.Fatalf("input.%s is %q and %q, and no key tells: %v\n%v", at, a, b, q, changed)
				}
			}
		}
	}
	if changes < 2000 {
		t.Errorf("only %d changes", changes)
	}
	for _, f := range reuse.Fields() {
		if differences[f] == 0 {
			t.Errorf("%v: no two documents differed in it", f)
		}
	}
}

// key is the question's key; of one that has none, what no other has.
func key(q *deciderv1.Question, fields ...deciderv1.InputField) string {
	b, ok := reuse.AppendKey(nil, q, fields)
	if !ok {
		if !slices.ContainsFunc(fields, func(f deciderv1.InputField) bool { return reuse.Always(f, q.GetCommand().GetName()) }) {
			panic(fmt.Sprintf("no key by %v for %v", fields, q))
		}
		return fmt.Sprintf("none for %p", q)
	}
	return string(b)
}

func union(a, b map[string]string) map[string]string {
	u := maps.Clone(a)
	maps.Copy(u, b)
	return u
}

// flat is the input document, as the values at its places; nil for a question that breaks the contract. Objects have none but that
// they are there.
func flat(t *testing.T, q *deciderv1.Question) map[string]string {
	doc, err := input.Build(q)
	if err != nil {
		return nil
	}
	places := map[string]string{}
	var walk func(path string, v ast.Value)
	walk = func(path string, v ast.Value) {
		o, ok := v.(ast.Object)
		if !ok || path == ".command.id" || path == ".session.roles" {
			places[strings.TrimPrefix(path, ".")] = v.String()
			return
		}
		if path != "" {
			places[strings.TrimPrefix(path, ".")] = "{}"
		}
		o.Foreach(func(k, v *ast.Term) { walk(path+"."+string(k.Value.(ast.String)), v.Value) })
	}
	walk("", doc)
	return places
}

// mutations are questions that differ in one part.
func mutations(q *deciderv1.Question) (all []*deciderv1.Question) {
	var visit func(m protoreflect.Message, path []func(protoreflect.Message) protoreflect.Message)
	visit = func(m protoreflect.Message, path []func(protoreflect.Message) protoreflect.Message) {
		change := func(f func(protoreflect.Message)) {
			c := proto.CloneOf(q)
			at := c.ProtoReflect()
			for _, step := range path {
				at = step(at)
			}
			f(at)
			all = append(all, c)
		}
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			fd := fields.Get(i)
			if m.Has(fd) {
				change(func(m protoreflect.Message) { m.Clear(fd) })
			}
			switch {
			case fd.IsMap():
				change(func(m protoreflect.Message) {
					m.Mutable(fd).Map().Set(protoreflect.ValueOfString("new").MapKey(), protoreflect.ValueOfString("x"))
				})
			case fd.IsList():
				change(func(m protoreflect.Message) {
					l := m.Mutable(fd).List()
					if fd.Message() != nil {
						l.AppendMutable()
						return
					}
					l.Append(scalar(fd, protoreflect.Value{}))
				})
				if l := m.Get(fd).List(); fd.Message() != nil {
					for i := range l.Len() {
						visit(l.Get(i).Message(), append(slices.Clip(path), func(m protoreflect.Message) protoreflect.Message {
							return m.Mutable(fd).List().Get(i).Message()
						}))
					}
				}
			case fd.Message() != nil:
				if m.Has(fd) {
					visit(m.Get(fd).Message(), append(slices.Clip(path), func(m protoreflect.Message) protoreflect.Message {
						return m.Mutable(fd).Message()
					}))
				} else {
					change(func(m protoreflect.Message) { m.Mutable(fd) })
				}
			default:
				change(func(m protoreflect.Message) { m.Set(fd, scalar(fd, m.Get(fd))) })
			}
		}
	}
	visit(q.ProtoReflect(), nil)
	return all
}

// scalar is a value that is another than before, where that is one.
func scalar(fd protoreflect.FieldDescriptor, before protoreflect.Value) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		if before.IsValid() {
			return protoreflect.ValueOfString(before.String() + "x")
		}
		return protoreflect.ValueOfString("x")
	case protoreflect.BytesKind:
		if before.IsValid() {
			return protoreflect.ValueOfBytes(append(slices.Clone(before.Bytes()), 'x'))
		}
		return protoreflect.ValueOfBytes([]byte("x"))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(!before.Bool())
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(before.Enum()%3 + 1)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(before.Uint() + 1))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(before.Uint() + 1)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(before.Int() + 1_000_000)
	}
	panic(fd.Kind())
}
