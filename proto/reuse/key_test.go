package reuse_test

import (
	"testing"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

func command(name string) *deciderv1.Question {
	return &deciderv1.Question{
		Session: &deciderv1.Session{Id: "s1", User: "anna"},
		Event:   &deciderv1.Question_Command{Command: &deciderv1.Command{Name: name}},
	}
}

func key(t *testing.T, q *deciderv1.Question, fields ...deciderv1.InputField) string {
	t.Helper()
	b, ok := reuse.AppendKey(nil, q, fields)
	if !ok {
		t.Fatalf("no key by %v for %v", fields, q)
	}
	return string(b)
}

// A key has every known field, for every kind of event; nothing of a field that is not known or of no event.
func TestEveryFieldHasAKey(t *testing.T) {
	for _, q := range []*deciderv1.Question{
		command("NOOP"),
		{Event: &deciderv1.Question_Greeting{Greeting: new(deciderv1.Greeting)}},
		{Event: &deciderv1.Question_Untagged{Untagged: new(deciderv1.Untagged)}},
		{Event: &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: &deciderv1.Response{Command: new(deciderv1.Command)}}}},
	} {
		key(t, q, reuse.Fields()...)
		for _, unknown := range []deciderv1.InputField{0, 3, 9, 33, 49, 73, 89, 95, 1000, -1} {
			b, ok := reuse.AppendKey([]byte("x"), q, []deciderv1.InputField{deciderv1.InputField_INPUT_FIELD_SESSION_USER, unknown})
			if ok || string(b) != "x" {
				t.Errorf("field %d has the key %q", unknown, b)
			}
		}
	}
	if b, ok := reuse.AppendKey(nil, new(deciderv1.Question), nil); ok || len(b) != 0 {
		t.Errorf("no event has the key %q", b)
	}
}

// What a message is made of is told of each APPEND, but by a dataplane older than that: it has no key by it, whatever its arguments say.
func TestAppendDataThatIsNotTold(t *testing.T) {
	const field = deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA
	for _, name := range []string{"APPEND", "REPLACE", "UID REPLACE"} {
		q := command(name)
		if b, ok := reuse.AppendKey([]byte("x"), q, []deciderv1.InputField{field}); ok || string(b) != "x" {
			t.Errorf("%s that does not tell has the key %q", name, b)
		}
		key(t, q, deciderv1.InputField_INPUT_FIELD_COMMAND_ARGS)
		q.GetCommand().AppendData = []string{"LITERAL"}
		literal := key(t, q, field)
		q.GetCommand().AppendData = []string{"CATENATE"}
		if key(t, q, field) == literal {
			t.Errorf("%s of parts has the key of a literal", name)
		}
	}
}

// What is of another event, or by other fields, has another key, also where the values run into each other.
func TestKeysDiffer(t *testing.T) {
	const (
		user      = deciderv1.InputField_INPUT_FIELD_SESSION_USER
		mechanism = deciderv1.InputField_INPUT_FIELD_SESSION_MECHANISM
	)
	response := func(command *deciderv1.Command, name string) *deciderv1.Response {
		return &deciderv1.Response{Command: command, Name: name}
	}
	untagged := func(r *deciderv1.Response) *deciderv1.Question {
		return &deciderv1.Question{Event: &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: r}}}
	}
	tagged := func(r *deciderv1.Response) *deciderv1.Question {
		return &deciderv1.Question{Event: &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: r}}}
	}
	session := func(user, mechanism string) *deciderv1.Question {
		q := command("NOOP")
		q.Session = &deciderv1.Session{User: user, Mechanism: mechanism}
		return q
	}
	seen := map[string]string{}
	for name, k := range map[string]string{
		"a command":                    key(t, command("NOOP")),
		"another command":              key(t, command("IDLE")),
		"a greeting":                   key(t, &deciderv1.Question{Event: &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{Name: "OK"}}}),
		"unsolicited":                  key(t, untagged(response(nil, "OK"))),
		"a command of that name":       key(t, untagged(response(&deciderv1.Command{Name: "UNSOLICITED"}, "OK"))),
		"a command without a name":     key(t, untagged(response(new(deciderv1.Command), "OK"))),
		"another response":             key(t, untagged(response(nil, "NO"))),
		"a tagged one":                 key(t, tagged(response(&deciderv1.Command{Name: "UNSOLICITED"}, "OK"))),
		"names that run together":      key(t, untagged(response(&deciderv1.Command{Name: "A"}, "BC"))),
		"and otherwise":                key(t, untagged(response(&deciderv1.Command{Name: "AB"}, "C"))),
		"by user":                      key(t, session("x", "y"), user),
		"by mechanism":                 key(t, session("y", "x"), mechanism),
		"by both":                      key(t, session("x", "y"), user, mechanism),
		"by both, and run together":    key(t, session("xy", ""), user, mechanism),
		"and the other way":            key(t, session("", "xy"), user, mechanism),
		"of one that sends no literal": key(t, command("NOOP"), deciderv1.InputField_INPUT_FIELD_COMMAND_LITERAL),
	} {
		if other, ok := seen[k]; ok {
			t.Errorf("%s has the key of %s: %q", name, other, k)
		}
		seen[k] = name
	}
}

// A key is made on the path of every command.
func TestKeyTakesNoMemory(t *testing.T) {
	q := command("FETCH")
	q.GetCommand().Items = []string{"FLAGS", "UID"}
	fields := []deciderv1.InputField{
		deciderv1.InputField_INPUT_FIELD_SESSION_USER, deciderv1.InputField_INPUT_FIELD_SESSION_TLS,
		deciderv1.InputField_INPUT_FIELD_COMMAND_ARGS, deciderv1.InputField_INPUT_FIELD_COMMAND_ITEMS,
	}
	b := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { b, _ = reuse.AppendKey(b[:0], q, fields) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
