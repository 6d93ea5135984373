package decider_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// A client that opens more streams than one connection may have waits for its place, and gets it when another ends. Those that it has are
// answered meanwhile, and so is everybody else.
func TestConcurrentStreams(t *testing.T) {
	const most = 3 // fewer than the configuration admits
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) { c.Server.ConcurrentStreams = most })
	type stream = grpc.BidiStreamingClient[deciderv1.DecideStreamRequest, deciderv1.DecideStreamResponse]
	asks := func(s stream, id uint64) {
		t.Helper()
		if err := s.Send(&deciderv1.DecideStreamRequest{Id: id, Question: question("NOOP")}); err != nil {
			t.Fatal(err)
		}
		if a, err := s.Recv(); err != nil || a.GetId() != id || a.GetDecision() == nil {
			t.Fatalf("answer %v, error %v", a, err)
		}
	}
	var open []stream
	for range most {
		s, err := r.client.DecideStream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asks(s, 1)
		open = append(open, s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := r.ask(ctx, "NOOP"); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("one stream too many: error %v", err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := r.ask(t.Context(), "NOOP")
		waiting <- err
	}()

	other, err := grpc.NewClient("unix:"+r.socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for id := range uint64(50) {
		if _, err := deciderv1.NewDeciderServiceClient(other).Decide(t.Context(), &deciderv1.DecideRequest{Question: question("NOOP")}); err != nil {
			t.Fatalf("another connection: %v", err)
		}
		for _, s := range open {
			asks(s, id+2)
		}
	}
	select {
	case err := <-waiting:
		t.Fatalf("one stream too many has its answer: %v", err)
	default:
	}
	if err := open[0].CloseSend(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Errorf("with a place: %v", err)
	}
}
