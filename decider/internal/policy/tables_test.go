package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/decider/internal/policy"
)

// A directory of data alone is a policy: its tables, and the default ones for those that it does not have.
func TestTablesAsData(t *testing.T) {
	for _, tc := range []struct{ name, files, ref, want string }{
		{"a table in a file of its own", "-- imap/policy/request/data.yaml --\nDELETE: [IMAP_REQ_REJECT, folders stay]",
			"data.imap.policy.request", `{"DELETE": ["IMAP_REQ_REJECT", "folders stay"]}`},
		{"all below imap/policy", "-- imap/policy/data.json --\n{\"request\": {\"*\": \"IMAP_REQ_ACCEPT\"}}",
			"data.imap.policy.request", `{"*": "IMAP_REQ_ACCEPT"}`},
		{"all at the top", "-- data.yaml --\nimap: {policy: {response: {\"*\": {\"*\": {\"*\": IMAP_RSP_ACCEPT}}}}}",
			"data.imap.policy.response", `{"*": {"*": {"*": "IMAP_RSP_ACCEPT"}}}`},
		{"a table in two files", "-- data.yaml --\nimap: {policy: {request: {A: IMAP_REQ_DROP}}}\n-- imap/policy/request/data.json --\n{\"B\": \"IMAP_REQ_DROP\"}",
			"data.imap.policy.request", `{"A": "IMAP_REQ_DROP", "B": "IMAP_REQ_DROP"}`},
		{"NO is a name", "-- imap/policy/response/data.yaml --\nLOGIN: {TAGGED: {NO: [IMAP_RSP_REWRITE, no]}}",
			"data.imap.policy.response.LOGIN.TAGGED.NO", `["IMAP_RSP_REWRITE", "no"]`},
		{"the other tables are the default ones", "-- imap/policy/request/data.yaml --\nDELETE: IMAP_REQ_REJECT",
			"[data.imap.policy.response == data.imap.defaults.response, data.imap.policy.capability == data.imap.defaults.capability]", `[true, true]`},
		{"but not beside rules", "-- imap/policy/request/data.yaml --\nDELETE: IMAP_REQ_REJECT\n-- p.rego --\npackage imap.policy\nreason := \"r\"",
			"data.imap.policy", `{"reason": "r", "request": {"DELETE": "IMAP_REQ_REJECT"}}`},
		{"all tables", "-- imap/policy/data.yaml --\nrequest: {}\nresponse: {}\ncapability: {IDLE: IMAP_CAP_DROP}",
			"data.imap.policy", `{"capability": {"IDLE": "IMAP_CAP_DROP"}, "request": {}, "response": {}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := directory(unpack(t, tc.files))
			if _, err := d.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := in(t, d, tc.ref); got != tc.want {
				t.Errorf("%s is %s, want %s", tc.ref, got, tc.want)
			}
		})
	}
}

// Of every row that is wrong the file, the line and the row are named.
func TestTablesAsDataRefused(t *testing.T) {
	for _, tc := range []struct{ name, files, want string }{
		{"not a verdict", "-- imap/policy/request/data.yaml --\n# comment\nNOOP: IMAP_REQ_ACCEPT\nDELETE: IMAP_REQ_OK\n",
			`DIR/imap/policy/request/data.yaml:3: request["DELETE"]: "IMAP_REQ_OK" is not a verdict on a command`},
		{"JSON", "-- imap/policy/data.json --\n{\n\t\"request\": {\n\t\t\"NOOP\": [\"IMAP_REQ_REJECT\", 5]\n\t}\n}\n",
			`DIR/imap/policy/data.json:3: request["NOOP"]: IMAP_REQ_REJECT wants [IMAP_REQ_REJECT, text]`},
		{"deep in a table", "-- imap/policy/data.yaml --\nresponse:\n  FETCH:\n    UNTAGGED:\n      OK: IMAP_RSP_ACCEPT\n      FETCH: IMAP_REQ_ACCEPT\n",
			`DIR/imap/policy/data.yaml:5: response["FETCH"]["UNTAGGED"]["FETCH"]: "IMAP_REQ_ACCEPT" is not a verdict on a response`},
		{"a tag that there is not", "-- imap/policy/data.yaml --\nresponse:\n  FETCH:\n    OK: IMAP_RSP_ACCEPT\n",
			`DIR/imap/policy/data.yaml:3: response["FETCH"]["OK"]: "OK" is not "TAGGED", "UNTAGGED", "ALL" or "*"`},
		{"a command in lower case", "-- imap/policy/request/data.yaml --\nA: IMAP_REQ_ACCEPT\nuid fetch: IMAP_REQ_ACCEPT\n",
			`DIR/imap/policy/request/data.yaml:2: request["uid fetch"]: "uid fetch" is not a command's name in upper case; write "UID FETCH"`},
		{"a response's command in lower case", "-- imap/policy/response/data.yaml --\nList: {ALL: {LIST: IMAP_RSP_DROP}}\n",
			`DIR/imap/policy/response/data.yaml:1: response["List"]: "List" is not a command's name in upper case; write "LIST"`},
		{"a response in lower case", "-- imap/policy/response/data.yaml --\nLIST:\n  ALL:\n    list: IMAP_RSP_DROP\n",
			`DIR/imap/policy/response/data.yaml:3: response["LIST"]["ALL"]["list"]: "list" is not a response name in upper case`},
		{"a capability in lower case", "-- imap/policy/capability/data.yaml --\nIDLE: IMAP_CAP_ACCEPT\nIMAP4rev1: IMAP_CAP_ACCEPT\n",
			`DIR/imap/policy/capability/data.yaml:2: capability["IMAP4rev1"]: "IMAP4rev1" is not a capability's name in upper case; write "IMAP4REV1"`},
		{"a function that there is not", "-- imap/policy/data.yaml --\nrequest:\n  SELECT: [IMAP_REQ_POLICY, select]\n",
			`DIR/imap/policy/data.yaml:2: request["SELECT"]: there is no functions["select"] to call`},
		{"a row twice", "-- imap/policy/request/data.yaml --\nNOOP: IMAP_REQ_ACCEPT\nDELETE: IMAP_REQ_REJECT\nNOOP: IMAP_REQ_DROP\n",
			`DIR/imap/policy/request/data.yaml:3: request["NOOP"]: stands in line 1 already`},
		{"a row in two files", "-- imap/policy/data.yaml --\nrequest: {NOOP: IMAP_REQ_ACCEPT}\n-- imap/policy/request/data.yaml --\nNOOP: IMAP_REQ_DROP\n",
			`DIR/imap/policy/request/data.yaml: data.imap.policy.request.NOOP is given twice`},
		{"two that stand for any tag", "-- imap/policy/response/data.yaml --\nLIST:\n  ALL: {LIST: IMAP_RSP_DROP}\n  \"*\": {LIST: IMAP_RSP_DROP}\n",
			`DIR/imap/policy/response/data.yaml:2: response["LIST"]["ALL"]["LIST"]: stands beside a row for "*"`},
		{"a table that is none", "-- imap/policy/data.yaml --\ncapability: [IDLE]\n",
			`DIR/imap/policy/data.yaml:1: capability: ["IDLE"] is not a table`},
		{"rows that are none", "-- imap/policy/data.yaml --\ncapability:\n",
			`DIR/imap/policy/data.yaml:1: capability: null is not a table`},
		{"an anchor", "-- imap/policy/data.yaml --\nrequest:\n  NOOP: &no IMAP_REQ_OK\n  CHECK: *no\n",
			`DIR/imap/policy/data.yaml:3: request["CHECK"]: "IMAP_REQ_OK" is not a verdict on a command`},
		{"a table that nobody looks at", "-- imap/policy/data.yaml --\nresponse: {}\nrequests: {NOOP: IMAP_REQ_ACCEPT}\n",
			`DIR/imap/policy/data.yaml:2: requests: nobody looks at this; tables are request, response and capability`},
		{"a row by a rule", "-- imap/policy/response/data.yaml --\nLIST: {ALL: {LIST: IMAP_RSP_DROP}}\n-- p.rego --\npackage imap.policy\nrequest[\"DELETE\"] := \"IMAP_REQ_OK\"",
			`DIR/p.rego:2: request["DELETE"]: "IMAP_REQ_OK" is not a verdict on a command`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := unpack(t, tc.files)
			_, err := directory(dir).Load(t.Context())
			if err == nil {
				t.Fatal("loaded")
			}
			got := strings.ReplaceAll(err.Error(), dir, "DIR")
			for line := range strings.Lines(got) {
				if strings.HasPrefix(line, tc.want) {
					return
				}
			}
			t.Errorf("error %s\nwant    %s", got, tc.want)
		})
	}
}

// All that is wrong is said at once.
func TestTablesAsDataSaysAll(t *testing.T) {
	dir := unpack(t, "-- imap/policy/data.yaml --\nrequest:\n  a: IMAP_REQ_ACCEPT\n  B: IMAP_REQ_NONE\ncapability:\n  C: []\n")
	_, err := directory(dir).Load(t.Context())
	var refused *policy.Error
	if !errors.As(err, &refused) || len(refused.Problems) != 3 {
		t.Fatalf("error %v, want three problems", err)
	}
	for i, line := range []int{3, 2, 5} {
		if refused.Problems[i].Line != line {
			t.Errorf("problem %d is in line %d, want %d: %v", i, refused.Problems[i].Line, line, refused.Problems[i])
		}
	}
}
