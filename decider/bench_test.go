package decider

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/policy"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// bench is a decider with the default policy, the bare prepared query on the same compiled policy and store, and a question.
type bench struct {
	*Decider
	bare     rego.PreparedEvalQuery
	question *deciderv1.Question
	input    ast.Value
}

// sink is where a bench's records go.
type sink int

const (
	nowhere sink = iota
	toFile
	// toService is a decision log service, by OPA's plugin.
	toService
)

// newBench gives a bench, with another policy if a directory is given.
func newBench(tb testing.TB, records sink, policies ...string) *bench {
	tb.Helper()
	// As the program does.
	gc := debug.SetGCPercent(400)
	tb.Cleanup(func() { debug.SetGCPercent(gc) })
	cfg := DefaultConfig()
	for _, dir := range policies {
		cfg.Policy = dir
	}
	switch records {
	case toFile:
		cfg.DecisionLog.File = &File{Path: filepath.Join(tb.TempDir(), "decisions.json")}
	case toService:
		service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
		tb.Cleanup(service.Close)
		cfg.OPAConfig = filepath.Join(tb.TempDir(), "opa.yaml")
		if err := os.WriteFile(cfg.OPAConfig, []byte("services: {log: {url: "+service.URL+"}}\ndecision_logs: {service: log}\n"), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	cfg.Shutdown.Wait = 0
	// A loaded machine is not what is measured.
	cfg.Evaluation.Deadline = 10 * time.Second
	d, err := New(tb.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{Decider: d, question: benchQuestion()}
	m := d.engine.Manager()
	if b.bare, err = rego.New(rego.Query(policy.Entrypoint), rego.Compiler(m.GetCompiler()), rego.Store(m.Store)).PrepareForEval(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	if b.input, err = input.Build(b.question); err != nil {
		tb.Fatal(err)
	}
	return b
}

// benchQuestion is a command of a session as dataplanes send it.
func benchQuestion() *deciderv1.Question {
	mailbox := "Archive/2024"
	return &deciderv1.Question{
		Session: &deciderv1.Session{
			Id: "01890a5d-ac96-774b-bcce-b302099a8057", Dataplane: "mx1", Listener: "imaps", User: "anna@example.org", Mechanism: "PLAIN",
			Client:    &deciderv1.Endpoint{Address: "192.0.2.7", Port: 40000},
			Local:     &deciderv1.Endpoint{Address: "198.51.100.1", Port: 993},
			Tls:       &deciderv1.Tls{Version: "1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ServerName: "imap.example.org"},
			Mailbox:   &deciderv1.SelectedMailbox{Name: "INBOX"},
			Delimiter: "/", ConnectedUnixMs: 1_700_000_000_000,
		},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_SELECTED,
		Event: &deciderv1.Question_Command{Command: &deciderv1.Command{
			Tag: []byte("A0042"), Name: "UID COPY", Known: true, Mailbox: &mailbox, Set: []*deciderv1.SetRange{{First: 1, Last: 20}},
			Args: []*deciderv1.Argument{
				{Value: &deciderv1.Argument_Range{Range: &deciderv1.Range{First: 1, Last: 20}}},
				{Value: &deciderv1.Argument_Text{Text: []byte(mailbox)}},
			},
		}},
	}
}

// raw is one bare evaluation with the defaults of package rego.
func (b *bench) raw(tb testing.TB) {
	if _, err := b.bare.Eval(tb.Context(), rego.EvalParsedInput(b.input)); err != nil {
		tb.Fatal(err)
	}
}

func (b *bench) evaluate(tb testing.TB) {
	a, err := b.engine.Evaluate(tb.Context(), b.question)
	if err != nil || a.Decision.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY {
		tb.Fatal(a.Decision, err)
	}
}

func (b *bench) evaluateAndLog(tb testing.TB) {
	a, err := b.engine.Evaluate(tb.Context(), b.question)
	if err != nil {
		tb.Fatal(err)
	}
	if err := b.audit.Log(tb.Context(), &a); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkDecision compares a decision to what it is made of: /raw is the bare prepared evaluation, /engine adds input,
// deadline and decision, /engine+file a record written to a file on the same goroutine, /engine+service one in the buffer of OPA's
// decision log plugin in its place. x/raw is the ratio to /raw.
func BenchmarkDecision(b *testing.B) {
	var raw float64
	for _, bm := range []struct {
		name    string
		records sink
		run     func(*bench, testing.TB)
	}{
		{"raw", nowhere, (*bench).raw},
		{"engine", nowhere, (*bench).evaluate},
		{"engine+file", toFile, (*bench).evaluateAndLog},
		{"engine+service", toService, (*bench).evaluateAndLog},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s := newBench(b, bm.records)
			defer s.close()
			b.ReportAllocs()
			for b.Loop() {
				bm.run(s, b)
			}
			each := float64(b.Elapsed()) / float64(b.N)
			if bm.name == "raw" {
				raw = each
			}
			b.ReportMetric(each/raw, "x/raw")
		})
	}
}

// BenchmarkSocket is a decision over a unix socket with the decision log on, from one asker and from many.
func BenchmarkSocket(b *testing.B) {
	s := newBench(b, toService)
	ask, stop := s.serve(b)
	defer stop()
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			ask(b)
		}
	})
	b.Run("many", func(b *testing.B) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				ask(b)
			}
		})
	})
}

// serve serves on a unix socket and gives a client's question.
func (b *bench) serve(tb testing.TB) (ask func(testing.TB), stop func()) {
	tb.Helper()
	client, stop := b.client(tb)
	request := &deciderv1.DecideRequest{Question: b.question}
	ask = func(tb testing.TB) {
		resp, err := client.Decide(tb.Context(), request)
		if err != nil || resp.GetDecision().GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY {
			tb.Fatal(resp, err)
		}
	}
	return ask, stop
}

// client serves on a unix socket and gives a client of it.
func (b *bench) client(tb testing.TB) (client deciderv1.DeciderServiceClient, stop func()) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "d.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx, l) }()
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	return deciderv1.NewDeciderServiceClient(conn), func() {
		conn.Close()
		cancel()
		<-done
	}
}

// What a decision costs, in bare prepared evaluations: on its own, with its record on the same goroutine, and in full over
// the unix socket. Medians of one run in which all take turns, so that a busy machine slows all alike.
func TestRatios(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("measures for seconds, and means nothing under the race detector")
	}
	s, file := newBench(t, toService), newBench(t, toFile)
	defer file.close()
	ask, stop := s.serve(t)
	defer stop()
	const warm, rounds = 500, 3000
	runs := []struct {
		name       string
		run        func(testing.TB)
		bar, bound float64 // bound is the bar with room for a busy machine
	}{
		{"bare evaluation", s.raw, 1, 1},
		{"decision", s.evaluate, 1.25, 1.4},
		{"decision and record in a file", file.evaluateAndLog, 2.3, 2.3},
		{"decision and record by OPA's plugin", s.evaluateAndLog, 2.3, 3},
		{"decision over the unix socket", ask, 8, 8},
	}
	took := make([][]time.Duration, len(runs))
	for i := range warm + rounds {
		for j := range runs {
			// None always comes behind the same other, and finds the caches as that left them.
			j = (i*3 + j*(1+2*(i%2))) % len(runs)
			begin := time.Now()
			runs[j].run(t)
			if i >= warm {
				took[j] = append(took[j], time.Since(begin))
			}
		}
	}
	for j, r := range runs {
		ratio := float64(median(took[j])) / float64(median(took[0]))
		t.Logf("%s: p50 %v, ratio %.2f (bar %.2f)", r.name, median(took[j]), ratio, r.bar)
		if ratio > r.bound {
			t.Errorf("%s takes %.2f bare evaluations, at most %.2f are allowed", r.name, ratio, r.bound)
		}
	}
}

func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}
