package rego_test

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// An administrator's policy, compiled with the library. Where a table is constant OPA knows its type, and with it what the
// library may not say: each form that a table may have is therefore compiled here, and not only mocked.
var policies = []struct {
	name, policy, input, want string
}{
	{
		"no tables deny",
		`unused := true`,
		noop,
		`{"row": [], "responses": {}}`,
	},
	{
		"rows as rules",
		`request["NOOP"] := "IMAP_REQ_DROP"
		 request["*"] := "IMAP_REQ_ACCEPT"`,
		noop,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_DROP", "responses": {}}`,
	},
	{
		"a row as a rule, only for any",
		oneRow,
		noop,
		`{"row": ["request", "*"], "value": "IMAP_REQ_ACCEPT", "responses": {"any": {"*": {"*": "IMAP_RSP_ACCEPT"}}}}`,
	},
	{
		"a table as an object, without a row for any",
		`request := {"CHECK": "IMAP_REQ_ACCEPT"}
		 response := {"NOOP": {"TAGGED": {"OK": "IMAP_RSP_ACCEPT"}}}
		 capability := {"IDLE": "IMAP_CAP_DROP"}`,
		noop,
		`{"row": [], "responses": {"own": {"TAGGED": {"OK": "IMAP_RSP_ACCEPT"}}}}`,
	},
	{
		"empty tables",
		`request := {}
		 response := {}
		 capability := {}
		 functions := {}`,
		noop,
		`{"row": [], "responses": {}}`,
	},
	{
		"a table of tuples only",
		`request := {"*": ["IMAP_REQ_REJECT", "closed"]}`,
		noop,
		`{"row": ["request", "*"], "value": ["IMAP_REQ_REJECT", "closed"], "responses": {}}`,
	},
	{
		"a table of numbers",
		`request := {"NOOP": 1}`,
		noop,
		`{"row": ["request", "NOOP"], "value": 1, "responses": {}}`,
	},
	{
		"a row with a condition stands where the condition holds",
		`request["NOOP"] := "IMAP_REQ_ABORT" if input.session.user == "eve"
		 request["NOOP"] := "IMAP_REQ_DROP" if input.session.user == "anna"
		 request["*"] := "IMAP_REQ_ACCEPT"`,
		noop,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_DROP", "responses": {}}`,
	},
	{
		"own rows over the default table",
		`import data.imap.defaults
		 request := object.union(defaults.request, {"NOOP": "IMAP_REQ_DROP"})`,
		noop,
		`{"row": ["request", "NOOP"], "value": "IMAP_REQ_DROP", "responses": {}}`,
	},
	{
		"own rows before the default table",
		withUsual,
		fetch,
		`{"row": ["request", "*"], "rule": "usual", "value": "IMAP_REQ_ACCEPT",
		  "responses": {"any": {"*": {"*": "IMAP_RSP_ACCEPT"}}}}`,
	},
	{
		"a function sees the event",
		`request["UID FETCH"] := ["IMAP_REQ_POLICY", "items"]
		 functions.items := ["IMAP_REQ_REJECT", input.command.items[0]]`,
		fetch,
		`{"row": ["request", "UID FETCH"], "rule": "items", "value": ["IMAP_REQ_REJECT", "FLAGS"], "responses": {}}`,
	},
	{
		"a function that is not there",
		`request["NOOP"] := ["IMAP_REQ_POLICY", "missing"]
		 functions.other := "IMAP_REQ_ACCEPT"`,
		noop,
		`{"row": ["request", "NOOP"], "rule": "missing", "responses": {}}`,
	},
	{
		"a function that is undefined for the event",
		`request["NOOP"] := ["IMAP_REQ_POLICY", "nobody"]
		 functions.nobody := "IMAP_REQ_ACCEPT" if input.session.user == "nobody"`,
		noop,
		`{"row": ["request", "NOOP"], "rule": "nobody", "responses": {}}`,
	},
	{
		"functions as an object",
		`request["NOOP"] := ["IMAP_REQ_POLICY", "drop"]
		 functions := {"drop": "IMAP_REQ_DROP"}`,
		noop,
		`{"row": ["request", "NOOP"], "rule": "drop", "value": "IMAP_REQ_DROP", "responses": {}}`,
	},
	{
		"by effect",
		byEffect,
		fetch,
		`{"row": ["request", "*"], "rule": "reader", "value": "IMAP_REQ_ACCEPT",
		  "responses": {"any": {"*": {"*": "IMAP_RSP_ACCEPT"}}}}`,
	},
	{
		"states set by rules",
		`request["*"] := "IMAP_REQ_ACCEPT"
		 imap_state_new := "authenticated" if input.imap_state_new == "selected"
		 imap_state_old := "logout" if input.session.user == "eve"
		 reason := concat(" ", [input.command.name, "by", input.session.user])`,
		noop,
		`{"row": ["request", "*"], "value": "IMAP_REQ_ACCEPT", "responses": {},
		  "imap_state_new": "authenticated", "reason": "NOOP by anna"}`,
	},
	{
		"a command that a capability brings",
		`request["*"] := "IMAP_REQ_ACCEPT"
		 capability["IDLE"] := "IMAP_CAP_ACCEPT"`,
		`{"kind": "command", "command": {"tag": "a", "name": "UID MOVE", "args": [], "known": true}}`,
		`{"row": ["capability", "MOVE"], "value": ["IMAP_REQ_REJECT", "MOVE is not available"], "responses": {}}`,
	},
	{
		"the seed's CAPABILITY answered for the server",
		`request["CAPABILITY"] := ["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]]`,
		`{"kind": "command", "command": {"tag": "a", "name": "CAPABILITY", "args": [], "known": true}}`,
		`{"row": ["request", "CAPABILITY"], "responses": {},
		  "value": ["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]]}`,
	},
	{
		"the seed's greeting rewritten",
		`response["GREETING"]["UNTAGGED"]["OK"] := ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome to Gatepost IMAP proxy"]
		 response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"`,
		`{"kind": "greeting", "response": {"command": "GREETING", "type": "UNTAGGED", "name": "OK"}}`,
		`{"row": ["response", "GREETING", "UNTAGGED", "OK"],
		  "value": ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome to Gatepost IMAP proxy"]}`,
	},
	{
		"a response's function",
		`response := {"LIST": {"ALL": {"LIST": ["IMAP_RSP_POLICY", "listed"]}}}
		 functions.listed := "IMAP_RSP_DROP" if input.response.args[2] == "Secret"`,
		`{"kind": "untagged", "response": {"command": "LIST", "type": "UNTAGGED", "name": "LIST", "args": [["("], "/", "Secret"]}}`,
		`{"row": ["response", "LIST", "ALL", "LIST"], "rule": "listed", "value": "IMAP_RSP_DROP"}`,
	},
	{
		"a capability list",
		`capability["RIGHTS="] := "IMAP_CAP_ACCEPT"
		 response["*"]["TAGGED"]["*"] := "IMAP_RSP_ACCEPT"`,
		`{"kind": "tagged", "response": {"command": "LOGIN", "type": "TAGGED", "name": "OK", "capabilities": ["IDLE", "RIGHTS=KX"]}}`,
		`{"row": ["response", "*", "TAGGED", "*"], "value": "IMAP_RSP_ACCEPT", "capabilities": [
			{"name": "IDLE"}, {"name": "RIGHTS=KX", "row": ["capability", "RIGHTS="], "value": "IMAP_CAP_ACCEPT"}]}`,
	},
}

func TestPolicy(t *testing.T) {
	for _, tc := range policies {
		t.Run(tc.name, func(t *testing.T) {
			got, err := query(t, "data.imap.main.decision", compile(t, tc.policy))(value(t, tc.input))
			if err != nil {
				t.Fatal(err)
			}
			if want := value(t, tc.want); got == nil || got.Compare(want) != 0 {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// What contradicts itself is an error of the evaluation, and not one of two answers.
func TestPolicyConflict(t *testing.T) {
	greeting := `{"kind": "greeting", "response": {"command": "GREETING", "type": "UNTAGGED", "name": "OK"}}`
	for _, tc := range []struct{ name, policy, input string }{
		{
			"two values for a row",
			`request["NOOP"] := "IMAP_REQ_ACCEPT" if input.session.user
			 request["NOOP"] := "IMAP_REQ_DROP" if input.session.id`,
			noop,
		},
		{
			"two values of a function",
			`request["NOOP"] := ["IMAP_REQ_POLICY", "f"]
			 functions.f := "IMAP_REQ_ACCEPT" if input.session.user
			 functions.f := "IMAP_REQ_DROP" if input.session.id`,
			noop,
		},
		{
			"ALL beside * in the place of the tag",
			`response["GREETING"]["ALL"]["OK"] := "IMAP_RSP_ACCEPT"
			 response["GREETING"]["*"]["OK"] := "IMAP_RSP_ACCEPT"`,
			greeting,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := query(t, "data.imap.main.decision", compile(t, tc.policy))(value(t, tc.input))
			if e, ok := err.(*topdown.Error); !ok || e.Code != topdown.ConflictErr {
				t.Errorf("got %v and error %v, want a conflict", v, err)
			}
		})
	}
}

func TestBuiltinErrorsAreErrors(t *testing.T) {
	policy := `
request["NOOP"] := ["IMAP_REQ_POLICY", "f"]
default functions.f := "IMAP_REQ_ACCEPT"
functions.f := "IMAP_REQ_DROP" if net.cidr_contains("nonsense", input.session.client.address)`
	v, err := query(t, "data.imap.main.decision", compile(t, policy))(value(t, noop))
	if err == nil {
		t.Errorf("got %v, want an error", v)
	}
}

func TestEmptyInputHasNoDecision(t *testing.T) {
	for _, policy := range []string{"", oneRow, byEffect} {
		if v, err := query(t, "data.imap.main.decision", compile(t, policy))(ast.NewObject()); v != nil || err != nil {
			t.Errorf("got %v and error %v, want nothing", v, err)
		}
	}
}
