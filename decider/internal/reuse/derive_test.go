package reuse_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/input"
	derive "github.com/gatepost/gatepost/decider/internal/reuse"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

// What a row of SELECT makes a decision on it depend on, and why it is not reused. Nothing is named that cannot matter.
func TestDerive(t *testing.T) {
	base := modules(t)
	for _, tc := range []struct{ name, rules, want string }{
		{"a bare row", `request["SELECT"] := "IMAP_REQ_ACCEPT"`, ""},
		{"another command's row", `request["LIST"] := "IMAP_REQ_ACCEPT" if input.session.user == "anna"`, ""},
		{"a condition", `request["SELECT"] := "IMAP_REQ_ACCEPT" if input.session.user == "anna"`, "session.user"},
		{"a condition on the name", `request["SELECT"] := "IMAP_REQ_ACCEPT" if input.command.name == "SELECT"`, ""},
		{"a condition that cannot hold", `request["SELECT"] := "IMAP_REQ_ACCEPT" if { input.command.name == "LIST"; input.session.user }`, ""},
		{"text", `request["SELECT"] := ["IMAP_REQ_REJECT", concat(" ", [input.session.user, input.command.mailbox])]`, "session.user command.mailbox"},
		{"a function", `request["SELECT"] := ["IMAP_REQ_POLICY", "f"]
			functions["f"] := "IMAP_REQ_ACCEPT" if input.command.mailbox == "INBOX"
			functions["g"] := "IMAP_REQ_ACCEPT" if input.session.user`, "command.mailbox"},
		{"a function that is chosen", `request["SELECT"] := ["IMAP_REQ_POLICY", input.session.user]
			functions["f"] := "IMAP_REQ_ACCEPT" if input.command.mailbox == "INBOX"`, "session.user command.mailbox"},
		{"else behind what is certain", `request["SELECT"] := ["IMAP_REQ_POLICY", "f"]
			functions["f"] := "IMAP_REQ_ACCEPT" if input.command.name else := "IMAP_REQ_DROP" if input.session.user`, ""},
		{"else behind what is not", `request["SELECT"] := ["IMAP_REQ_POLICY", "f"]
			functions["f"] := "IMAP_REQ_ACCEPT" if input.session.id == "1" else := "IMAP_REQ_DROP" if input.session.user`, "session.id session.user"},
		{"the part of a place that is used", `request["SELECT"] := "IMAP_REQ_ACCEPT" if { c := input.command; c.mailbox == "INBOX" }`, "command.mailbox"},
		{"by a function", `request["SELECT"] := "IMAP_REQ_ACCEPT" if own(input.session, input.command)
			own(s, c) if s.user == c.mailbox`, "session.user command.mailbox"},
		{"by object.get", `request["SELECT"] := "IMAP_REQ_ACCEPT" if object.get(input.command, "items", []) == []`, "command.items"},
		{"by object.get and a path", `request["SELECT"] := "IMAP_REQ_ACCEPT" if object.get(input, ["session", "user"], "") == ""`, "session.user"},
		{"that a place is there", `request["SELECT"] := "IMAP_REQ_ACCEPT" if input.session.tls`, "session.tls"},
		{"that it is not", `request["SELECT"] := "IMAP_REQ_ACCEPT" if not input.session.mailbox`, "session.mailbox"},
		{"all of a place", `request["SELECT"] := "IMAP_REQ_ACCEPT" if walk(input.session.mailbox, [_, "A"])`,
			"session.mailbox session.mailbox.name session.mailbox.read_only"},
		{"a key of data", `request["SELECT"] := "IMAP_REQ_ACCEPT" if data.users[input.session.user].box == input.command.mailbox`, "session.user command.mailbox"},
		{"a key of data that is not there", `request["SELECT"] := "IMAP_REQ_ACCEPT" if data.nobody[input.session.user]`, "session.user"},
		{"what data say", `request["SELECT"] := ["IMAP_REQ_POLICY", "f"]
			functions["f"] := "IMAP_REQ_ACCEPT" if data.users.anna.box == "A" else := "IMAP_REQ_DROP" if input.session.user`, ""},
		{"ways without number", `request["SELECT"] := ["IMAP_REQ_POLICY", "f"]
			functions["f"] := ["IMAP_REQ_REWRITE", concat(" ", ["EXAMINE", data.imap.mailbox.quoted(input.command.mailbox)])]`, "session.enabled command.mailbox"},
		{"with", `request["SELECT"] := "IMAP_REQ_ACCEPT" if h with input.session.user as "x"
			h if input.session.user == input.command.mailbox`, "session.user command.mailbox"},
		{"rows for responses", `request["SELECT"] := "IMAP_REQ_ACCEPT"
			response["SELECT"]["TAGGED"]["OK"] := "IMAP_RSP_ACCEPT" if input.session.user == "anna"
			response["LIST"]["TAGGED"]["OK"] := "IMAP_RSP_ACCEPT" if input.session.id == "1"`, "session.user"},
		{"reason", `request["SELECT"] := "IMAP_REQ_ACCEPT"
			reason := input.session.listener`, "session.listener"},
		{"state", `request["SELECT"] := "IMAP_REQ_ACCEPT"
			imap_state_new := "logout" if input.imap_state_old == "selected"`, "imap_state_old"},
		{"lease", `request["SELECT"] := "IMAP_REQ_ACCEPT"
			lease := 1 if input.session.dataplane`, "session.dataplane"},
		{"what may fail in vain", `request["SELECT"] := "IMAP_REQ_ACCEPT" if { to_number(input.session.user) > 1; 1 == 2; input.session.id == "1" }`,
			"session.id session.user"},
		{"the whole input", `request["SELECT"] := "IMAP_REQ_ACCEPT" if walk(input, [_, "A"])`, "INPUT"},
		{"a part that is chosen", `request["SELECT"] := "IMAP_REQ_ACCEPT" if input.command[input.session.user]`, "INPUT"},
		{"the tag", `request["SELECT"] := "IMAP_REQ_ACCEPT" if input.command.tag == "a"`, "INPUT"},
		{"a misspelt part", `request["SELECT"] := "IMAP_REQ_ACCEPT" if input.session.usr`, "UNKNOWN"},
		{"the time", `request["SELECT"] := "IMAP_REQ_ACCEPT" if time.now_ns() > 0`, "NONDETERMINISTIC"},
		{"the time, in another command's row", `request["LIST"] := "IMAP_REQ_ACCEPT" if time.now_ns() > 0`, ""},
		{"the time in a certificate", `request["SELECT"] := "IMAP_REQ_ACCEPT" if crypto.x509.parse_and_verify_certificates("x")[0]`, "NONDETERMINISTIC"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, no, why := derived(t, base, "SELECT", tc.rules)
			if no != 0 {
				got = append(got, strings.TrimPrefix(no.String(), "NO_REUSE_"))
			}
			if is := strings.Join(got, " "); is != tc.want {
				t.Errorf("depends on %q, want %q (%s)", is, tc.want, why)
			}
		})
	}
}

// derived are the fields that a command's decisions depend on by a policy of some rules.
func derived(t *testing.T, base map[string]*ast.Module, command, rules string) (fields []string, no deciderv1.NoReuse, why string) {
	t.Helper()
	c, _, _, err := evaluator(t, base, "package imap.policy\n"+rules+"\nrequest[\"*\"] := \"IMAP_REQ_DROP\"")
	if err != nil {
		t.Fatal(err)
	}
	store := ast.MustInterfaceToValue(document(t))
	deps := derive.Derive(derive.Policy{Compiler: c, Entrypoint: ast.MustParseRef(entrypoint), Data: func(path ast.Ref) (ast.Value, error) {
		v, err := store.Find(path[1:])
		if err != nil {
			return nil, nil
		}
		return v, nil
	}}, derive.Event{Kind: input.Command, Command: command, Solicited: true})
	for _, f := range deps.Fields {
		fields = append(fields, reuse.Path(f))
	}
	return fields, deps.No, deps.Why
}

// What a message is made of is told of each APPEND that a decision is reused for, so that what the library says of those that do not
// tell is not depended on.
func TestDeriveAppend(t *testing.T) {
	for _, tc := range []struct{ command, rules, want string }{
		{"APPEND", `request["APPEND"] := "IMAP_REQ_ACCEPT"`, "command.known command.append_data"},
		{"UID REPLACE", `request["UID REPLACE"] := "IMAP_REQ_ACCEPT"`, "command.known command.append_data"},
		{"APPEND", `request["APPEND"] := "IMAP_REQ_ACCEPT" if data.imap.effects.only({"adds"})`, "command.known command.flags command.append_data"},
		{"APPEND", `request["APPEND"] := "IMAP_REQ_ACCEPT" if input.command.append_data[0] == "LITERAL" else := "IMAP_REQ_DROP" if input.session.user`,
			"session.user command.known command.append_data"},
		{"APPEND", `request["APPEND"] := "IMAP_REQ_ACCEPT" if input.command.literal.size < 9`, "command.known command.literal command.append_data"},
		{"COPY", `request["COPY"] := ["IMAP_REQ_POLICY", "f"]
			functions["f"] := "IMAP_REQ_ACCEPT" if { x := input.command.append_data; x != 1 } else := "IMAP_REQ_DROP" if input.session.user`,
			"session.user command.append_data"},
	} {
		t.Run(tc.command+" "+tc.rules, func(t *testing.T) {
			fields, no, why := derived(t, modules(t), tc.command, tc.rules)
			if got := strings.Join(fields, " "); got != tc.want || no != 0 {
				t.Errorf("depends on %q, want %q (%s)", got, tc.want, why)
			}
		})
	}
}
