package decider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const reused = `
-- p.rego --
package imap.policy
import data.imap.defaults
request["NOOP"] := "IMAP_REQ_ACCEPT"
request["DELETE"] := "IMAP_REQ_ACCEPT" if input.session.user == "anna"
request["SELECT"] := ["IMAP_REQ_POLICY", "own"]
request["CHECK"] := "IMAP_REQ_ACCEPT" if time.now_ns() > 0
request["ID"] := "IMAP_REQ_ACCEPT" if walk(input, [_, "anna"])
request["FAIL"] := "ACCEPT" if input.session.id
request["*"] := "IMAP_REQ_REJECT"
lease := 0.25 if input.command.name == "NOOP"
lease := 3600 if input.command.name == "DELETE"
no_store if input.command.name == "STATUS"
default functions["own"] := "IMAP_REQ_REJECT"
functions["own"] := "IMAP_REQ_ACCEPT" if input.command.mailbox == input.session.user
response := defaults.response
capability := defaults.capability
`

// settled asks until the decision says if it may be reused: what it depends on is derived behind the first answer.
func (r *running) settled(t *testing.T, name string) (d *deciderv1.Decision) {
	t.Helper()
	eventually(t, "dependencies of "+name, func() bool {
		var err error
		if d, err = r.ask(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		return d.GetReuse() != nil || d.GetNoReuse() != 0
	})
	return d
}

// A decision says what it depends on and for how long it may be reused, or why it may not be.
func TestReuse(t *testing.T) {
	admin, get := withAdmin(t)
	r := run(t, reused, func(c *decider.Config, _ *decider.Options) {
		admin(c)
		c.Reuse.Lease = 1500 * time.Millisecond
	})
	const (
		user    = deciderv1.InputField_INPUT_FIELD_SESSION_USER
		mailbox = deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOX
		// A command of which not all is known may have any effect, and is recorded one by one.
		known = deciderv1.InputField_INPUT_FIELD_COMMAND_KNOWN
	)
	for _, tc := range []struct {
		command string
		fields  []deciderv1.InputField
		leaseMs uint32
		no      deciderv1.NoReuse
	}{
		// The policy may say less than the configuration, not more.
		{"NOOP", []deciderv1.InputField{known}, 250, 0},
		{"DELETE", []deciderv1.InputField{user}, 1500, 0},
		{"SELECT", []deciderv1.InputField{user, known, mailbox}, 1500, 0},
		{"CHECK", nil, 0, deciderv1.NoReuse_NO_REUSE_NONDETERMINISTIC},
		{"ID", nil, 0, deciderv1.NoReuse_NO_REUSE_INPUT},
		{"FAIL", nil, 0, deciderv1.NoReuse_NO_REUSE_ERROR},
		{"STATUS", nil, 0, deciderv1.NoReuse_NO_REUSE_NO_STORE},
	} {
		d := r.settled(t, tc.command)
		if d.GetNoReuse() != tc.no || tc.no == 0 && (d.GetReuse().GetLeaseMs() != tc.leaseMs || !slices.Equal(d.GetReuse().GetFields(), tc.fields)) {
			t.Errorf("%s: %v %v", tc.command, d.GetReuse(), d.GetNoReuse())
		}
	}
	_, page := get("/metrics")
	for _, want := range []string{
		`gatepost_decider_derivation_seconds_count 5`,
		`gatepost_decider_reusable_decisions_total{reuse="yes"} 3`,
		`gatepost_decider_reusable_decisions_total{reuse="nondeterministic"} 1`,
		`gatepost_decider_reusable_decisions_total{reuse="no_store"} 1`,
		`gatepost_decider_reusable_decisions_total{reuse="pending"} `,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

// Where the configuration has reuse off no decision may be reused; nor where a candidate is to be compared on every question.
func TestReuseOff(t *testing.T) {
	for name, change := range map[string]func(*decider.Config){
		"off":       func(c *decider.Config) { c.Reuse.Enabled = false },
		"candidate": func(c *decider.Config) { c.Shadow.Policy = c.Policy },
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, reused, func(c *decider.Config, _ *decider.Options) { change(c) })
			for range 3 {
				if d := r.settled(t, "DELETE"); d.GetReuse() != nil || d.GetNoReuse() != deciderv1.NoReuse_NO_REUSE_OFF {
					t.Errorf("%v %v", d.GetReuse(), d.GetNoReuse())
				}
			}
		})
	}
}

// Reuses are recorded one by one for what reads content or changes anything, and together for the rest. Where that depends on the
// question, so does what may share a decision.
func TestReuseAudit(t *testing.T) {
	r := run(t, "", func(c *decider.Config, _ *decider.Options) { c.Policy = "" })
	const (
		each      = deciderv1.ReuseAudit_REUSE_AUDIT_EACH
		aggregate = deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
	)
	for name, want := range map[string]deciderv1.ReuseAudit{
		"NOOP": aggregate, "LIST": aggregate, "SELECT": aggregate, "DELETE": each, "UID STORE": each, "LOGIN": each, "XFOO": each,
	} {
		if d := r.settled(t, name); d.GetReuse().GetAudit() != want {
			t.Errorf("%s: %v", name, d.GetReuse())
		}
	}
	r.settled(t, "UID FETCH")
	for item, want := range map[string]deciderv1.ReuseAudit{"FLAGS": aggregate, "BODY.PEEK[]": each} {
		q := question("UID FETCH")
		q.GetCommand().Items = []string{item}
		resp, err := r.client.Decide(t.Context(), &deciderv1.DecideRequest{Question: q})
		if u := resp.GetDecision().GetReuse(); err != nil || u.GetAudit() != want ||
			!slices.Contains(u.GetFields(), deciderv1.InputField_INPUT_FIELD_COMMAND_ITEMS) {
			t.Errorf("%s: %v, error %v", item, u, err)
		}
	}
}

// By the default policy a decision on APPEND depends on what the message is made of, and not on its arguments. Where a dataplane is too
// old to tell, the arguments do; it has no key by the field, and so asks each time.
func TestReuseOfAppend(t *testing.T) {
	r := run(t, "", func(c *decider.Config, _ *decider.Options) { c.Policy = "" })
	text := func(s string) *deciderv1.Argument {
		return &deciderv1.Argument{Value: &deciderv1.Argument_Text{Text: []byte(s)}}
	}
	want := []deciderv1.InputField{deciderv1.InputField_INPUT_FIELD_COMMAND_KNOWN, deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA}
	for _, name := range []string{"APPEND", "REPLACE", "UID REPLACE"} {
		r.settled(t, name)
		for _, tc := range []struct {
			note    string
			data    []string
			args    []*deciderv1.Argument
			literal *deciderv1.Literal
			want    deciderv1.ImapReq
		}{
			{"a literal", []string{"LITERAL"}, nil, &deciderv1.Literal{Size: 1}, deciderv1.ImapReq_IMAP_REQ_ACCEPT},
			{"parts", []string{"CATENATE"}, nil, nil, deciderv1.ImapReq_IMAP_REQ_REJECT},
			{"a literal, of an older dataplane", nil, []*deciderv1.Argument{text("x")}, &deciderv1.Literal{Size: 1}, deciderv1.ImapReq_IMAP_REQ_ACCEPT},
			{"parts, of an older dataplane", nil, []*deciderv1.Argument{text("x"), text("catenate")}, nil, deciderv1.ImapReq_IMAP_REQ_REJECT},
			{"a message and parts, of an older dataplane", nil, []*deciderv1.Argument{text("x"), text("CATENATE")}, &deciderv1.Literal{Size: 1},
				deciderv1.ImapReq_IMAP_REQ_REJECT},
			{"nothing is told", nil, nil, nil, deciderv1.ImapReq_IMAP_REQ_REJECT},
		} {
			q := question(name)
			q.GetCommand().AppendData, q.GetCommand().Args, q.GetCommand().Literal = tc.data, tc.args, tc.literal
			resp, err := r.client.Decide(t.Context(), &deciderv1.DecideRequest{Question: q})
			d := resp.GetDecision()
			if err != nil || d.GetRequest() != tc.want || !slices.Equal(d.GetReuse().GetFields(), want) {
				t.Errorf("%s of %s: %v %q %v, error %v", name, tc.note, d.GetRequest(), d.GetText(), d.GetReuse(), err)
			}
		}
	}
}
