package rego_test

import (
	"slices"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// session is what an ordinary question says beside the event.
const session = `"imap_state_old": "selected", "imap_state_new": "selected", "session": {"id": "s1", "listener": "imaps",
	"client": {"address": "192.0.2.7", "port": 40000}, "user": "anna", "mechanism": "PLAIN", "authentication_failures": 0,
	"mailbox": {"name": "INBOX", "read_only": false}, "delimiter": "/", "connected_ns": 1700000000123000000}`

const (
	noop  = `{"kind": "command", ` + session + `, "command": {"tag": "a1", "name": "NOOP", "args": [], "known": true}}`
	fetch = `{"kind": "command", ` + session + `, "command": {"tag": "a1", "name": "UID FETCH", "known": true,
		"args": [[1, 100], ["(", "FLAGS", "UID", "BODY.PEEK", ["[", "HEADER"]]], "set": [{"first": 1, "last": 100}],
		"items": ["FLAGS", "UID", "BODY.PEEK[HEADER]"]}}`
)

// oneRow is the shortest policy there is.
const oneRow = `
request["*"] := "IMAP_REQ_ACCEPT"
response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"
`

// byEffect grants effects.
const byEffect = `
import data.imap.effects
request["*"] := ["IMAP_REQ_POLICY", "reader"]
default functions.reader := "IMAP_REQ_REJECT"
functions.reader := "IMAP_REQ_ACCEPT" if effects.only({"reads_metadata", "reads_content"})
response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"
`

// withUsual puts rows of its own before the default table.
const withUsual = `
import data.imap.defaults
request["DELETE"] := ["IMAP_REQ_REJECT", "folders here are permanent"]
request["*"] := ["IMAP_REQ_POLICY", "usual"]
functions.usual := defaults.verdict
response := defaults.response
capability := defaults.capability
`

// byRule holds a ready rule.
const byRule = `
import data.imap.ready
rules := {"read_only": {}}
request := ready.request
functions["ready"] := ready.command
response := ready.response
capability := ready.capability
`

// BenchmarkDecision measures decisions side by side in one run, in turns, so that what else the machine does is shared.
// Each policy's metric is the time of a fast turn (the fifth percentile) over that of a bare lookup in a table, and of the
// shortest policy.
func BenchmarkDecision(b *testing.B) {
	const decision = "data.imap.main.decision"
	cases := []struct{ name, query, policy, input string }{
		{"bare lookup", "data.imap.defaults.verdict", "", fetch},
		{"one row, FETCH", decision, oneRow, fetch},
		{"default policy, NOOP", decision, "", noop},
		{"default policy, FETCH", decision, "", fetch},
		{"rows before the default, FETCH", decision, withUsual, fetch},
		{"by effect, NOOP", decision, byEffect, noop},
		{"by effect, FETCH", decision, byEffect, fetch},
		{"a ready rule, FETCH", decision, byRule, fetch},
	}
	const turn = 10
	times := make([][]time.Duration, len(cases))
	evals := make([]func(ast.Value) (ast.Value, error), len(cases))
	inputs := make([]ast.Value, len(cases))
	for i, c := range cases {
		evals[i] = query(b, c.query, compile(b, c.policy))
		inputs[i] = value(b, c.input)
	}
	for b.Loop() {
		for i, eval := range evals {
			start := time.Now()
			for range turn {
				if v, err := eval(inputs[i]); v == nil || err != nil {
					b.Fatal(v, err)
				}
			}
			times[i] = append(times[i], time.Since(start)/turn)
		}
	}
	fast := func(i int) float64 {
		slices.Sort(times[i])
		return float64(times[i][len(times[i])/20])
	}
	for i, c := range cases {
		b.Logf("%-32s %6.1f µs, %.2f x bare lookup, %.2f x one row", c.name, fast(i)/1e3, fast(i)/fast(0), fast(i)/fast(1))
	}
	for _, r := range []struct {
		name string
		of   float64
	}{
		{"default/lookup", fast(3) / fast(0)},
		{"effects/one-row", fast(6) / fast(1)},
	} {
		b.ReportMetric(r.of, r.name)
		if b.N >= 100 && r.of > 3 {
			b.Errorf("%s is %.2f, the bar is 3", r.name, r.of)
		}
	}
}
