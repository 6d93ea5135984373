package server_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// decide is a decider made of one function.
type decide func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error)

func (f decide) Decide(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
	return f(ctx, q)
}

func (f decide) Ask(ctx context.Context, q *deciderv1.Question, done func(*deciderv1.Decision, error)) {
	go func() { done(f(ctx, q)) }()
}

func (f decide) Report(context.Context, []*deciderv1.Reused) (int, error) { return 0, nil }

func (f decide) Info() server.Info { return server.Info{} }

// serve gives a server with the decider, and a client of it.
func serve(t *testing.T, d server.Decider, change ...func(*server.Config)) (*server.Server, deciderv1.DeciderServiceClient) {
	t.Helper()
	c := server.Config{MessageBytes: 1 << 20, ConcurrentStreams: 8, ConnectionAge: time.Minute, StreamWorkers: 2,
		StreamQuestions: 4, QuestionTimeout: time.Minute, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&c)
	}
	s := server.New(c, d)
	path := filepath.Join(t.TempDir(), "s.sock")
	l, err := server.Listen("unix:"+path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return s, deciderv1.NewDeciderServiceClient(conn)
}

var request = &deciderv1.DecideRequest{Question: &deciderv1.Question{}}

// Each reason for no answer has the status that the contract says.
func TestStatus(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want codes.Code
	}{
		{&input.Error{Field: "session", Want: "must be set"}, codes.InvalidArgument},
		{engine.ErrOverload, codes.ResourceExhausted},
		{audit.ErrFull, codes.ResourceExhausted},
		{fmt.Errorf("wrapped: %w", engine.ErrNotReady), codes.Unavailable},
		{context.DeadlineExceeded, codes.DeadlineExceeded},
		{context.Canceled, codes.Canceled},
		{errors.New("else"), codes.Internal},
	} {
		t.Run(tc.err.Error(), func(t *testing.T) {
			_, client := serve(t, decide(func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) { return nil, tc.err }))
			_, err := client.Decide(t.Context(), request)
			if status.Code(err) != tc.want || status.Convert(err).Message() != tc.err.Error() {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}

// A panic is the failure of one question.
func TestPanic(t *testing.T) {
	calls := 0
	_, client := serve(t, decide(func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
		if calls++; calls == 1 {
			panic("out of order")
		}
		return &deciderv1.Decision{Id: "2"}, nil
	}))
	if _, err := client.Decide(t.Context(), request); status.Code(err) != codes.Internal {
		t.Errorf("error %v", err)
	}
	if resp, err := client.Decide(t.Context(), request); err != nil || resp.GetDecision().GetId() != "2" {
		t.Errorf("afterwards: %v, %v", resp, err)
	}
}

// A question that does not end holds up the end for the limit and no longer; one that does is answered.
func TestDrainLimit(t *testing.T) {
	started := make(chan struct{}, 2)
	finish := make(chan struct{})
	s, client := serve(t, decide(func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
		started <- struct{}{}
		if q.GetSession().GetId() == "stuck" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		<-finish
		return &deciderv1.Decision{Id: "1"}, nil
	}))
	answered := make(chan error, 2)
	for _, id := range []string{"stuck", "slow"} {
		go func() {
			_, err := client.Decide(t.Context(), &deciderv1.DecideRequest{Question: &deciderv1.Question{Session: &deciderv1.Session{Id: id}}})
			answered <- err
		}()
	}
	<-started
	<-started
	begin := time.Now()
	time.AfterFunc(50*time.Millisecond, func() { close(finish) })
	s.Drain(0, 300*time.Millisecond)
	if took := time.Since(begin); took < 300*time.Millisecond || took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if err := <-answered; err != nil {
		t.Errorf("the slow question: %v", err)
	}
	if err := <-answered; err == nil {
		t.Error("the stuck question was answered")
	}
}
