package verdict_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/verdict"
)

// A policy's tables are checked as a whole, and each malformed row is reported.
func TestCheckTables(t *testing.T) {
	tables := ast.MustParseTerm(`{
		"request": {
			"CAPABILITY": ["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]],
			"DELETE": "IMAP_REQ_REJCT",
			"SELECT": ["IMAP_REQ_POLICY", "select"],
			"EXAMINE": "IMAP_REQ_POLICY",
			"RENAME": ["IMAP_REQ_POLICY", "rename"],
			"noop": "IMAP_REQ_ACCEPT",
			"": "IMAP_REQ_ACCEPT",
			"*": "IMAP_REQ_ACCEPT",
		},
		"response": {
			"GREETING": {"UNTAGGED": {
				"OK": ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome"],
				"PREAUTH": ["IMAP_RSP_POLICY", "greeting"],
			}},
			"FETCH": {"UNTAGGED": {"FETCH": "IMAP_REQ_ACCEPT"}},
			"List": {"UNTAGGED": {"LIST": "IMAP_RSP_DROP"}},
			"STATUS": {"UNTAGGED": {"Status": "IMAP_RSP_DROP"}},
			"XLIST": {"ALL": {"XLIST": ["IMAP_RSP_POLICY", "listed"]}},
			"*": {"*": {"*": "IMAP_RSP_ACCEPT"}},
		},
		"capability": {"IMAP4rev1": "IMAP_CAP_ACCEPT", "IDLE": "IMAP_CAP_ACCEPT", "*": "IMAP_CAP_DORP"},
		"functions": {"select": 1},
	}`).Value
	want := []string{
		`request[""]: "" is not a command's name`,
		`request["DELETE"]: "IMAP_REQ_REJCT" is not a verdict on a command`,
		`request["EXAMINE"]: IMAP_REQ_POLICY wants [IMAP_REQ_POLICY, function]`,
		`request["RENAME"]: there is no functions["rename"] to call`,
		`request["noop"]: "noop" is not a command's name in upper case; write "NOOP"`,
		`response["FETCH"]["UNTAGGED"]["FETCH"]: "IMAP_REQ_ACCEPT" is not a verdict on a response`,
		`response["List"]: "List" is not a command's name in upper case; write "LIST"`,
		`response["STATUS"]["UNTAGGED"]["Status"]: "Status" is not a response name in upper case`,
		`response["XLIST"]["ALL"]["XLIST"]: there is no functions["listed"] to call`,
		`capability["*"]: "IMAP_CAP_DORP" is not a verdict on a capability`,
		`capability["IMAP4rev1"]: "IMAP4rev1" is not a capability's name in upper case; write "IMAP4REV1"`,
	}
	faults := verdict.CheckTables(tables, defines)
	if len(faults) != len(want) {
		t.Fatalf("%d faults, want %d: %v", len(faults), len(want), faults)
	}
	for i, f := range faults {
		if !strings.HasPrefix(f.Error(), want[i]) {
			t.Errorf("fault %q, want %q", f, want[i])
		}
	}
}

// defines has the functions of the policies here.
func defines(function string) bool { return function == "select" || function == "greeting" }

// A table that is none is a fault.
func TestCheckTablesShape(t *testing.T) {
	for _, tc := range []struct{ tables, want string }{
		{`{"request": "IMAP_REQ_ACCEPT"}`, `request: "IMAP_REQ_ACCEPT" is not a table`},
		{`{"request": {1: "IMAP_REQ_ACCEPT"}}`, `request: 1 is not a string, as keys must be`},
		{`{"response": {"GREETING": "IMAP_RSP_ACCEPT"}}`, `response["GREETING"]: "IMAP_RSP_ACCEPT" is not a table`},
		{`{"response": {"GREETING": {"OK": "IMAP_RSP_ACCEPT"}}}`, `response["GREETING"]["OK"]: is not a table under`},
		{`{"response": {"GREETING": {"UNTAGGED": {"Ok": "IMAP_RSP_ACCEPT"}}}}`,
			`response["GREETING"]["UNTAGGED"]["Ok"]: "Ok" is not a response name in upper case`},
		{`{"response": {"GREETING": {"UNTAGGED": {"OK": ["IMAP_REQ_POLICY"]}}}}`,
			`response["GREETING"]["UNTAGGED"]["OK"]: IMAP_REQ_POLICY wants [IMAP_REQ_POLICY, function]`},
	} {
		faults := verdict.CheckTables(ast.MustParseTerm(tc.tables).Value, defines)
		if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), tc.want) {
			t.Errorf("%s: faults %v, want %s", tc.tables, faults, tc.want)
		}
	}
	if faults := verdict.CheckTables(ast.MustParseTerm(`{"functions": {}}`).Value, defines); faults != nil {
		t.Errorf("tables that are not there: %v", faults)
	}
}
