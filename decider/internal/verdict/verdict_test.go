package verdict_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// question gives an event of the kind.
func question(kind string, capabilities ...string) *deciderv1.Question {
	q := &deciderv1.Question{Session: &deciderv1.Session{Id: "s1"}}
	noop := &deciderv1.Command{Tag: []byte("a1"), Name: "NOOP"}
	switch kind {
	case "greeting":
		q.Event = &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{Name: "OK", Capabilities: capabilities}}
	case "command":
		q.Event = &deciderv1.Question_Command{Command: noop}
	case "untagged":
		q.Event = &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: &deciderv1.Response{Name: "FETCH", Command: noop}}}
	case "unsolicited":
		q.Event = &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: &deciderv1.Response{Name: "EXISTS"}}}
	case "tagged":
		q.Event = &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: &deciderv1.Response{
			Name: "OK", Command: noop, Capabilities: capabilities}}}
	}
	return q
}

// parse gives the decision in a line, or the fault as kind, row and message.
func parse(q *deciderv1.Question, result string) string {
	d := new(deciderv1.Decision)
	if f := verdict.Parse(q, ast.MustParseTerm(result).Value, d); f != nil {
		p := f.Proto()
		return fmt.Sprintf("%s %s: %s", strings.TrimPrefix(p.GetKind().String(), "POLICY_ERROR_KIND_"), p.GetRow(), p.GetMessage())
	}
	return line(d)
}

func line(d *deciderv1.Decision) string {
	var b strings.Builder
	switch v := d.GetVerdict().(type) {
	case *deciderv1.Decision_Request:
		b.WriteString(v.Request.String())
	case *deciderv1.Decision_Response:
		b.WriteString(v.Response.String())
	}
	add := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	add("text", string(d.GetText()))
	for _, u := range d.GetUntagged() {
		add("untagged", string(u))
	}
	add("code", string(d.GetCode()))
	add("row", d.GetRow())
	add("rule", d.GetRule())
	add("reason", d.GetReason())
	if r := d.GetReuse(); r != nil {
		add("lease_ms", fmt.Sprint(r.GetLeaseMs()))
	}
	if n := d.GetNoReuse(); n != 0 {
		add("no_reuse", n.String())
	}
	if s := d.GetImapStateOld(); s != 0 {
		add("old", s.String())
	}
	if s := d.GetImapStateNew(); s != 0 {
		add("new", s.String())
	}
	for _, r := range d.GetRows() {
		command := "*"
		if r.GetExactCommand() {
			command = "own"
		}
		fmt.Fprintf(&b, " (%s,%s,%s)=%s%s", command, strings.TrimPrefix(r.GetTag().String(), "IMAP_TAG_"), r.GetName(),
			strings.TrimPrefix(r.GetVerdict().String(), "IMAP_RSP_"), r.GetText())
	}
	for _, c := range d.GetCapabilities() {
		fmt.Fprintf(&b, " %s=%s", c.GetName(), c.GetVerdict())
	}
	return b.String()
}

// row is a decision of the library that found the row with a value.
func row(path, value string) string {
	return fmt.Sprintf(`{"row": %s, "value": %s}`, path, value)
}

// Each form of the seed, bare and as a tuple, in its place.
func TestForms(t *testing.T) {
	for _, tc := range []struct{ kind, value, want string }{
		{"command", `"IMAP_REQ_ACCEPT"`, "IMAP_REQ_ACCEPT"},
		{"command", `["IMAP_REQ_ACCEPT"]`, "IMAP_REQ_ACCEPT"},
		{"command", `"IMAP_REQ_DROP"`, "IMAP_REQ_DROP"},
		{"command", `"IMAP_REQ_ABORT"`, "IMAP_REQ_ABORT"},
		{"command", `"IMAP_REQ_REJECT"`, "IMAP_REQ_REJECT"},
		{"command", `["IMAP_REQ_REJECT", "folders here are permanent"]`, "IMAP_REQ_REJECT text=folders here are permanent"},
		{"command", `["IMAP_REQ_REJECT", "full", "OVERQUOTA"]`, "IMAP_REQ_REJECT text=full code=OVERQUOTA"},
		{"command", `["IMAP_REQ_REJECT", "no", "BADCHARSET (UTF-8)"]`, "IMAP_REQ_REJECT text=no code=BADCHARSET (UTF-8)"},
		{"command", `["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]]`,
			"IMAP_REQ_RESPOND text=OK CAPABILITY completed untagged=CAPABILITY IMAP4rev1"},
		{"command", `["IMAP_REQ_RESPOND", "NO [NOPERM] not here", []]`, "IMAP_REQ_RESPOND text=NO [NOPERM] not here"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["3 EXISTS", "OK [UIDVALIDITY 1] valid", "LIST () \"/\" INBOX"]]`,
			`IMAP_REQ_RESPOND text=OK done untagged=3 EXISTS untagged=OK [UIDVALIDITY 1] valid untagged=LIST () "/" INBOX`},
		{"command", `["IMAP_REQ_REWRITE", "EXAMINE INBOX"]`, "IMAP_REQ_REWRITE text=EXAMINE INBOX"},

		{"untagged", `"IMAP_RSP_ACCEPT"`, "IMAP_RSP_ACCEPT"},
		{"untagged", `["IMAP_RSP_DROP"]`, "IMAP_RSP_DROP"},
		{"tagged", `"IMAP_RSP_ABORT"`, "IMAP_RSP_ABORT"},
		{"tagged", `"IMAP_RSP_REJECT"`, "IMAP_RSP_REJECT"},
		{"tagged", `["IMAP_RSP_REJECT", "no", "CANNOT"]`, "IMAP_RSP_REJECT text=no code=CANNOT"},
		{"untagged", `["IMAP_RSP_REWRITE", "1 FETCH (FLAGS ())"]`, "IMAP_RSP_REWRITE text=1 FETCH (FLAGS ())"},

		{"greeting", `["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome to Zorp IMAP proxy"]`,
			"IMAP_RSP_REWRITE text=Welcome to Zorp IMAP proxy"},
		{"greeting", `["IMAP_RSP_REWRITE", "IMAP_RSP_ACCEPT", "Welcome"]`, "IMAP_RSP_REWRITE text=Welcome"},
		{"greeting", `["IMAP_REQ_REWRITE", "IMAP_REQ_REJECT", "closed"]`, "IMAP_RSP_REJECT text=closed"},
		{"greeting", `["IMAP_RSP_REWRITE", "Welcome"]`, "IMAP_RSP_REWRITE text=Welcome"},
		{"greeting", `"IMAP_REQ_ACCEPT"`, "IMAP_RSP_ACCEPT"},
		{"greeting", `"IMAP_RSP_ABORT"`, "IMAP_RSP_ABORT"},
	} {
		t.Run(tc.kind+" "+tc.value, func(t *testing.T) {
			if got, want := parse(question(tc.kind), row(`["request", "X"]`, tc.value)), tc.want+` row=request["X"]`; !sameFields(got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// sameFields compares lines whatever the order of their fields.
func sameFields(a, b string) bool {
	fields := func(s string) map[string]int {
		m := make(map[string]int)
		for f := range strings.FieldsSeq(s) {
			m[f]++
		}
		return m
	}
	return fmt.Sprint(fields(a)) == fmt.Sprint(fields(b))
}

// Each malformed form is a fault of kind ROW that names the row and says what is wanted.
func TestMalformed(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for _, tc := range []struct{ kind, value, want string }{
		{"command", `1`, "1 is not a verdict on a command, nor an array that begins with one"},
		{"command", `null`, "null is not a verdict"},
		{"command", `[]`, "[] is not a verdict"},
		{"command", `[["IMAP_REQ_ACCEPT"]]`, "is not a verdict"},
		{"command", `{"IMAP_REQ_ACCEPT"}`, "is not a verdict"},
		{"command", `"ACCEPT"`, `"ACCEPT" is not a verdict on a command; those are IMAP_REQ_ACCEPT,`},
		{"command", `"imap_req_accept"`, "is not a verdict on a command"},
		{"command", `"IMAP_REQ_UNSPECIFIED"`, "is not a verdict on a command"},
		{"command", `"IMAP_RSP_ACCEPT"`, "is not a verdict on a command"},
		{"command", `["IMAP_REQ_ACCEPT", "ok"]`, "IMAP_REQ_ACCEPT takes nothing behind it"},
		{"command", `["IMAP_REQ_DROP", ""]`, "takes nothing behind it"},
		{"command", `["IMAP_REQ_REJECT", 1]`, "wants [IMAP_REQ_REJECT, text]"},
		{"command", `["IMAP_REQ_REJECT", "a", 1]`, "wants [IMAP_REQ_REJECT, text] or [IMAP_REQ_REJECT, text, code]"},
		{"command", `["IMAP_REQ_REJECT", "a", "B", "C"]`, "wants [IMAP_REQ_REJECT, text]"},
		{"command", `["IMAP_REQ_REJECT", ""]`, "is empty"},
		{"command", `["IMAP_REQ_REJECT", "a\r\n* BYE"]`, "has the octet 0x0d at offset 1"},
		{"command", `["IMAP_REQ_REJECT", "a\u0000"]`, "has the octet 0x00"},
		{"command", `["IMAP_REQ_REJECT", "grüße"]`, "has the octet 0xc3"},
		{"command", `["IMAP_REQ_REJECT", "[ALERT] look"]`, "would be read as a response code"},
		{"command", `["IMAP_REQ_REJECT", "` + long + `"]`, "has 1025 octets, at most 1024 are allowed"},
		{"command", `["IMAP_REQ_REJECT", "a {5}"]`, "ends in a literal header"},
		{"command", `["IMAP_REQ_REJECT", "a", "[NOPERM]"]`, "is not a response code"},
		{"command", `["IMAP_REQ_REJECT", "a", "A] B"]`, "is not a response code"},
		{"command", `["IMAP_REQ_REJECT", "a", ""]`, "is not a response code"},
		{"command", `"IMAP_REQ_RESPOND"`, "wants [IMAP_REQ_RESPOND, tagged line, [untagged line, ...]]"},
		{"command", `["IMAP_REQ_RESPOND", "OK done"]`, "wants [IMAP_REQ_RESPOND, tagged line,"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", "CAPABILITY IMAP4rev1"]`, "wants [IMAP_REQ_RESPOND, tagged line,"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", [1]]`, "wants [IMAP_REQ_RESPOND, tagged line,"},
		{"command", `["IMAP_REQ_RESPOND", "done", []]`, "must begin with one of OK NO BAD"},
		{"command", `["IMAP_REQ_RESPOND", "a1 OK done", []]`, "must begin with one of OK NO BAD"},
		{"command", `["IMAP_REQ_RESPOND", "BYE now", []]`, "must begin with one of OK NO BAD"},
		{"command", `["IMAP_REQ_RESPOND", "OK", []]`, "has no text behind OK"},
		{"command", `["IMAP_REQ_RESPOND", "OK [X", []]`, `has a "[" without a "] "`},
		{"command", `["IMAP_REQ_RESPOND", "OK [X]", []]`, `has a "[" without a "] "`},
		{"command", `["IMAP_REQ_RESPOND", "OK [] x", []]`, "has a response code that is not"},
		{"command", `["IMAP_REQ_RESPOND", "OK a\nb", []]`, "has the octet 0x0a"},
		// The guide's own example, which sent literally is no CAPABILITY response.
		{"command", `["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["[IMAP4rev1]"]]`,
			`untagged line "[IMAP4rev1]" does not begin with a response name; write "CAPABILITY IMAP4rev1"`},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["[CAPABILITY IMAP4rev1 IDLE]"]]`, `write "CAPABILITY IMAP4rev1 IDLE"`},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["CAPABILITY"]]`, "is not CAPABILITY with names behind it"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["CAPABILITY IMAP4rev1  IDLE"]]`, "separated by single spaces"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["* CAPABILITY IMAP4rev1"]]`, "does not begin with a response name"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", [""]]`, "does not begin with a response name"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["a1 OK done"]]`, "does not begin with a response name"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["TAG OK done"]]`, "looks like a tagged line"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["3"]]`, "has no response name behind the number"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["BYE"]]`, "has no text behind BYE"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["1 FETCH (BODY[] {5}"]]`, "ends in a literal header"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", ["1 FETCH (BODY[] ~{5}"]]`, "ends in a literal header"},
		{"command", `["IMAP_REQ_RESPOND", "OK done", numbers]`, "101 untagged lines, at most 100 are allowed"},
		{"command", `["IMAP_REQ_REWRITE"]`, "wants [IMAP_REQ_REWRITE, command]"},
		{"command", `["IMAP_REQ_REWRITE", "EXAMINE INBOX", "x"]`, "wants [IMAP_REQ_REWRITE, command]"},
		{"command", `["IMAP_REQ_REWRITE", "a1 EXAMINE INBOX"]`, "the tag stays and is not written"},
		{"command", `["IMAP_REQ_REWRITE", ""]`, "does not begin with a command's name"},
		{"command", `["IMAP_REQ_REWRITE", "NOOP\r\na2 DELETE x"]`, "has the octet 0x0d"},
		{"command", `["IMAP_REQ_REWRITE", "SELECT {5}"]`, "ends in a literal header"},
		{"command", `["IMAP_REQ_REWRITE", "NOOP "]`, "ends in a space"},
		{"command", `"IMAP_REQ_POLICY"`, "wants [IMAP_REQ_POLICY, function]"},
		{"command", `["IMAP_REQ_POLICY", 1]`, "wants [IMAP_REQ_POLICY, function]"},

		{"untagged", `{"a": 1}`, "is not a verdict on a response"},
		{"untagged", `"IMAP_REQ_ACCEPT"`, "is not a verdict on a response; those are IMAP_RSP_ACCEPT,"},
		{"untagged", `["IMAP_RSP_ACCEPT", 1]`, "takes nothing behind it"},
		{"untagged", `"IMAP_RSP_REWRITE"`, "wants [IMAP_RSP_REWRITE, text]"},
		{"untagged", `["IMAP_RSP_REWRITE", ""]`, "text is empty"},
		{"untagged", `["IMAP_RSP_REWRITE", "a\nb"]`, "has the octet 0x0a"},
		{"untagged", `["IMAP_RSP_REWRITE", "IMAP_RSP_ACCEPT", "Welcome"]`, "wants [IMAP_RSP_REWRITE, text]"},
		{"tagged", `["IMAP_RSP_REJECT", "a", "B C]"]`, "is not a response code"},
		{"tagged", `"IMAP_RSP_POLICY"`, "wants [IMAP_RSP_POLICY, function]"},

		{"greeting", `["IMAP_REQ_REWRITE", "Welcome", "x"]`, `"Welcome" is not a verdict on a rewritten greeting`},
		{"greeting", `["IMAP_REQ_REWRITE", "IMAP_REQ_REWRITE", "x"]`, "is not a verdict on a rewritten greeting"},
		{"greeting", `["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", 1]`, "wants [IMAP_REQ_REWRITE, verdict, text]"},
		{"greeting", `["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "[X] y"]`, "would be read as a response code"},
		{"greeting", `["IMAP_REQ_RESPOND", "OK x", []]`, "is not a verdict on a response"},
	} {
		t.Run(tc.kind+" "+tc.value, func(t *testing.T) {
			value := strings.ReplaceAll(tc.value, "numbers", "["+strings.Repeat(`"1 EXISTS",`, 100)+`"1 EXISTS"]`)
			got := parse(question(tc.kind), row(`["request", "X"]`, value))
			if !strings.HasPrefix(got, `ROW request["X"]: `) || !strings.Contains(got, tc.want) {
				t.Errorf("got %s\nwant %s", got, tc.want)
			}
		})
	}
}

// What surrounds the row: no row, functions, states, reason, and what a library must not do.
func TestDecision(t *testing.T) {
	for _, tc := range []struct{ name, kind, result, want string }{
		{"a command without a row is denied", "command", `{"row": []}`, "IMAP_REQ_REJECT"},
		{"a response without a row is denied", "untagged", `{"row": []}`, "IMAP_RSP_REJECT"},
		{"a function decides", "command", `{"row": ["request", "SELECT"], "rule": "select", "value": "IMAP_REQ_ACCEPT"}`,
			`IMAP_REQ_ACCEPT row=request["SELECT"] rule=select`},
		{"a function returns POLICY", "command", `{"row": ["request", "SELECT"], "rule": "select", "value": ["IMAP_REQ_POLICY", "x"]}`,
			`ROW request["SELECT"]: function select: returned IMAP_REQ_POLICY, but must decide itself`},
		{"a response function returns POLICY", "untagged", `{"row": ["response", "*", "*", "*"], "rule": "f", "value": ["IMAP_RSP_POLICY", "x"]}`,
			`ROW response["*"]["*"]["*"]: function f: returned IMAP_RSP_POLICY, but must decide itself`},
		{"a function is undefined", "command", `{"row": ["request", "SELECT"], "rule": "select"}`,
			`UNDEFINED request["SELECT"]: function select: is undefined for this event`},
		{"states are set", "command", `{"row": [], "imap_state_old": "not_authenticated", "imap_state_new": "logout"}`,
			"IMAP_REQ_REJECT old=IMAP_STATE_NOT_AUTHENTICATED new=IMAP_STATE_LOGOUT"},
		{"states are set, the others", "command", `{"row": [], "imap_state_old": "selected", "imap_state_new": "authenticated"}`,
			"IMAP_REQ_REJECT old=IMAP_STATE_SELECTED new=IMAP_STATE_AUTHENTICATED"},
		{"no state", "command", `{"row": [], "imap_state_new": "SELECTED"}`,
			`ROW imap_state_new: "SELECTED" is not a state; those are not_authenticated, authenticated, selected and logout`},
		{"state of the wrong type", "command", `{"row": [], "imap_state_old": 3}`,
			`ROW imap_state_old: 3 is not a state; those are not_authenticated, authenticated, selected and logout`},
		{"reason", "command", `{"row": [], "reason": "legal hold"}`, "IMAP_REQ_REJECT reason=legal hold"},
		{"a lease", "command", `{"row": [], "lease": 1.5}`, "IMAP_REQ_REJECT lease_ms=1500"},
		{"a long lease", "command", `{"row": [], "lease": 1e30}`, "IMAP_REQ_REJECT lease_ms=4294967295"},
		{"no lease", "command", `{"row": [], "lease": 0.0001}`, "IMAP_REQ_REJECT lease_ms=0 no_reuse=NO_REUSE_NO_STORE"},
		{"a lease below 0", "command", `{"row": [], "lease": -1}`, `ROW lease: -1 is not a number of seconds`},
		{"a lease of the wrong type", "command", `{"row": [], "lease": "1s"}`, `ROW lease: "1s" is not a number of seconds`},
		{"nothing is stored", "command", `{"row": [], "no_store": true}`, "IMAP_REQ_REJECT no_reuse=NO_REUSE_NO_STORE"},
		{"it may be", "command", `{"row": [], "no_store": false}`, "IMAP_REQ_REJECT"},
		{"no_store of the wrong type", "command", `{"row": [], "no_store": 1}`, `ROW no_store: 1 is neither true nor false`},
		{"reason of the wrong type", "command", `{"row": [], "reason": ["x"]}`, `ROW reason: ["x"] is not a string of at most 1024 octets`},
		{"not an object", "command", `"IMAP_REQ_ACCEPT"`, `INTERNAL : the decision is "IMAP_REQ_ACCEPT" and not an object`},
		{"row missing", "command", `{}`, "INTERNAL : the library names no row"},
		{"row misspelt", "command", `{"row": ["request", 1]}`, `INTERNAL : the library names the row ["request", 1]`},
		{"value missing", "command", `{"row": ["request", "X"]}`, `INTERNAL : the library found request["X"] and no value in it`},
		{"rule misspelt", "command", `{"row": ["request", "X"], "rule": 1}`, `ROW request["X"]: 1 is not the name of a function`},
		{"policy row not resolved", "command", `{"row": ["request", "X"], "value": ["IMAP_REQ_POLICY", "f"]}`,
			`INTERNAL : the library did not call the function of request["X"]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := parse(question(tc.kind), tc.result); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// Rows for responses are flattened in the order in which the seed relaxes the key.
func TestRows(t *testing.T) {
	for _, tc := range []struct{ name, kind, responses, want string }{
		{
			"the order of relaxation", "command",
			`{"own": {"*": {"*": "IMAP_RSP_ACCEPT", "OK": "IMAP_RSP_DROP"}, "UNTAGGED": {"*": "IMAP_RSP_DROP", "FETCH": "IMAP_RSP_ACCEPT"}, "TAGGED": {"NO": "IMAP_RSP_ACCEPT"}},
			  "any": {"ALL": {"*": "IMAP_RSP_REJECT"}, "TAGGED": {"*": "IMAP_RSP_ABORT", "OK": "IMAP_RSP_ACCEPT"}}}`,
			"(own,TAGGED,NO)=ACCEPT (own,UNTAGGED,FETCH)=ACCEPT (own,UNTAGGED,*)=DROP (own,ALL,OK)=DROP (own,ALL,*)=ACCEPT " +
				"(*,TAGGED,OK)=ACCEPT (*,TAGGED,*)=ABORT (*,ALL,*)=REJECT",
		},
		{
			"all verdicts, bare and tuple", "command",
			`{"any": {"ALL": {"A": ["IMAP_RSP_ACCEPT"], "B": ["IMAP_RSP_REJECT", "no"], "C": ["IMAP_RSP_REWRITE", "yes"], "D": ["IMAP_RSP_POLICY", "f"], "E": "IMAP_RSP_REJECT"}}}`,
			"(*,ALL,A)=ACCEPT (*,ALL,B)=REJECTno (*,ALL,C)=REWRITEyes (*,ALL,D)=POLICY (*,ALL,E)=REJECT",
		},
		{"rows for unsolicited responses", "unsolicited", `{"own": {"UNTAGGED": {"EXISTS": "IMAP_RSP_ACCEPT"}}}`, "(own,UNTAGGED,EXISTS)=ACCEPT"},
		{"none", "command", `{}`, ""},
		{"unknown tag", "command", `{"own": {"untagged": {"OK": "IMAP_RSP_ACCEPT"}}}`,
			`ROW response["NOOP"]["untagged"]: "untagged" is not "TAGGED", "UNTAGGED", "ALL" or "*"`},
		{"name in lower case", "command", `{"any": {"ALL": {"ok": "IMAP_RSP_ACCEPT"}}}`,
			`ROW response["*"]["ALL"]["ok"]: "ok" is not a response name in upper case`},
		{"ALL beside *", "command", `{"any": {"ALL": {"OK": "IMAP_RSP_ACCEPT"}, "*": {"OK": "IMAP_RSP_DROP"}}}`,
			`ROW response["*"]["ALL"]["OK"]: stands beside a row for "*", which means the same`},
		{"table is a verdict", "command", `{"own": "IMAP_RSP_ACCEPT"}`,
			`ROW response["NOOP"]: "IMAP_RSP_ACCEPT" is not a table: rows are response[command]["TAGGED", "UNTAGGED" or "ALL"][name]`},
		{"tag is a verdict", "command", `{"own": {"ALL": "IMAP_RSP_ACCEPT"}}`,
			`ROW response["NOOP"]["ALL"]: "IMAP_RSP_ACCEPT" is not a table: rows are response[command][tag][name]`},
		{"key is a number", "unsolicited", `{"own": {"ALL": {1: "IMAP_RSP_ACCEPT"}}}`,
			`ROW response["UNSOLICITED"]["ALL"]: 1 is not a string, as keys must be`},
		{"request verdict", "command", `{"own": {"ALL": {"OK": "IMAP_REQ_ACCEPT"}}}`,
			`ROW response["NOOP"]["ALL"]["OK"]: "IMAP_REQ_ACCEPT" is not a verdict on a response; those are IMAP_RSP_ACCEPT, _REJECT, _DROP, _ABORT, _REWRITE and _POLICY`},
		{"number", "command", `{"own": {"ALL": {"OK": 7}}}`,
			`ROW response["NOOP"]["ALL"]["OK"]: 7 is not a verdict on a response, nor an array that begins with one`},
		{"POLICY without a function", "command", `{"own": {"ALL": {"OK": "IMAP_RSP_POLICY"}}}`,
			`ROW response["NOOP"]["ALL"]["OK"]: IMAP_RSP_POLICY wants [IMAP_RSP_POLICY, function], with the name of one`},
		{"REJECT with a code", "command", `{"own": {"ALL": {"OK": ["IMAP_RSP_REJECT", "a", "B"]}}}`,
			`ROW response["NOOP"]["ALL"]["OK"]: IMAP_RSP_REJECT wants [IMAP_RSP_REJECT, text]; a code takes a function`},
		{"REJECT with two lines", "command", `{"own": {"ALL": {"OK": ["IMAP_RSP_REJECT", "a\nb"]}}}`,
			`ROW response["NOOP"]["ALL"]["OK"]: text "a\nb" has the octet 0x0a at offset 1, only printable US-ASCII is allowed`},
		{"DROP with text", "command", `{"own": {"ALL": {"OK": ["IMAP_RSP_DROP", "a"]}}}`,
			`ROW response["NOOP"]["ALL"]["OK"]: IMAP_RSP_DROP takes nothing behind it`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			result := `{"row": ["request", "NOOP"], "value": "IMAP_REQ_ACCEPT", "responses": ` + tc.responses + "}"
			want := tc.want
			if tc.kind == "unsolicited" {
				result = strings.ReplaceAll(result, "IMAP_REQ_ACCEPT", "IMAP_RSP_ACCEPT")
			}
			got := strings.TrimPrefix(parse(question(tc.kind), result), "IMAP_REQ_ACCEPT row=request[\"NOOP\"]")
			got = strings.TrimPrefix(got, "IMAP_RSP_ACCEPT row=request[\"NOOP\"]")
			if got = strings.TrimPrefix(got, " "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Each capability asked about gets a verdict, in the same order; one without a row is dropped.
func TestCapabilities(t *testing.T) {
	for _, tc := range []struct{ name, kind, capabilities, want string }{
		{"verdicts", "greeting",
			`[{"name": "IDLE", "row": ["capability", "IDLE"], "value": "IMAP_CAP_ACCEPT"}, {"name": "XAPPLE", "row": ["capability", "*"], "value": ["IMAP_CAP_DROP"]}]`,
			"IMAP_RSP_ACCEPT row=r IDLE=IMAP_CAP_ACCEPT XAPPLE=IMAP_CAP_DROP"},
		{"no row", "tagged", `[{"name": "IDLE"}, {"name": "XAPPLE"}]`, "IMAP_RSP_ACCEPT row=r IDLE=IMAP_CAP_DROP XAPPLE=IMAP_CAP_DROP"},
		{"unknown verdict", "tagged", `[{"name": "IDLE", "row": ["capability", "IDLE"], "value": "IMAP_CAP_REJECT"}, {"name": "XAPPLE"}]`,
			`ROW capability["IDLE"]: "IMAP_CAP_REJECT" is not a verdict on a capability; those are IMAP_CAP_ACCEPT and IMAP_CAP_DROP`},
		{"not a verdict", "tagged", `[{"name": "IDLE", "row": ["capability", "*"], "value": true}, {"name": "XAPPLE"}]`,
			`ROW capability["*"]: true is not a verdict on a capability`},
		{"with text", "tagged", `[{"name": "IDLE", "row": ["capability", "*"], "value": ["IMAP_CAP_DROP", "x"]}, {"name": "XAPPLE"}]`,
			`ROW capability["*"]: IMAP_CAP_DROP takes nothing behind it`},
		{"no row named", "tagged", `[{"name": "IDLE", "value": "IMAP_CAP_DROP"}, {"name": "XAPPLE"}]`, "INTERNAL : the library names no row"},
		{"one missing", "tagged", `[{"name": "IDLE"}]`, "INTERNAL : the library judged other capabilities than were asked about"},
		{"other order", "tagged", `[{"name": "XAPPLE"}, {"name": "IDLE"}]`, "INTERNAL : the library judged other capabilities than were asked about"},
		{"absent", "tagged", `null`, "INTERNAL : the library judged other capabilities than were asked about"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			result := `{"row": ["r"], "value": "IMAP_RSP_ACCEPT", "capabilities": ` + tc.capabilities + "}"
			if got := parse(question(tc.kind, "IDLE", "XAPPLE"), result); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
