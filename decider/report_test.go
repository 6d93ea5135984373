package decider_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// logService is a decision log service, and what it was sent.
type logService struct {
	*httptest.Server
	mu     sync.Mutex
	events []loggedEvent
	text   strings.Builder
}

type loggedEvent struct {
	ID        string                               `json:"decision_id"`
	TraceID   string                               `json:"trace_id"`
	Bundles   map[string]struct{ Revision string } `json:"bundles"`
	Input     json.RawMessage                      `json:"input"`
	Result    map[string]any                       `json:"result"`
	Timestamp time.Time                            `json:"timestamp"`
	Metrics   map[string]any                       `json:"metrics"`
	Custom    struct {
		Ask   uint64
		Reuse *struct {
			Of          string
			Count       uint64
			First, Last time.Time
		}
	} `json:"custom"`
}

// withLogService has the decider's records sent to a service.
func withLogService(t *testing.T) (*logService, func(*decider.Config, *decider.Options)) {
	s := new(logService)
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		var all []json.RawMessage
		if err := json.NewDecoder(z).Decode(&all); err != nil {
			t.Error(err)
		}
		for _, text := range all {
			var e loggedEvent
			if err := json.Unmarshal(text, &e); err != nil {
				t.Error(err)
			}
			s.events = append(s.events, e)
			s.text.Write(text)
		}
	}))
	t.Cleanup(s.Close)
	conf := filepath.Join(t.TempDir(), "opa.yaml")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "services: {log: {url: '%s'}}\ndecision_logs: {service: log}\n", s.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, func(c *decider.Config, _ *decider.Options) { c.OPAConfig = conf }
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// reuseOf is one reuse of a decision, on a question of another session.
func reuseOf(t *testing.T, d *deciderv1.Decision, name string) *deciderv1.Reused {
	t.Helper()
	q := question(name)
	q.Session.Id, q.Ask, q.Traceparent = "s2", 7, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	q.GetCommand().Args = []*deciderv1.Argument{{Value: &deciderv1.Argument_Secret{Secret: new(deciderv1.Secret)}}}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC).UnixMicro()
	return &deciderv1.Reused{Id: newID(t), Decision: proto.CloneOf(d), Question: q, Count: 1, FirstUnixUs: at, LastUnixUs: at}
}

// A reuse is recorded as a decision is, under an id of its own, with the decision it repeats, its number and times; by the policy that
// decided, also when another is in force by then. A report that is sent twice has the same ids.
func TestReportReuse(t *testing.T) {
	service, sends := withLogService(t)
	r := run(t, reused, sends)
	d := r.settled(t, "DELETE")
	one, many := reuseOf(t, d, "DELETE"), reuseOf(t, d, "DELETE")
	many.Decision.Reuse.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE
	many.Count, many.LastUnixUs = 41, many.FirstUnixUs+2_000_000
	elsewhere := reuseOf(t, d, "DELETE")
	elsewhere.Decision.Revision = "by-another-replica"

	r.write(t, "-- q.rego --\npackage imap.policy\nreason := \"later\"\n")
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	report := &deciderv1.ReportReuseRequest{Reused: []*deciderv1.Reused{one, many, elsewhere}}
	for range 2 {
		if _, err := r.client.ReportReuse(t.Context(), report); err != nil {
			t.Fatal(err)
		}
	}
	r.stop()

	times := map[string]int{}
	for _, e := range service.events {
		if times[e.ID]++; e.Custom.Reuse == nil || times[e.ID] > 1 {
			continue
		}
		want := map[string]*deciderv1.Reused{one.Id: one, many.Id: many, elsewhere.Id: elsewhere}[e.ID]
		if want == nil {
			t.Errorf("record %+v", e)
			continue
		}
		u := e.Custom.Reuse
		if u.Of != d.GetId() || u.Count != want.Count || u.First.UnixMicro() != want.FirstUnixUs || u.Last.UnixMicro() != want.LastUnixUs ||
			!e.Timestamp.Equal(u.First) || e.Metrics != nil || e.Custom.Ask != 7 || e.TraceID != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("record %+v of %v", e, want)
		}
		if e.Result["verdict"] != "IMAP_REQ_ACCEPT" || e.Result["row"] != `request["DELETE"]` || e.Result["reason"] != nil {
			t.Errorf("result %v", e.Result)
		}
		if e.Bundles["policy"].Revision != want.Decision.Revision {
			t.Errorf("bundles %v, decided by %s", e.Bundles, want.Decision.Revision)
		}
		if text := string(e.Input); !strings.Contains(text, `"id":"s2"`) || !strings.Contains(text, `SECRET`) || !strings.Contains(text, `"name":"DELETE"`) {
			t.Errorf("input %s", text)
		}
	}
	for _, id := range []string{one.Id, many.Id, elsewhere.Id} {
		if times[id] != 2 {
			t.Errorf("%s has %d records, want 2", id, times[id])
		}
	}
}

// A report that breaks the contract is refused, the field is named, and nothing of it is recorded.
func TestReportRefused(t *testing.T) {
	service, sends := withLogService(t)
	r := run(t, reused, func(c *decider.Config, o *decider.Options) {
		sends(c, o)
		c.Server.ReportReuses = 3
	})
	d := r.settled(t, "NOOP")
	for field, breaks := range map[string]func(*deciderv1.Reused){
		"id":                              func(r *deciderv1.Reused) { r.Id = "" },
		"id: must be a UUID of version 7": func(r *deciderv1.Reused) { r.Id = uuid.NewString() },
		"decision":                        func(r *deciderv1.Reused) { r.Decision = nil },
		"decision.id":                     func(r *deciderv1.Reused) { r.Decision.Id = "" },
		"decision.outcome":                func(r *deciderv1.Reused) { r.Decision.Outcome = deciderv1.Outcome_OUTCOME_ERROR },
		"decision.reuse":                  func(r *deciderv1.Reused) { r.Decision.Reuse = nil },
		"question":                        func(r *deciderv1.Reused) { r.Question = nil },
		"question.session.id":             func(r *deciderv1.Reused) { r.Question.Session.Id = "" },
		"count":                           func(r *deciderv1.Reused) { r.Count = 0 },
		"count: must be 1": func(r *deciderv1.Reused) {
			r.Count = 2
			r.Decision.Reuse.Audit = deciderv1.ReuseAudit_REUSE_AUDIT_EACH
		},
		"first_unix_us":                       func(r *deciderv1.Reused) { r.FirstUnixUs = 0 },
		"last_unix_us":                        func(r *deciderv1.Reused) { r.LastUnixUs = r.FirstUnixUs - 1 },
		"last_unix_us: must be first_unix_us": func(r *deciderv1.Reused) { r.LastUnixUs = r.FirstUnixUs + 1 },
	} {
		bad := reuseOf(t, d, "NOOP")
		breaks(bad)
		_, err := r.client.ReportReuse(t.Context(), &deciderv1.ReportReuseRequest{Reused: []*deciderv1.Reused{reuseOf(t, d, "NOOP"), bad}})
		if status.Code(err) != codes.InvalidArgument || !strings.Contains(status.Convert(err).Message(), "reused[1]."+field) {
			t.Errorf("%s: error %v", field, err)
		}
	}
	for n, want := range map[int]string{0: "reused: must not be empty", 4: "reused: must not have more than 3, and has 4"} {
		report := new(deciderv1.ReportReuseRequest)
		for range n {
			report.Reused = append(report.Reused, reuseOf(t, d, "NOOP"))
		}
		if _, err := r.client.ReportReuse(t.Context(), report); status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: error %v", n, err)
		}
	}
	r.stop()
	if strings.Contains(service.text.String(), `"reuse"`) {
		t.Errorf("records %s", service.text.String())
	}
}

// A report waits for room in the queue until its deadline, and is then refused: sent again, with the same ids, all of it is recorded.
func TestReportWaits(t *testing.T) {
	console := &stuck{free: make(chan struct{})}
	r := run(t, reused, func(c *decider.Config, o *decider.Options) {
		c.DecisionLog.Console, o.Console = true, console
		c.Audit.Queue, c.Server.QuestionTimeout = 2, 200*time.Millisecond
	})
	// The report that is refused may have been recorded in part.
	d := &deciderv1.Decision{Id: newID(t), Outcome: deciderv1.Outcome_OUTCOME_POLICY, Reuse: new(deciderv1.Reuse),
		Verdict: &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}}
	report := new(deciderv1.ReportReuseRequest)
	for range 100 {
		report.Reused = append(report.Reused, reuseOf(t, d, "NOOP"))
	}
	if _, err := r.client.ReportReuse(t.Context(), report); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("error %v", err)
	}
	close(console.free)
	eventually(t, "a report is taken", func() bool {
		_, err := r.client.ReportReuse(t.Context(), report)
		return err == nil
	})
	r.stop()
	for _, u := range report.Reused {
		if !strings.Contains(console.String(), u.Id) {
			t.Errorf("%s is not recorded", u.Id)
		}
	}
}

// stuck is a console that takes nothing until it is freed.
type stuck struct {
	buffer
	free chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.free
	return s.buffer.Write(p)
}

// Reported reuses are decided anew and compared: one that is another decision is counted, and told in the log; one of a policy that is
// not in force any more cannot be compared.
func TestVerify(t *testing.T) {
	admin, get := withAdmin(t)
	r := run(t, reused, func(c *decider.Config, _ *decider.Options) {
		admin(c)
		c.Reuse.Verify = 1
	})
	d := r.settled(t, "DELETE")
	right, wrong, past := reuseOf(t, d, "DELETE"), reuseOf(t, d, "DELETE"), reuseOf(t, d, "DELETE")
	for _, u := range []*deciderv1.Reused{right, past} {
		u.Question.Session.User = "anna"
	}
	wrong.Question.Session.User = "ben" // the key would have had to tell the two apart
	past.Decision.Revision = "another"
	report := &deciderv1.ReportReuseRequest{Reused: []*deciderv1.Reused{right, wrong, past}}
	if _, err := r.client.ReportReuse(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	eventually(t, "reuses are compared", func() bool {
		_, page := get("/metrics")
		return strings.Contains(page, `gatepost_decider_reuses_verified_total{result="same"} 1`) &&
			strings.Contains(page, `gatepost_decider_reuses_verified_total{result="different"} 1`) &&
			strings.Contains(page, `gatepost_decider_reuses_verified_total{result="missing"} 0`)
	})
	if text := r.log.String(); !strings.Contains(text, wrong.Id) || strings.Contains(text, right.Id) {
		t.Errorf("the log is\n%s", text)
	}
}
