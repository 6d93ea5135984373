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

// costs are the times of decisions, measured side by side in one run, in turns, so that what else the machine does is shared.
type costs struct {
	names []string
	times [][]time.Duration
	evals []func(ast.Value) (ast.Value, error)
	in    []ast.Value
}

// What is compared, by its place in costs.
const (
	bareLookup = iota
	oneRowFetch
	defaultNoop
	defaultFetch
	usualFetch
	effectsNoop
	effectsFetch
	readyFetch
)

func newCosts(tb testing.TB) *costs {
	const decision = "data.imap.main.decision"
	c := new(costs)
	for _, each := range []struct{ name, query, policy, input string }{
		bareLookup:   {"bare lookup", "data.imap.defaults.verdict", "", fetch},
		oneRowFetch:  {"one row, FETCH", decision, oneRow, fetch},
		defaultNoop:  {"default policy, NOOP", decision, "", noop},
		defaultFetch: {"default policy, FETCH", decision, "", fetch},
		usualFetch:   {"rows before the default, FETCH", decision, withUsual, fetch},
		effectsNoop:  {"by effect, NOOP", decision, byEffect, noop},
		effectsFetch: {"by effect, FETCH", decision, byEffect, fetch},
		readyFetch:   {"a ready rule, FETCH", decision, byRule, fetch},
	} {
		c.names = append(c.names, each.name)
		c.evals = append(c.evals, query(tb, each.query, compile(tb, each.policy)))
		c.in = append(c.in, value(tb, each.input))
	}
	c.times = make([][]time.Duration, len(c.names))
	return c
}

// measure has each of them decide a few times.
func (c *costs) measure(tb testing.TB) {
	const turn = 10
	for i, eval := range c.evals {
		start := time.Now()
		for range turn {
			if v, err := eval(c.in[i]); v == nil || err != nil {
				tb.Fatal(v, err)
			}
		}
		c.times[i] = append(c.times[i], time.Since(start)/turn)
	}
}

// fast is the time of a fast turn, the fifth percentile.
func (c *costs) fast(i int) float64 {
	slices.Sort(c.times[i])
	return float64(c.times[i][len(c.times[i])/20])
}

// bars are ratios that must not be above 3.
func (c *costs) bars() map[string]float64 {
	return map[string]float64{
		"default/lookup":  c.fast(defaultFetch) / c.fast(bareLookup),
		"effects/one-row": c.fast(effectsFetch) / c.fast(oneRowFetch),
	}
}

// log tells each policy's time, and its ratio to a bare lookup in a table and to the shortest policy.
func (c *costs) log(tb testing.TB) {
	for i, name := range c.names {
		tb.Logf("%-32s %6.1f µs, %.2f x bare lookup, %.2f x one row",
			name, c.fast(i)/1e3, c.fast(i)/c.fast(bareLookup), c.fast(i)/c.fast(oneRowFetch))
	}
}

// BenchmarkDecision measures what decisions cost.
func BenchmarkDecision(b *testing.B) {
	c := newCosts(b)
	for b.Loop() {
		c.measure(b)
	}
	c.log(b)
	for name, ratio := range c.bars() {
		b.ReportMetric(ratio, name)
	}
}

// The bars on what a decision costs hold: deciding by the default policy, or by effect, takes at most three times as long as a
// policy of one line, or a bare lookup.
func TestRatios(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("measures for a second, and means nothing under the race detector")
	}
	c := newCosts(t)
	for range 400 {
		c.measure(t)
	}
	c.log(t)
	for name, ratio := range c.bars() {
		t.Logf("%s is %.2f", name, ratio)
		if ratio > 3 {
			t.Errorf("%s is %.2f, the bar is 3", name, ratio)
		}
	}
}
