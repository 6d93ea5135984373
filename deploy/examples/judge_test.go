package examples

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// judge is a decider with an example's policy. It can be told when clients connect.
type judge struct {
	deciderv1.UnimplementedDeciderServiceServer
	decider *decider.Decider

	mu        sync.Mutex
	connected time.Time // zero: as it is
	verdicts  []string
}

func newJudge(t *testing.T, policy string) *judge {
	t.Helper()
	c := decider.DefaultConfig()
	c.Policy = policy
	c.Shutdown.Wait = 0
	c.Evaluation.Deadline = patience // a busy machine is no fault of the policy
	d, err := decider.New(t.Context(), c, decider.Options{Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		<-served
	})
	return &judge{decider: d}
}

// serve answers dataplanes at the address returned.
func (j *judge) serve(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(s, j)
	alive := health.NewServer()
	alive.SetServingStatus(deciderv1.DeciderService_ServiceDesc.ServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(s, alive)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	return l.Addr().String()
}

// Decide implements the service.
func (j *judge) Decide(ctx context.Context, r *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	q := r.GetQuestion()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.connected.IsZero() {
		q.Session.ConnectedUnixMs = j.connected.UnixMilli()
	}
	d, err := j.decider.Decide(ctx, q)
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	j.verdicts = append(j.verdicts, describe(d))
	return &deciderv1.DecideResponse{Decision: d}, nil
}

// count is how many decisions there are since take.
func (j *judge) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.verdicts)
}

// take returns them.
func (j *judge) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := j.verdicts
	j.verdicts = nil
	return v
}

// describe is a decision as a transcript has it.
func describe(d *deciderv1.Decision) string {
	if e := d.GetError(); e != nil {
		return fmt.Sprintf("ERROR %q", e.GetRow()+": "+e.GetMessage())
	}
	words := []string{strings.TrimPrefix(d.GetRequest().String(), "IMAP_REQ_")}
	if _, ok := d.GetVerdict().(*deciderv1.Decision_Response); ok {
		words[0] = strings.TrimPrefix(d.GetResponse().String(), "IMAP_RSP_")
	}
	if len(d.GetText()) > 0 {
		words = append(words, strconv.Quote(string(d.GetText())))
	}
	for _, line := range d.GetUntagged() {
		words = append(words, strconv.Quote(string(line)))
	}
	if len(d.GetCode()) > 0 {
		words = append(words, string(d.GetCode()))
	}
	var dropped []string
	for _, c := range d.GetCapabilities() {
		if c.GetVerdict() == deciderv1.ImapCap_IMAP_CAP_DROP {
			dropped = append(dropped, c.GetName())
		}
	}
	if dropped != nil {
		words = append(words, "drop="+strings.Join(dropped, ","))
	}
	return strings.Join(words, " ")
}
