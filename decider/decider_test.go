package decider_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// running is a decider that serves on a unix socket.
type running struct {
	*decider.Decider
	dir    string // of the policy
	socket string
	conn   *grpc.ClientConn
	client deciderv1.DeciderServiceClient
	log    *buffer
	stop   func() // ends it and waits
}

// buffer is a log that can be read while it is written.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func run(t *testing.T, archive string, change func(*decider.Config, *decider.Options)) *running {
	t.Helper()
	r := &running{dir: t.TempDir(), socket: filepath.Join(t.TempDir(), "d.sock"), log: new(buffer)}
	r.write(t, archive)
	cfg := decider.DefaultConfig()
	cfg.Listen = []string{"unix:" + r.socket}
	cfg.Policy = r.dir
	cfg.Shutdown.Wait = 0
	cfg.Evaluation.Deadline = 5 * time.Second
	opts := decider.Options{Log: slog.New(slog.NewJSONHandler(r.log, nil))}
	if change != nil {
		change(cfg, &opts)
	}
	d, err := decider.New(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	r.Decider = d
	listeners, err := decider.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx, listeners...) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	if r.conn, err = grpc.NewClient("unix:"+r.socket, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.conn.Close() })
	r.client = deciderv1.NewDeciderServiceClient(r.conn)
	return r
}

func (r *running) write(t *testing.T, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.WriteFile(filepath.Join(r.dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (r *running) ask(ctx context.Context, name string) (*deciderv1.Decision, error) {
	resp, err := r.client.Decide(ctx, &deciderv1.DecideRequest{Question: question(name)})
	return resp.GetDecision(), err
}

func (r *running) health(t *testing.T, service string) healthv1.HealthCheckResponse_ServingStatus {
	t.Helper()
	resp, err := healthv1.NewHealthClient(r.conn).Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetStatus()
}

func question(name string) *deciderv1.Question {
	return &deciderv1.Question{
		Session:      &deciderv1.Session{Id: "s1", Dataplane: "mx1", Listener: "imap", User: "anna"},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_SELECTED,
		Event:        &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: name, Known: true}},
	}
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

const rules = `
-- p.rego --
package imap.policy

request["DELETE"] := ["IMAP_REQ_REJECT", "folders here are permanent"]
request["NOOP"] := "IMAP_REQ_ACCEPT"
request["FAIL"] := 1 if input.kind
request["SLOW"] := "IMAP_REQ_ACCEPT" if {
	input.kind == "command"
	count([x | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x == y + 1]) > 0
}
response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"
`

// A question over the socket gets its decision; the hook and the log hear of it, and of a fault of policy as another event.
func TestDecide(t *testing.T) {
	type heard struct {
		name string
		d    *deciderv1.Decision
	}
	hook := make(chan heard, 10)
	r := run(t, rules, func(_ *decider.Config, o *decider.Options) {
		o.OnDecision = func(q *deciderv1.Question, d *deciderv1.Decision, took time.Duration) {
			if took <= 0 {
				t.Error("took no time")
			}
			hook <- heard{q.GetCommand().GetName(), d}
		}
	})
	d, err := r.ask(t.Context(), "DELETE")
	if err != nil {
		t.Fatal(err)
	}
	if d.GetRequest() != deciderv1.ImapReq_IMAP_REQ_REJECT || string(d.GetText()) != "folders here are permanent" || d.GetRow() != `request["DELETE"]` ||
		d.GetRevision() != r.Revision() || len(d.GetRows()) != 1 || d.GetRows()[0].GetVerdict() != deciderv1.ImapRsp_IMAP_RSP_ACCEPT {
		t.Errorf("decision %v", d)
	}
	if h := <-hook; h.name != "DELETE" || h.d.GetId() != d.GetId() {
		t.Errorf("hook heard %v", h)
	}
	if d, err = r.ask(t.Context(), "FAIL"); err != nil || d.GetOutcome() != deciderv1.Outcome_OUTCOME_ERROR ||
		d.GetError().GetKind() != deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_ROW {
		t.Errorf("decision %v, error %v", d, err)
	}
	if h := <-hook; h.d.GetId() != d.GetId() {
		t.Errorf("hook heard %v", h)
	}
	for _, want := range []string{`"msg":"policy error"`, d.GetId(), `"error_row":"request[\"FAIL\"]"`, `"line":5`, r.dir + "/p.rego"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log has no %s: %s", want, r.log)
		}
	}
	if strings.Contains(r.log.String(), `"msg":"decision"`) {
		t.Error("decisions are logged at info")
	}
}

// A status means that there is no answer, and says why.
func TestStatus(t *testing.T) {
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) {
		c.Server.MessageBytes = 10_000
		c.Evaluation.Workers, c.Evaluation.Queue = 1, 1
	})
	for _, tc := range []struct {
		name    string
		request *deciderv1.DecideRequest
		timeout time.Duration
		want    codes.Code
		message string
	}{
		{"no question", &deciderv1.DecideRequest{}, time.Minute, codes.InvalidArgument, "question: must be set"},
		{"no session", &deciderv1.DecideRequest{Question: &deciderv1.Question{}}, time.Minute, codes.InvalidArgument, "input: event: must be set"},
		{"too large", &deciderv1.DecideRequest{Question: question(strings.Repeat("X", 10_000))}, time.Minute, codes.ResourceExhausted, "larger than max"},
		{"too slow", &deciderv1.DecideRequest{Question: question("SLOW")}, 50 * time.Millisecond, codes.DeadlineExceeded, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), tc.timeout)
			defer cancel()
			_, err := r.client.Decide(ctx, tc.request)
			if status.Code(err) != tc.want || !strings.Contains(err.Error(), tc.message) {
				t.Errorf("error %v, want %v %s", err, tc.want, tc.message)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 4 {
		go func() { _, _ = r.ask(ctx, "SLOW") }()
	}
	eventually(t, "load is shed", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := r.ask(ctx, "NOOP")
		return status.Code(err) == codes.ResourceExhausted
	})
}

// Until a bundle brings policy, health is NOT_SERVING and questions are UNAVAILABLE.
func TestNotReady(t *testing.T) {
	r := run(t, "", func(c *decider.Config, _ *decider.Options) {
		c.Policy = ""
		c.OPAConfig = filepath.Join(t.TempDir(), "opa.yaml")
		conf := "services: {none: {url: 'http://127.0.0.1:1'}}\nbundles: {main: {service: none}}\n"
		if err := os.WriteFile(c.OPAConfig, []byte(conf), 0o644); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := r.ask(t.Context(), "NOOP"); status.Code(err) != codes.Unavailable {
		t.Errorf("error %v", err)
	}
	if s := r.health(t, ""); s != healthv1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("health %v", s)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Errorf("reload: %v", err)
	}
	if r.Revision() != "" {
		t.Errorf("revision %q", r.Revision())
	}
}

// A changed directory is read by itself; a bad change leaves what is there and says so with file and line.
func TestReloadOnChange(t *testing.T) {
	r := run(t, rules, nil)
	first := r.Revision()
	r.write(t, "-- p.rego --\npackage imap.policy\n\nrequest[\"NOOP\"] := \"IMAP_REQ_ACEPT\"\n")
	eventually(t, "the bad policy is refused", func() bool { return strings.Contains(r.log.String(), `IMAP_REQ_ACEPT`) })
	for _, want := range []string{`"msg":"policy not loaded"`, `"file":"` + r.dir + `/p.rego"`, `"line":3`, `"in_force":"` + first + `"`} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log has no %s: %s", want, r.log)
		}
	}
	if d, err := r.ask(t.Context(), "DELETE"); err != nil || d.GetRevision() != first {
		t.Errorf("decision %v, error %v", d, err)
	}
	if err := r.Reload(t.Context()); err == nil {
		t.Error("the bad policy was loaded")
	}
	r.write(t, "-- p.rego --\npackage imap.policy\nrequest[\"DELETE\"] := \"IMAP_REQ_DROP\"\n")
	eventually(t, "the good policy is in force", func() bool {
		d, err := r.ask(t.Context(), "DELETE")
		return err == nil && d.GetRequest() == deciderv1.ImapReq_IMAP_REQ_DROP && d.GetRevision() != first
	})
}

// Without a directory the default policy decides.
func TestDefaultPolicy(t *testing.T) {
	r := run(t, "", func(c *decider.Config, _ *decider.Options) { c.Policy = "" })
	d, err := r.ask(t.Context(), "NOOP")
	if err != nil || d.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY || d.GetRequest() != deciderv1.ImapReq_IMAP_REQ_ACCEPT {
		t.Errorf("decision %v, error %v", d, err)
	}
	if s := r.health(t, deciderv1.DeciderService_ServiceDesc.ServiceName); s != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("health %v", s)
	}
}

// Tools can list what the server has.
func TestReflection(t *testing.T) {
	r := run(t, rules, nil)
	stream, err := reflectionv1.NewServerReflectionClient(r.conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	resp, err := stream.Recv()
	if err != nil || !strings.Contains(fmt.Sprint(resp), "gatepost.decider.v1.DeciderService") {
		t.Errorf("response %v, error %v", resp, err)
	}
}

// At the end health turns first, questions go on to be answered for a while, and all that was decided is recorded.
func TestDrain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "decisions.json")
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) {
		c.Shutdown.Wait = time.Second
		c.DecisionLog.File = &decider.File{Path: name}
	})
	watch, err := healthv1.NewHealthClient(r.conn).Watch(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := watch.Recv(); err != nil || s.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Fatalf("health %v, error %v", s, err)
	}
	decided := 0
	ended := make(chan struct{})
	go func() {
		r.stop()
		close(ended)
	}()
	if s, err := watch.Recv(); err != nil || s.GetStatus() != healthv1.HealthCheckResponse_NOT_SERVING {
		t.Fatalf("health %v, error %v", s, err)
	}
	for range 20 {
		if _, err := r.ask(t.Context(), "NOOP"); err != nil {
			t.Fatalf("while draining: %v", err)
		}
		decided++
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("a watcher of health holds up the end")
	}
	if _, err := r.ask(t.Context(), "NOOP"); status.Code(err) != codes.Unavailable {
		t.Errorf("after the end: error %v", err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(data, []byte("\n")); n != decided {
		t.Errorf("%d records, %d decisions", n, decided)
	}
	if !strings.Contains(r.log.String(), `"msg":"stopped"`) {
		t.Error("the log has no end")
	}
}

// A unix socket gets its mode; one that a dead process left is taken over, one in use is not, nor is another file.
func TestSocket(t *testing.T) {
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) { c.SocketMode = "0600" })
	info, err := os.Stat(r.socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	cfg := decider.DefaultConfig()
	cfg.Listen = []string{"unix:" + r.socket}
	if _, err := decider.Listen(cfg); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("a socket in use: error %v", err)
	}

	stale := filepath.Join(t.TempDir(), "stale.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	cfg.Listen = []string{"unix:" + stale, "127.0.0.1:0"}
	listeners, err := decider.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		l.Close()
	}

	plain := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Listen = []string{"127.0.0.1:0", "unix:" + plain}
	if _, err := decider.Listen(cfg); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("a file: error %v", err)
	}
}

// A policy that does not load at the start is an error with file and line.
func TestBadStart(t *testing.T) {
	cfg := decider.DefaultConfig()
	cfg.Policy = t.TempDir()
	if err := os.WriteFile(filepath.Join(cfg.Policy, "p.rego"), []byte("package imap.policy\nrequest[ := 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := decider.New(t.Context(), cfg, decider.Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.HasPrefix(err.Error(), cfg.Policy+"/p.rego:2: rego_parse_error") {
		t.Errorf("error %v", err)
	}
}
