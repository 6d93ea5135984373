package reuse_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
	library "github.com/gatepost/gatepost/rego"
)

// modules are the library without the default policy.
func modules(tb testing.TB) map[string]*ast.Module {
	tb.Helper()
	ms := map[string]*ast.Module{}
	err := fs.WalkDir(library.Bundle, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".rego") || strings.HasPrefix(name, "imap/policy/") {
			return err
		}
		text, err := library.Bundle.ReadFile(name)
		if err != nil {
			return err
		}
		ms[name], err = ast.ParseModuleWithOpts(name, string(text), ast.ParserOptions{ProcessAnnotation: true})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return ms
}

// data is what policies find in data.
const data = `{"users": {"anna": {"box": "A", "groups": ["g"]}, "ben": {"box": "B", "groups": []}}, "names": ["anna", "A"],
	"imap": {"policy": {"delimiter": "/"}}}`

// writer writes random policies of the shapes that the library and its documentation have.
type writer struct {
	source
	questions []*deciderv1.Question
}

// policy is a random policy.
func (w writer) policy() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("package imap.policy\nimport data.imap.account\nimport data.imap.defaults\nimport data.imap.effects\nimport data.imap.mailbox")

	// What conditions may use. None uses one behind it.
	p("_h1 if {\n%s}", w.body(0))
	p("default _h2 := false\n_h2 if {\n%s}", w.body(1))
	p("_h3 := \"x\" if {\n%s} else := \"y\" if {\n%s} else := input.session.user", w.body(1), w.body(1))
	p("_set contains \"anna\" if {\n%s}\n_set contains input.command.mailbox if {\n%s}", w.body(1), w.body(1))
	p("_obj[\"anna\"] := 1 if {\n%s}\n_obj[k] := 2 if {\n\tsome k in [\"ben\", \"7\"]\n%s}", w.body(1), w.body(1))
	p("_f(x) := \"p\" if {\n\tx == \"anna\"\n%s} else := \"q\" if {\n%s}", w.body(1), w.body(1))
	p("default _g(_, _) := \"d\"\n_g(x, y) := \"e\" if {\n\tx == y\n%s}", w.body(1))

	for _, name := range commandNames {
		switch w.IntN(7) {
		case 0: // "*" decides
		case 1:
			p("request[%q] := %s", name, w.verdict())
		case 2, 3:
			p("request[%q] := %s if {\n%s}", name, w.verdict(), w.body(2))
		case 4, 5:
			p("request[%q] := [\"IMAP_REQ_POLICY\", %q]", name, one(w.source, "f1", "f2"))
		case 6:
			p("request[%q] := %s if {\n%s} else := %s", name, w.verdict(), w.body(2), w.verdict())
		}
	}
	if w.maybe() {
		p("request[name] := \"IMAP_REQ_ACCEPT\" if {\n\tsome name in [\"NOOP\", \"STATUS\"]\n%s}", w.body(2))
	}
	p("request[\"*\"] := %s", one(w.source, `"IMAP_REQ_REJECT"`, `["IMAP_REQ_POLICY", "f1"]`))

	p("functions[\"f1\"] := %s if {\n%s} else := %s if {\n%s} else := %s", w.verdict(), w.body(2), w.verdict(), w.body(2), w.verdict())
	p("default functions[\"f2\"] := \"IMAP_REQ_DROP\"\nfunctions[\"f2\"] := %s if {\n%s}", w.verdict(), w.body(2))
	if w.maybe() {
		p("functions[\"f2\"] := \"IMAP_REQ_ACCEPT\" if {\n%s}", w.body(2))
	}
	p("functions[\"r\"] := \"IMAP_RSP_ACCEPT\" if {\n%s} else := \"IMAP_RSP_DROP\"", w.body(2))

	p("response[\"*\"][\"*\"][\"*\"] := %s", one(w.source, `"IMAP_RSP_ACCEPT"`, `["IMAP_RSP_POLICY", "r"]`))
	if w.maybe() {
		p("response[\"NOOP\"][\"TAGGED\"][\"OK\"] := \"IMAP_RSP_ACCEPT\" if {\n%s}", w.body(2))
	}
	if w.maybe() {
		p("response[\"GREETING\"][\"UNTAGGED\"][\"OK\"] := [\"IMAP_REQ_REWRITE\", \"IMAP_REQ_ACCEPT\", \"Welcome\"] if {\n%s}", w.body(2))
	}
	if w.maybe() {
		p("capability := defaults.capability")
	} else {
		p("capability[\"IDLE\"] := \"IMAP_CAP_ACCEPT\" if {\n%s}\ncapability[\"AUTH=\"] := \"IMAP_CAP_ACCEPT\"", w.body(2))
	}
	switch w.IntN(5) {
	case 0:
		p("reason := concat(\" \", [\"for\", input.session.user])")
	case 1:
		p("imap_state_new := \"logout\" if {\n%s}", w.body(2))
	}
	return b.String()
}

// verdict is a verdict on a command.
func (w writer) verdict() string {
	return one(w.source, `"IMAP_REQ_ACCEPT"`, `"IMAP_REQ_ACCEPT"`, `"IMAP_REQ_DROP"`, `["IMAP_REQ_REJECT", "no"]`,
		`["IMAP_REQ_REJECT", concat(" ", ["not", input.session.user])]`, `["IMAP_REQ_REJECT", sprintf("not %v", [input.command.items])]`,
		`["IMAP_REQ_REWRITE", concat(" ", ["EXAMINE", input.command.mailbox])]`)
}

// body is some conditions; level 0 uses none of the policy's own rules, 1 the first of them, 2 all.
func (w writer) body(level int) string {
	var b strings.Builder
	for i := range 1 + w.IntN(2) {
		for line := range strings.SplitSeq(strings.ReplaceAll(w.condition(level), "#", fmt.Sprint(i)), "\n") {
			b.WriteString("\t" + line + "\n")
		}
	}
	return b.String()
}

// condition is a condition. A # in it is replaced, so that variables have names of their own.
func (w writer) condition(level int) string {
	of := []string{
		w.onField(), w.onField(), w.onField(), w.onField(), w.onField(),
		`startswith(input.command.mailbox, "A")`,
		`some m# in input.command.mailboxes` + "\n" + `m# == "A"`,
		`every v# in input.command.flags { v# != "a" }`,
		`count(input.command.items) > 0`,
		`"FLAGS" in input.command.items`,
		`object.get(input.command, "items", []) == []`,
		`object.get(input, ["session", "user"], "anna") == "anna"`,
		`one_of# := ["user", "mechanism"][_]` + "\n" + `object.get(input.session, one_of#, "anna") == "anna"`,
		`c# := input.command` + "\n" + `c#.mailbox == "A"`,
		`s# := input.session` + "\n" + `not s#.user == "anna"`,
		`count({x | some x in input.command.flags; x != "a"}) > 0`,
		`[x | some x in ["A", "B"]; x == input.command.mailbox] == ["A"]`,
		`{k: v | some k, v in data.users; v.box == input.command.mailbox} != {}`,
		`data.users[input.session.user].box == input.command.mailbox`,
		`some u# in data.users` + "\n" + `u#.box == input.command.mailbox`,
		`input.session.user in data.names`,
		`count(data.users[input.session.user].groups) > 0`,
		`effects.only({"reads_metadata", "reads_content", "credentials"})`,
		`not "destroys" in effects.command`,
		`mailbox.confined(["A"])`,
		`mailbox.within(input.command.mailbox, "A")`,
		`mailbox.outside(input.command.mailbox, ["B"])`,
		`account.is(["anna"])`,
		`account.may_be(["ANNA"])`,
		`account.somebody`,
		`input.command.name in {"SELECT", "NOOP"}`,
		`input.kind == "command"`,
		`input.response.args[0] == "A"`,
		`input.response.type == "TAGGED"`,
		`input.greeting.text == "anna"`,
		`walk(input.session.tls, [_, "1.3"])`,
		`some p#` + "\n" + `input.session.tls[p#] == "anna"`,
		`input.session[["user", "mechanism"][_]] == "anna"`,
		`input.session[input.command.date] == "anna"`,
		`json.marshal(input.session.mailbox) != ""`,
		`is_object(input.session.client)`,
		`[input.session.user, input.session.mechanism] == ["anna", "PLAIN"]`,
		`{"a": input.session.user} == {"a": "anna"}`,
		`[a#, b#] := [input.session.user, input.command.user]` + "\n" + `a# == b#`,
		// These fail for some questions.
		`to_number(input.session.user) > 3`,
		`input.session.authentication_failures / count(input.session.user) >= 0`,
		`net.cidr_contains("10.0.0.0/8", input.session.client.address)`,
		`net.cidr_contains(input.session.user, "10.0.0.1")`,
		// These may not be reused.
		one(w.source, `time.now_ns() % 2 == 0`, `rand.intn("x", 2) == 0`, `walk(input, [_, "anna"])`, `some k#`+"\n"+`input.command[k#] == "A"`,
			`count(uuid.rfc4122("x")) > 3`, `not opa.runtime().x`, `http.send({"method": "get", "url": "http://127.0.0.1:1", "raise_error": false}).status_code == 0`),
	}
	if level > 0 {
		of = append(of, `_h1`, `not _h1`, `_h1 with input.session.user as "ben"`, `_h1 with input as {"session": {"user": input.command.user}}`,
			`_h1 with data.users as {}`)
	}
	if level > 1 {
		of = append(of, `_h2`, `not _h2`, `_h3 == "x"`, `_h3 != "anna"`, `"anna" in _set`, `_set[input.session.user]`, `count(_set) == 1`,
			`_obj.anna`, `_obj[input.session.user] == 2`, `some k#, _ in _obj`+"\n"+`k# == "ben"`, `_f(input.session.user) == "q"`,
			`_f("anna")`, `not _f("ben")`, `_g(input.session.user, input.command.user) == "e"`, `_h3 == "y" with input.command.mailbox as "A"`,
			`_f("anna") == "p" with _h1 as true`, `every x# in _set { x# != "B" }`, `not data.imap.account[input.session.user]`, `data.imap.defaults[input.command.user]`)
	}
	return one(w.source, of...)
}

// onField is a condition on one place of the input, on a value that it often has.
func (w writer) onField() string {
	f := one(w.source, reuse.Fields()...)
	if f == deciderv1.InputField_INPUT_FIELD_COMMAND_TAG {
		f = deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOX
	}
	at := "input." + reuse.Path(f)
	value := w.valueAt(f)
	if value == nil {
		return "not " + at
	}
	return one(w.source, at+" == "+value.String(), at+" == "+value.String(), at+" != "+value.String(), at, "not "+at)
}

// valueAt is what some question has at a field's place; nil: none has anything.
func (w writer) valueAt(f deciderv1.InputField) ast.Value {
	ref := ast.MustParseRef("input." + reuse.Path(f))[1:]
	for range 50 {
		doc, err := input.Build(one(w.source, w.questions...))
		if err != nil {
			panic(err)
		}
		if v, err := doc.Find(ref); err == nil {
			return v
		}
	}
	return nil
}

// directed is a policy with rows that depend on one field each, and questions that these decide.
func (w writer) directed() (string, []*deciderv1.Question) {
	var b strings.Builder
	b.WriteString("package imap.policy\nimport data.imap.defaults\ncapability := defaults.capability\n")
	var commands, responses []string
	for _, f := range reuse.Fields() {
		at := "input." + reuse.Path(f)
		condition := at
		switch v := w.valueAt(f); {
		case f == deciderv1.InputField_INPUT_FIELD_SESSION_TLS || f == deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX ||
			f == deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CLIENT_CERTIFICATE:
			// That it is there.
		case v != nil:
			condition = at + " == " + v.String()
		}
		command, response := fmt.Sprintf("X%d", f), ""
		switch f {
		case deciderv1.InputField_INPUT_FIELD_COMMAND_TAG:
			continue
		case deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS_OPERATION:
			command = "STORE"
		case deciderv1.InputField_INPUT_FIELD_COMMAND_SILENT:
			command = "UID STORE"
		case deciderv1.InputField_INPUT_FIELD_RESPONSE_ARGS:
			response = "LIST"
		case deciderv1.InputField_INPUT_FIELD_RESPONSE_TRUNCATED:
			response = "STATUS"
		case deciderv1.InputField_INPUT_FIELD_RESPONSE_CAPABILITIES:
			response = "CAPABILITY"
		case deciderv1.InputField_INPUT_FIELD_GREETING_CODE:
			response = "OK"
		case deciderv1.InputField_INPUT_FIELD_GREETING_TEXT:
			response = "PREAUTH"
		}
		if response != "" {
			responses = append(responses, response)
			fmt.Fprintf(&b, "response[\"*\"][\"*\"][%q] := \"IMAP_RSP_ACCEPT\" if %s\n", response, condition)
			continue
		}
		commands = append(commands, command)
		fmt.Fprintf(&b, "request[%q] := \"IMAP_REQ_ACCEPT\" if %s\n", command, condition)
	}
	commands = append(commands, "XTIME", "XALL") // may not be reused
	b.WriteString("request[\"XTIME\"] := \"IMAP_REQ_ACCEPT\" if time.now_ns() % 2 == 0\n")
	b.WriteString("request[\"XALL\"] := \"IMAP_REQ_ACCEPT\" if walk(input, [_, \"anna\"])\n")
	var questions []*deciderv1.Question
	for range 100 * len(commands) {
		q := proto.CloneOf(w.question())
		switch e := q.GetEvent().(type) {
		case *deciderv1.Question_Command:
			e.Command.Name = one(w.source, commands...)
			e.Command.FlagsOperation, e.Command.Silent = "", false
			if strings.HasSuffix(e.Command.Name, "STORE") {
				e.Command.FlagsOperation, e.Command.Silent = one(w.source, "", "+", "-"), w.maybe()
			}
		case *deciderv1.Question_Untagged:
			e.Untagged.GetResponse().Name = one(w.source, responses...)
		case *deciderv1.Question_Tagged:
			e.Tagged.GetResponse().Name = one(w.source, responses...)
		}
		questions = append(questions, q)
	}
	return b.String(), questions
}
