package e2e

import (
	"context"
	"encoding/hex"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const tracedPolicy = `package imap.policy

import data.imap.defaults

request[name] := row if {
	some name, row in defaults.request
	not name in {"DELETE", "CHECK"}
}

request["DELETE"] := ["IMAP_REQ_REJECT", "not here"]

request["CHECK"] := 1 if input.kind

response := defaults.response

capability := defaults.capability
`

// traced runs both programs in front of Dovecot, with all spans sent to c, over gRPC and over HTTP; stop ends them, and gives the records.
func traced(t *testing.T, c *collector, ratio float64) (addr string, stop func() []*tracedRecord) {
	t.Helper()
	dir := shortDir(t)
	must(t, os.WriteFile(filepath.Join(dir, "policy.rego"), []byte(tracedPolicy), 0o600))
	conf := decider.DefaultConfig()
	conf.Listen, conf.Policy = []string{"unix:" + dir + "/d.sock"}, dir
	conf.DecisionLog.File = &decider.File{Path: dir + "/d.json"}
	conf.Evaluation.Deadline, conf.Shutdown.Wait = patience, 0
	conf.Tracing.Protocol, conf.Tracing.Endpoint, conf.Tracing.SampleRatio = "http/protobuf", c.http, &ratio
	log := slog.New(slog.DiscardHandler)
	d, err := decider.New(t.Context(), conf, decider.Options{Log: log})
	must(t, err)
	listeners, err := decider.Listen(conf)
	must(t, err)

	pc := dataplane.DefaultConfig()
	pc.Listeners = []dataplane.Listener{{Name: "imap", Address: "127.0.0.1:0"}}
	pc.Upstream = dataplane.Upstream{Address: dovecot(t).clear, TLS: dataplane.ClientTLS{Mode: tlsOff}}
	pc.Decider.Address, pc.Decider.Deadline = conf.Listen[0], patience
	pc.Tracing.Protocol, pc.Tracing.Endpoint, pc.Tracing.SampleRatio, pc.Tracing.ServiceName = "grpc", c.grpc, &ratio, "edge"
	p, err := dataplane.New(pc, dataplane.Options{Log: log})
	must(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	pctx, pcancel := context.WithCancel(context.Background())
	served := make(chan error, 2)
	go func() { served <- d.Serve(ctx, listeners...) }()
	go func() { served <- p.Serve(pctx) }()
	return p.Addr("imap").String(), func() []*tracedRecord {
		for _, end := range []func(){pcancel, cancel} { // the dataplane first
			end()
			if err := <-served; err != nil {
				t.Error(err)
			}
		}
		return decode[tracedRecord](t, dir+"/d.json")
	}
}

type tracedRecord struct {
	TraceID string `json:"trace_id"`
	SpanID  string `json:"span_id"`
	Input   struct{ Kind string }
}

func tracedDialogue(t *testing.T, addr string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	must(t, err)
	c := newTerminal(t, conn)
	c.login(newUser())
	c.ok("a1 SELECT INBOX")
	if answer := c.do("a2 DELETE x"); !strings.HasPrefix(answer, "NO ") {
		t.Error(answer)
	}
	c.ok("a3 NOOP")
	c.send("a4 CHECK\r\n")
	c.end()
}

// A command is a trace across both programs: from the client's command by the question and its evaluation to the server's tagged answer.
func TestTraces(t *testing.T) {
	c := newCollector(t)
	addr, stop := traced(t, c, 1)
	tracedDialogue(t, addr)
	records := stop()

	sessions := c.named("session")
	if len(sessions) != 1 || sessions[0].service != "edge" || len(sessions[0].ParentSpanId) != 0 {
		t.Fatalf("sessions: %v", sessions)
	}
	decided := map[string]bool{}
	// question follows a question from the span that asks it, and returns what the decider says of it.
	question := func(parent span) (decide, evaluate span) {
		t.Helper()
		ask := c.below(t, parent)["ask"]
		if ask.Span == nil || ask.Kind != tracev1.Span_SPAN_KIND_CLIENT || ask.service != "edge" || ask.is()["rpc.system.name"] != "grpc" {
			t.Fatalf("%s asks %v", parent.Name, ask)
		}
		decide = c.below(t, ask)["decide"]
		if decide.Span == nil || decide.Kind != tracev1.Span_SPAN_KIND_SERVER || decide.service != "gatepost-decider" {
			t.Fatalf("%s: the decider decides %v", parent.Name, decide)
		}
		evaluate = c.below(t, decide)["evaluate"]
		if evaluate.Span == nil || evaluate.EndTimeUnixNano > decide.EndTimeUnixNano {
			t.Fatalf("%s: the decider evaluates %v", parent.Name, evaluate)
		}
		decided[hex.EncodeToString(decide.TraceId)+" "+hex.EncodeToString(decide.SpanId)] = true
		return decide, evaluate
	}
	question(sessions[0]) // the greeting

	for name, want := range map[string]struct {
		upstream, failed bool
		verdict, status  string
	}{
		"LOGIN":  {upstream: true, verdict: "IMAP_REQ_ACCEPT", status: "OK"},
		"SELECT": {upstream: true, verdict: "IMAP_REQ_ACCEPT", status: "OK"},
		"DELETE": {verdict: "IMAP_REQ_REJECT"},
		"NOOP":   {upstream: true, verdict: "IMAP_REQ_ACCEPT", status: "OK"},
		"CHECK":  {failed: true},
	} {
		spans := c.named(name)
		if len(spans) != 1 || len(spans[0].ParentSpanId) != 0 || spans[0].Kind != tracev1.Span_SPAN_KIND_SERVER ||
			len(spans[0].Links) != 1 || string(spans[0].Links[0].SpanId) != string(sessions[0].SpanId) {
			t.Fatalf("%s: %v", name, spans)
		}
		command := spans[0]
		if name == "LOGIN" { // its OK has a list of capabilities, which is another question about it
			asks := 0
			for _, s := range c.named("ask") {
				if string(s.ParentSpanId) == string(command.SpanId) {
					asks++
				}
			}
			if asks == 0 {
				t.Error("LOGIN asks nothing")
			}
			continue
		}
		decide, evaluate := question(command)
		for what, got := range map[string][2]string{
			"verdict": {command.is()["gatepost.verdict"], want.verdict}, "the decider's verdict": {decide.is()["gatepost.verdict"], want.verdict},
			"status": {command.is()["gatepost.status"], want.status}, "decision": {command.is()["gatepost.decision.id"], decide.is()["gatepost.decision.id"]},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: %s %q, want %q", name, what, got[0], got[1])
			}
		}
		for _, s := range []span{command, decide, evaluate} {
			failed := s.Status.GetCode() == tracev1.Status_STATUS_CODE_ERROR
			if failed != want.failed || failed && !strings.Contains(s.Status.Message, "policy error: row") {
				t.Errorf("%s: the status of %s is %v", name, s.Name, s.Status)
			}
		}
		upstream := c.below(t, command)["upstream "+name]
		if (upstream.Span != nil) != want.upstream {
			t.Errorf("%s: the server is asked: %v", name, upstream)
		}
		if want.upstream && (upstream.StartTimeUnixNano < decide.EndTimeUnixNano || upstream.EndTimeUnixNano > command.EndTimeUnixNano) {
			t.Errorf("%s: the server is asked before the decision, or answers behind the command's end", name)
		}
	}

	// Each record names its question's span.
	spans := map[string]bool{}
	for _, s := range c.named("decide") {
		spans[hex.EncodeToString(s.TraceId)+" "+hex.EncodeToString(s.SpanId)] = true
	}
	recorded := map[string]bool{}
	for _, r := range records {
		recorded[r.TraceID+" "+r.SpanID] = true
	}
	if !maps.Equal(spans, recorded) || len(records) != len(spans) || len(spans) < 6 {
		t.Errorf("the spans of questions are %v, the records name %v", slices.Sorted(maps.Keys(spans)), slices.Sorted(maps.Keys(recorded)))
	}
	for s := range decided {
		if !recorded[s] {
			t.Errorf("no record names %s", s)
		}
	}
	keepsSecret(t, "a span", c.raw)
}

// A question that is put again says so in the decider's span too, below that of whoever asks. What a candidate decides has a span of its own
// there, also where it fails.
func TestTracesOfTheDecider(t *testing.T) {
	c := newCollector(t)
	active, candidate := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(filepath.Join(active, "policy.rego"), []byte("package imap.policy\n\nrequest[\"*\"] := \"IMAP_REQ_ACCEPT\"\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(candidate, "policy.rego"), []byte(`package imap.policy

request["DELETE"] := "IMAP_REQ_REJECT"

request["CHECK"] := 1 if input.kind

request["*"] := "IMAP_REQ_ACCEPT"
`), 0o600))
	conf := decider.DefaultConfig()
	conf.Policy, conf.Shadow.Policy, conf.Evaluation.Deadline, conf.Shutdown.Wait = active, candidate, patience, 0
	conf.Tracing.Protocol, conf.Tracing.Endpoint = "grpc", c.grpc
	d, err := decider.New(t.Context(), conf, decider.Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	const trace, asker = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	wants := map[string]struct{ verdict, differs, failed string }{
		"NOOP": {"IMAP_REQ_ACCEPT", "false", ""}, "DELETE": {"IMAP_REQ_REJECT", "true", ""}, "CHECK": {"", "true", "policy error: row"},
	}
	for command := range wants {
		_, err := d.Decide(t.Context(), &deciderv1.Question{
			Session: &deciderv1.Session{Id: "s1"}, ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED, ImapStateNew: deciderv1.ImapState_IMAP_STATE_SELECTED,
			Ask: 7, Attempt: 2, Traceparent: "00-" + trace + "-" + asker + "-01",
			Event: &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a"), Name: command, Known: true}},
		})
		must(t, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	must(t, d.Serve(ended))

	decides := c.named("decide")
	if len(decides) != len(wants) {
		t.Fatalf("%d questions have spans", len(decides))
	}
	for _, s := range decides {
		is := s.is()
		if is["gatepost.attempt"] != "2" || is["gatepost.ask"] != "7" || hex.EncodeToString(s.TraceId) != trace || hex.EncodeToString(s.ParentSpanId) != asker {
			t.Errorf("span %v", s)
		}
		below := c.below(t, s)
		want, shadow := wants[is["gatepost.command"]], below["shadow"]
		if shadow.Span == nil || below["evaluate"].Span == nil {
			t.Errorf("%s: below it is %v", is["gatepost.command"], below)
			continue
		}
		got := shadow.is()
		failed := shadow.Status.GetCode() == tracev1.Status_STATUS_CODE_ERROR
		if got["gatepost.verdict"] != want.verdict || got["gatepost.differs"] != want.differs || got["gatepost.revision"] == "" ||
			got["gatepost.revision"] == is["gatepost.revision"] || failed != (want.failed != "") || !strings.Contains(shadow.Status.GetMessage(), want.failed) {
			t.Errorf("%s: the candidate's span is %v", is["gatepost.command"], shadow)
		}
	}
}

// What is not sampled is not sent by either program; records name it still.
func TestTracesNotSampled(t *testing.T) {
	c := newCollector(t)
	addr, stop := traced(t, c, 0)
	tracedDialogue(t, addr)
	records := stop()
	if len(c.spans) != 0 {
		t.Errorf("%d spans were sent", len(c.spans))
	}
	for _, r := range records {
		if len(r.TraceID) != 32 || len(r.SpanID) != 16 {
			t.Errorf("record %+v", r)
		}
	}
	if len(records) < 6 {
		t.Errorf("%d records", len(records))
	}
}
