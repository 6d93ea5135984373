package decider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// candidate is rules with another text for DELETE, a fault of its own for NOOP and no end for EXPUNGE.
const candidate = `package imap.policy

request["DELETE"] := ["IMAP_REQ_REJECT", "ask first"]
request["NOOP"] := 1 if input.kind
request["EXPUNGE"] := "IMAP_REQ_DROP" if {
	input.kind == "command"
	count([x | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x == y + 1]) > 0
}
request["CHECK"] := "IMAP_REQ_REJECT"
`

// shadowRecord is what the tests look at in a record.
type shadowRecord struct {
	DecisionID string `json:"decision_id"`
	Input      struct{ Command struct{ Name string } }
	Result     struct{ Verdict, Text string }
	Custom     struct {
		Shadow struct {
			Revision, Missing string
			Result            struct{ Outcome, Verdict, Text string }
			Error             struct{ Kind string }
			Differs           bool
			TookNS            int64 `json:"took_ns"`
		}
	}
}

func shadowRecords(t *testing.T, name string) (rs []shadowRecord) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var r shadowRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return rs
}

// withShadow writes records to name and has a candidate beside.
func withShadow(t *testing.T, name, policy string) func(*decider.Config) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.rego"), []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	return func(c *decider.Config) {
		c.Shadow.Policy = dir
		c.DecisionLog.File = &decider.File{Path: name}
	}
}

// The policy in force is obeyed; the record has what the candidate decided, and the metrics count where they differ.
func TestShadow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "d.json")
	admin, get := withAdmin(t)
	shadow := withShadow(t, name, candidate)
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) {
		admin(c)
		shadow(c)
	})
	for command, want := range map[string]deciderv1.ImapReq{
		"DELETE": deciderv1.ImapReq_IMAP_REQ_REJECT, "NOOP": deciderv1.ImapReq_IMAP_REQ_ACCEPT, "CHECK": deciderv1.ImapReq_IMAP_REQ_REJECT,
	} {
		if d, err := r.ask(t.Context(), command); err != nil || d.GetRequest() != want || string(d.GetText()) == "ask first" {
			t.Errorf("%s: decision %v, error %v", command, d, err)
		}
	}
	for _, want := range []string{
		`gatepost_decider_shadow_decisions_total{command="DELETE",result="different"} 1`,
		`gatepost_decider_shadow_decisions_total{command="NOOP",result="error"} 1`,
	} {
		eventually(t, want, func() bool {
			_, page := get("/metrics")
			return strings.Contains(page, want)
		})
	}
	r.stop()
	for _, rec := range shadowRecords(t, name) {
		s := rec.Custom.Shadow
		if s.Revision == "" || s.Revision == r.Revision() || s.TookNS <= 0 || s.Missing != "" {
			t.Errorf("record %+v", rec)
		}
		switch rec.Input.Command.Name {
		case "DELETE":
			if rec.Result.Text != "folders here are permanent" || s.Result.Text != "ask first" || !s.Differs {
				t.Errorf("record %+v", rec)
			}
		case "NOOP":
			if rec.Result.Verdict != "IMAP_REQ_ACCEPT" || s.Result.Outcome != "error" || s.Error.Kind != "row" || !s.Differs {
				t.Errorf("record %+v", rec)
			}
		case "CHECK":
			// Denied by no row in one, by a row in the other; their rows for responses differ too.
			if s.Result.Verdict != "IMAP_REQ_REJECT" {
				t.Errorf("record %+v", rec)
			}
		}
	}
}

// A candidate that takes all the time it gets holds up no decision, loses no record, and is missing in those it is late for.
func TestShadowSlow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "d.json")
	shadow := withShadow(t, name, candidate)
	r := run(t, "-- p.rego --\npackage imap.policy\nrequest[\"EXPUNGE\"] := \"IMAP_REQ_ACCEPT\"\n", func(c *decider.Config, _ *decider.Options) {
		shadow(c)
		c.Evaluation.Deadline = 3 * time.Second
	})
	const count = 400 // more than may wait for the candidate
	var took []time.Duration
	for range count {
		begin := time.Now()
		if d, err := r.ask(t.Context(), "EXPUNGE"); err != nil || d.GetRequest() != deciderv1.ImapReq_IMAP_REQ_ACCEPT {
			t.Fatalf("decision %v, error %v", d, err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	if took[count/2] > time.Second {
		t.Errorf("half of the decisions took %v and longer", took[count/2])
	}
	r.stop()
	rs := shadowRecords(t, name)
	missing := map[string]int{}
	for _, rec := range rs {
		missing[rec.Custom.Shadow.Missing]++
	}
	if len(rs) != count || missing["late"]+missing["engine: overloaded"] < count/2 {
		t.Errorf("%d records, missing %v", len(rs), missing)
	}
}

// A candidate that does not load changes nothing but the log; one that is mended later on is taken.
func TestShadowBad(t *testing.T) {
	name := filepath.Join(t.TempDir(), "d.json")
	shadow := withShadow(t, name, "package imap.policy\nrequest[")
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) { shadow(c) })
	if d, err := r.ask(t.Context(), "NOOP"); err != nil || d.GetRequest() != deciderv1.ImapReq_IMAP_REQ_ACCEPT {
		t.Errorf("decision %v, error %v", d, err)
	}
	if !strings.Contains(r.log.String(), `"msg":"candidate not loaded"`) {
		t.Errorf("the log has nothing: %s", r.log)
	}

	dir := ""
	name = filepath.Join(t.TempDir(), "d.json")
	shadow = withShadow(t, name, candidate)
	r = run(t, rules, func(c *decider.Config, _ *decider.Options) {
		shadow(c)
		dir = c.Shadow.Policy
	})
	put := func(policy string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "p.rego"), []byte(policy), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("package imap.policy\nrequest[")
	if err := r.Reload(t.Context()); err != nil {
		t.Errorf("the policy in force: %v", err)
	}
	if !strings.Contains(r.log.String(), `"msg":"candidate not loaded"`) {
		t.Error("the log has no refused candidate")
	}
	if _, err := r.ask(t.Context(), "DELETE"); err != nil {
		t.Error(err)
	}
	put(strings.ReplaceAll(candidate, "ask first", "ask twice"))
	if err := r.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := r.ask(t.Context(), "DELETE"); err != nil {
		t.Error(err)
	}
	r.stop()
	var texts []string
	for _, rec := range shadowRecords(t, name) {
		texts = append(texts, rec.Custom.Shadow.Result.Text)
	}
	if strings.Join(texts, ", ") != "ask first, ask twice" {
		t.Errorf("candidates said %q", texts)
	}
}
