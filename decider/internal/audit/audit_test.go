package audit_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/logging"
	"github.com/open-policy-agent/opa/v1/plugins"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/policy"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// rules rejects DELETE, has a fault for FAIL, masks the user of each record, changes the address, and drops records of NOOP.
const rules = `package imap.policy

request["DELETE"] := ["IMAP_REQ_REJECT", "folders here are permanent", "CANNOT"]
request["FAIL"] := 1 if input.kind
request["*"] := "IMAP_REQ_ACCEPT"
reason := "legal hold"
`

const masks = `package system.log

mask contains "/input/session/user"
mask contains {"op": "upsert", "path": "/input/session/client/address", "value": "masked"}
mask contains "/result/reason"
drop if input.input.command.name == "NOOP"
`

// setup is an engine with a queue before its decision log.
type setup struct {
	engine   *engine.Engine
	queue    *audit.Queue
	console  *sink
	policies string // the directory
}

type option func(*engine.Config, *audit.Config)

func opa(format string, args ...any) option {
	return func(c *engine.Config, _ *audit.Config) { c.OPA = fmt.Appendf(nil, format, args...) }
}

func start(t *testing.T, modules []string, options ...option) *setup {
	t.Helper()
	dir := t.TempDir()
	for i, m := range modules {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.rego", i)), []byte(m), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := &setup{console: new(sink), policies: dir}
	failures := new(audit.Failures)
	log := slog.New(failures.Handler(slog.DiscardHandler))
	console, file := audit.NewSpool("console", s.console, log), audit.NewSpool("file", io.Discard, log)
	lock := policy.NewLock()
	ec := engine.Config{
		OPA: []byte("{}"), ID: "test", Lock: lock, Deadline: time.Second, Workers: 2, Queue: 64, Log: log,
		Directory: &policy.Directory{Library: library, Path: dir, Lock: lock},
		Factories: map[string]plugins.Factory{audit.FilePlugin: &audit.File{Spool: file}},
		Console:   &audit.Console{Out: console},
	}
	ac := audit.Config{Size: 16, Spools: []*audit.Spool{console, file}, Failures: failures, Log: log}
	for _, o := range options {
		o(&ec, &ac)
	}
	var err error
	if s.engine, err = engine.New(t.Context(), ec); err != nil {
		t.Fatal(err)
	}
	ac.Manager = s.engine.Manager()
	s.queue = audit.NewQueue(ac)
	return s
}

// close ends the queue, then OPA, each with time to write.
func (s *setup) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	s.queue.Close(ctx)
	s.engine.Close(ctx)
}

// decide decides and records.
func (s *setup) decide(t *testing.T, name string) *deciderv1.Decision {
	t.Helper()
	a := s.answer(t, name)
	if err := s.queue.Put(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	return a.Decision
}

func (s *setup) answer(t *testing.T, name string) engine.Answer {
	t.Helper()
	a, err := s.engine.Decide(t.Context(), &deciderv1.Question{
		Session: &deciderv1.Session{Id: "s1", Dataplane: "mx1", Listener: "imap", User: "anna",
			Client: &deciderv1.Endpoint{Address: "192.0.2.7", Port: 40000}},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_SELECTED,
		Event: &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: name, Known: true,
			Args: []*deciderv1.Argument{{Value: &deciderv1.Argument_Text{Text: []byte("Archive")}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sink is a writer that can be away.
type sink struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	away bool
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return 0, errors.New("no space left on device")
	}
	return s.buf.Write(p)
}

func (s *sink) setAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// event is what the tests look at in a record.
type event struct {
	DecisionID string `json:"decision_id"`
	Path       string
	Bundles    map[string]struct{ Revision string }
	Labels     map[string]string
	Input      struct {
		Kind    string
		Old     string `json:"imap_state_old"`
		Session struct {
			ID, Dataplane, Listener, User string
			Client                        struct{ Address string }
		}
		Command struct {
			Name string
			Args []any
		}
	}
	Result struct {
		Outcome, Verdict, Text, Code, Reason, Row, Rule string
	}
	Error struct {
		Kind, Message, File, Row string
		Line                     int
	}
	Erased, Masked []string
	Metrics        map[string]int64
}

func events(t *testing.T, r io.Reader) []event {
	t.Helper()
	var es []event
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		es = append(es, e)
	}
	return es
}

// A record says who did what under which policy, and how it was decided. A fault of policy has an error beside it.
func TestRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log", "decisions.json")
	s := start(t, []string{rules}, opa(`{"labels": {"site": "a"}, "plugins": {"gatepost_file": {"path": %q}}, "decision_logs": {"plugin": "gatepost_file"}}`, name))
	rejected, failed := s.decide(t, "DELETE"), s.decide(t, "FAIL")
	s.close(t)

	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	es := events(t, f)
	if len(es) != 2 {
		t.Fatalf("%d records, want 2", len(es))
	}
	e := es[0]
	if e.DecisionID != rejected.GetId() || e.Path != "imap/main/decision" || e.Bundles["policy"].Revision != rejected.GetRevision() || e.Labels["site"] != "a" {
		t.Errorf("record %+v", e)
	}
	in := e.Input
	if in.Kind != "command" || in.Old != "selected" || in.Session.ID != "s1" || in.Session.Dataplane != "mx1" || in.Session.Listener != "imap" ||
		in.Session.User != "anna" || in.Session.Client.Address != "192.0.2.7" || in.Command.Name != "DELETE" || fmt.Sprint(in.Command.Args) != "[Archive]" {
		t.Errorf("input %+v", in)
	}
	r := e.Result
	if r.Outcome != "policy" || r.Verdict != "IMAP_REQ_REJECT" || r.Text != "folders here are permanent" || r.Code != "CANNOT" ||
		r.Reason != "legal hold" || r.Row != `request["DELETE"]` || r.Rule != "" || e.Metrics["timer_server_handler_ns"] <= 0 || e.Error.Kind != "" {
		t.Errorf("result %+v, metrics %v, error %+v", r, e.Metrics, e.Error)
	}
	e = es[1]
	if e.DecisionID != failed.GetId() || e.Result.Outcome != "error" || e.Result.Verdict != "" || e.Error.Kind != "row" ||
		e.Error.Row != `request["FAIL"]` || e.Error.Line != 4 || !strings.HasSuffix(e.Error.File, "0.rego") || !strings.Contains(e.Error.Message, "1 is not a verdict") {
		t.Errorf("record of a fault: %+v", e)
	}
}

// Masks erase and change, drops leave out, on the console as anywhere.
func TestMaskAndDrop(t *testing.T) {
	s := start(t, []string{rules, masks}, opa(`{"decision_logs": {"console": true}}`))
	s.decide(t, "DELETE")
	s.decide(t, "NOOP")
	s.close(t)
	es := events(t, &s.console.buf)
	if len(es) != 1 {
		t.Fatalf("%d records, want 1", len(es))
	}
	e := es[0]
	if e.Input.Command.Name != "DELETE" || e.Input.Session.User != "" || e.Input.Session.Client.Address != "masked" || e.Result.Reason != "" ||
		e.Result.Verdict != "IMAP_REQ_REJECT" || len(e.Erased) != 2 || len(e.Masked) != 1 {
		t.Errorf("record %+v", e)
	}
	if n := s.queue.Counts(); n != (audit.Counts{Written: 2}) {
		t.Errorf("counts %+v", n)
	}
}

// A mask need not be a rule of its own: data masks as well. Without one, nothing is changed.
func TestMaskForms(t *testing.T) {
	for _, tc := range []struct{ name, file, content, user string }{
		{"no mask", "x.rego", "package system.log\nmask_not := true", "anna"},
		{"data", "data.json", `{"system": {"log": {"mask": ["/input/session/user"]}}}`, ""},
		{"a partial rule", "x.rego", "package system.log\nmask contains \"/input/session/user\" if input.input.kind == \"command\"", ""},
		{"a path of its own", "x.rego", "package hide\nit contains \"/input/session/user\"", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conf := `{"decision_logs": {"console": true}}`
			if tc.name == "a path of its own" {
				conf = `{"decision_logs": {"console": true, "mask_decision": "hide/it"}}`
			}
			s := start(t, []string{rules}, opa("%s", conf), func(c *engine.Config, _ *audit.Config) {
				if err := os.WriteFile(filepath.Join(c.Directory.Path, tc.file), []byte(tc.content), 0o644); err != nil {
					t.Fatal(err)
				}
			})
			s.decide(t, "DELETE")
			s.close(t)
			if es := events(t, &s.console.buf); len(es) != 1 || es[0].Input.Session.User != tc.user || es[0].Input.Session.ID != "s1" {
				t.Errorf("records %+v, want user %q", es, tc.user)
			}
		})
	}
}

// A mask or drop rule that fails costs the record and not the secret, and is counted.
func TestRuleFails(t *testing.T) {
	for _, rule := range []string{
		"drop := true if input.input.command.name == \"DELETE\"\ndrop := false if input.input.kind == \"command\"",
		"mask := {\"/input/session/user\"} if input.input.command.name == \"DELETE\"\nmask := set() if input.input.kind == \"command\"",
	} {
		s := start(t, []string{rules, "package system.log\n" + rule}, opa(`{"decision_logs": {"console": true}}`))
		s.decide(t, "DELETE")
		s.close(t)
		if n := s.queue.Counts(); n != (audit.Counts{Lost: 1}) || s.console.buf.Len() != 0 {
			t.Errorf("counts %+v, records %s", n, s.console.buf.String())
		}
	}
}

// logServer is a decision log service.
type logServer struct {
	*httptest.Server
	mu     sync.Mutex
	events []event
	away   bool
}

func newLogServer(t *testing.T) *logServer {
	s := new(logServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.away {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		var es []event
		if err := json.NewDecoder(z).Decode(&es); err != nil {
			t.Error(err)
		}
		s.events = append(s.events, es...)
	}))
	t.Cleanup(s.Close)
	return s
}

// Records reach a decision log service, masked; what is buffered goes out when the decider ends.
func TestService(t *testing.T) {
	server := newLogServer(t)
	s := start(t, []string{rules, masks}, opa(`{"services": {"logs": {"url": %q}}, "decision_logs": {"service": "logs", "reporting": {"min_delay_seconds": 300, "max_delay_seconds": 300}}}`, server.URL))
	const count = 500
	for range count {
		s.decide(t, "DELETE")
		s.decide(t, "NOOP")
	}
	s.close(t)
	if len(server.events) != count {
		t.Fatalf("%d records, want %d", len(server.events), count)
	}
	seen := map[string]bool{}
	for _, e := range server.events {
		seen[e.DecisionID] = true
		if e.Input.Session.User != "" || e.Input.Command.Name != "DELETE" {
			t.Fatalf("record %+v", e)
		}
	}
	if len(seen) != count {
		t.Errorf("%d different decisions, want %d", len(seen), count)
	}
}

// A service that is away for a while gets all records when it is back.
func TestServiceAway(t *testing.T) {
	server := newLogServer(t)
	server.away = true
	s := start(t, []string{rules}, opa(`{"services": {"logs": {"url": %q}}, "decision_logs": {"service": "logs", "reporting": {"min_delay_seconds": 1, "max_delay_seconds": 1}}}`, server.URL))
	for range 100 {
		s.decide(t, "DELETE")
	}
	time.Sleep(1200 * time.Millisecond)
	server.mu.Lock()
	if len(server.events) != 0 {
		t.Errorf("%d records while away", len(server.events))
	}
	server.away = false
	server.mu.Unlock()
	for range 100 {
		s.decide(t, "DELETE")
	}
	s.close(t)
	if len(server.events) != 200 {
		t.Errorf("%d records, want 200", len(server.events))
	}
}

// The file is renamed when it is full, and no record is lost or cut at the seam.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	s := start(t, []string{rules}, opa(`{"plugins": {"gatepost_file": {"path": %q, "max_size_mb": 1}}, "decision_logs": {"plugin": "gatepost_file"}}`,
		filepath.Join(dir, "decisions.json")))
	const count = 1500
	for range count {
		s.decide(t, "DELETE")
	}
	s.close(t)
	files, err := filepath.Glob(filepath.Join(dir, "decisions*.json"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, want a rotated one beside the current", files)
	}
	total := 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(events(t, f))
		if info, err := f.Stat(); err != nil || info.Size() > 1<<20 {
			t.Errorf("%s has %d octets", name, info.Size())
		}
		f.Close()
	}
	if total != count {
		t.Errorf("%d records, want %d", total, count)
	}
}

// A record that is longer than the file may get is written nevertheless, and makes the file longer: it must not keep back all that come behind.
func TestLongRecord(t *testing.T) {
	dir := t.TempDir()
	s := start(t, []string{rules}, opa(`{"plugins": {"gatepost_file": {"path": %q, "max_size_mb": 1}}, "decision_logs": {"plugin": "gatepost_file"}}`,
		filepath.Join(dir, "decisions.json")))
	s.decide(t, "DELETE")
	a := s.answer(t, "DELETE")
	a.Question.GetCommand().Args = []*deciderv1.Argument{{Value: &deciderv1.Argument_Text{Text: bytes.Repeat([]byte{1}, 400_000)}}} // six octets each
	if err := s.queue.Put(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	s.decide(t, "DELETE")
	s.close(t)
	if n := s.queue.Counts(); n != (audit.Counts{Written: 3}) {
		t.Errorf("counts %+v", n)
	}
	files, err := filepath.Glob(filepath.Join(dir, "decisions*.json"))
	if err != nil || len(files) != 2 {
		t.Errorf("files %v, error %v", files, err)
	}
	records := 0
	for _, name := range files {
		records += bytes.Count(read(t, name), []byte("\n"))
	}
	if records != 3 {
		t.Errorf("%d records", records)
	}
}

// A file that cannot be opened is an error at the start.
func TestFileCannotBeOpened(t *testing.T) {
	for _, conf := range []string{`{"path": "/proc/none/x"}`, `{}`, `{"path": 1}`} {
		lock := policy.NewLock()
		_, err := engine.New(t.Context(), engine.Config{
			OPA: fmt.Appendf(nil, `{"plugins": {"gatepost_file": %s}, "decision_logs": {"plugin": "gatepost_file"}}`, conf),
			ID:  "test", Lock: lock, Deadline: time.Second, Workers: 1, Queue: 1, Log: slog.New(slog.DiscardHandler),
			Directory: &policy.Directory{Library: library, Lock: lock}, Console: logging.NewNoOpLogger(),
			Factories: map[string]plugins.Factory{audit.FilePlugin: &audit.File{Spool: audit.NewSpool("file", io.Discard, slog.Default())}},
		})
		if err == nil || !strings.Contains(err.Error(), "audit: ") {
			t.Errorf("%s: error %v", conf, err)
		}
	}
}
