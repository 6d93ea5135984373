package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

type stream = grpc.BidiStreamingClient[deciderv1.DecideStreamRequest, deciderv1.DecideStreamResponse]

func open(t *testing.T, client deciderv1.DeciderServiceClient) stream {
	t.Helper()
	s, err := client.DecideStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// named is a question of a session; the tests' deciders go by its name.
func named(session string) *deciderv1.Question {
	return &deciderv1.Question{Session: &deciderv1.Session{Id: session}}
}

func send(t *testing.T, s stream, id uint64, q *deciderv1.Question) {
	t.Helper()
	if err := s.Send(&deciderv1.DecideStreamRequest{Id: id, Question: q}); err != nil {
		t.Fatal(err)
	}
}

// line is an answer in short: id, and the decision's id, the code or drain.
func line(t *testing.T, s stream) string {
	t.Helper()
	a, err := s.Recv()
	if errors.Is(err, io.EOF) {
		return "end"
	}
	if err != nil {
		return status.Code(err).String()
	}
	switch v := a.GetAnswer().(type) {
	case *deciderv1.DecideStreamResponse_Decision:
		return fmt.Sprint(a.GetId(), " ", v.Decision.GetId())
	case *deciderv1.DecideStreamResponse_NoAnswer:
		return fmt.Sprint(a.GetId(), " ", codes.Code(v.NoAnswer.GetCode()), " ", v.NoAnswer.GetMessage())
	}
	return "drain"
}

// held is a decider that answers a question when it is told its session.
type held map[string]chan struct{}

func hold(sessions ...string) held {
	h := held{}
	for _, s := range sessions {
		h[s] = make(chan struct{})
	}
	return h
}

func (h held) decide(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
	id := q.GetSession().GetId()
	select {
	case <-h[id]:
		return &deciderv1.Decision{Id: id}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Answers come as they are ready, each under its question's id, and the stream ends when all are given.
func TestStreamOrder(t *testing.T) {
	h := hold("a", "b", "c")
	_, client := serve(t, decide(h.decide))
	s := open(t, client)
	for id, name := range []string{"a", "b", "c"} {
		send(t, s, uint64(id+1), named(name))
	}
	for _, next := range []struct{ name, want string }{{"c", "3 c"}, {"a", "1 a"}} {
		close(h[next.name])
		if got := line(t, s); got != next.want {
			t.Errorf("answer %q, want %q", got, next.want)
		}
	}
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	// The server knows that no more comes, and still owes one.
	time.AfterFunc(50*time.Millisecond, func() { close(h["b"]) })
	if got := line(t, s) + ", " + line(t, s); got != "2 b, end" {
		t.Errorf("got %q", got)
	}
}

// What is a status of Decide is a NoAnswer of the same code, and the stream goes on.
func TestStreamNoAnswer(t *testing.T) {
	reasons := map[string]error{
		"broken":   &input.Error{Field: "session", Want: "must be set"},
		"overload": engine.ErrOverload,
		"unready":  engine.ErrNotReady,
		"else":     errors.New("else"),
	}
	h := hold("a", "b")
	_, client := serve(t, decide(func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
		if err := reasons[q.GetSession().GetId()]; err != nil {
			return nil, err
		}
		return h.decide(ctx, q)
	}))
	s := open(t, client)
	for _, tc := range []struct {
		name string
		m    *deciderv1.DecideStreamRequest
		want string
	}{
		{"broken", &deciderv1.DecideStreamRequest{Id: 1, Question: named("broken")}, "1 InvalidArgument input: session: must be set"},
		{"overload", &deciderv1.DecideStreamRequest{Id: 1, Question: named("overload")}, "1 ResourceExhausted engine: overloaded"},
		{"not ready", &deciderv1.DecideStreamRequest{Id: 1, Question: named("unready")}, "1 Unavailable engine: no policy is loaded"},
		{"else", &deciderv1.DecideStreamRequest{Id: 1, Question: named("else")}, "1 Internal else"},
		{"no question", &deciderv1.DecideStreamRequest{Id: 1}, "1 InvalidArgument input: question: must be set"},
		{"zero", &deciderv1.DecideStreamRequest{Question: named("a")}, "0 InvalidArgument input: id: must not be 0"},
		{"late", &deciderv1.DecideStreamRequest{Id: 2, Question: named("b"), TimeoutUs: 1000}, "2 DeadlineExceeded context deadline exceeded"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := s.Send(tc.m); err != nil {
				t.Fatal(err)
			}
			if got := line(t, s); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	send(t, s, 7, named("a"))
	send(t, s, 7, named("a"))
	if got, want := line(t, s), "7 InvalidArgument input: id: must not be that of a question without its answer"; got != want {
		t.Errorf("same id: got %q, want %q", got, want)
	}
	close(h["a"])
	if got := line(t, s); got != "7 a" {
		t.Errorf("the first of the id: got %q", got)
	}
	send(t, s, 7, named("a"))
	if got := line(t, s); got != "7 a" {
		t.Errorf("an id used again: got %q", got)
	}
}

// The server's own bound holds where a question asks for more, or for nothing.
func TestStreamTimeout(t *testing.T) {
	_, client := serve(t, decide(hold().decide), func(c *server.Config) { c.QuestionTimeout = 20 * time.Millisecond })
	s := open(t, client)
	for _, us := range []uint64{0, 1 << 62, ^uint64(0)} {
		if err := s.Send(&deciderv1.DecideStreamRequest{Id: 1, Question: named("x"), TimeoutUs: us}); err != nil {
			t.Fatal(err)
		}
		if got := line(t, s); !strings.HasPrefix(got, "1 DeadlineExceeded") {
			t.Errorf("timeout %d: got %q", us, got)
		}
	}
	if _, err := client.Decide(t.Context(), request); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("Decide: error %v", err)
	}
}

// No more questions of a stream are asked at once than the bound, and none is lost for it.
func TestStreamBound(t *testing.T) {
	var now, most atomic.Int64
	_, client := serve(t, decide(func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(time.Millisecond)
		return &deciderv1.Decision{Id: "x"}, nil
	}))
	s := open(t, client)
	const count = 200
	go func() {
		for id := range uint64(count) {
			_ = s.Send(&deciderv1.DecideStreamRequest{Id: id + 1, Question: named("x")})
		}
		_ = s.CloseSend()
	}()
	seen := map[string]bool{}
	for {
		got := line(t, s)
		if got == "end" {
			break
		}
		seen[got] = true
	}
	if len(seen) != count || most.Load() != 4 {
		t.Errorf("%d answers, %d asked at once", len(seen), most.Load())
	}
}

// An old connection is left in order: a stream is told, what it asks on the way is answered, and another goes to a new
// connection.
func TestStreamAge(t *testing.T) {
	h := hold("a", "b")
	_, client := serve(t, decide(h.decide), func(c *server.Config) { c.ConnectionAge = time.Second })
	s := open(t, client)
	send(t, s, 1, named("a"))
	if got := line(t, s); got != "drain" {
		t.Fatalf("got %q", got)
	}
	next := open(t, client)
	send(t, s, 2, named("b"))
	send(t, next, 1, named("b"))
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	close(h["b"])
	close(h["a"])
	got := map[string]bool{line(t, s): true, line(t, s): true, line(t, s): true}
	if !got["1 a"] || !got["2 b"] || !got["end"] {
		t.Errorf("the old stream: %v", got)
	}
	// Had it landed on the old connection, it would be told at once.
	if got := line(t, next); got != "1 b" {
		t.Errorf("the new stream: %q", got)
	}
}

// At the end no answer is lost: streams are told, what was asked is answered, and then the server is gone.
func TestStreamDrain(t *testing.T) {
	h := hold("a")
	server, client := serve(t, decide(h.decide))
	s := open(t, client)
	for id := range uint64(4) {
		send(t, s, id+1, named("a"))
	}
	if _, err := client.Decide(contextWithTimeout(t), request); status.Code(err) != codes.DeadlineExceeded {
		t.Fatal(err) // the four are there now
	}
	ended := make(chan struct{})
	go func() {
		server.Drain(100*time.Millisecond, 20*time.Second)
		close(ended)
	}()
	if got := line(t, s) + ", " + line(t, s); got != "drain, drain" {
		t.Fatalf("got %q", got)
	}
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	close(h["a"])
	answers := map[string]bool{}
	for range 4 {
		answers[line(t, s)] = true
	}
	if len(answers) != 4 || !answers["1 a"] || !answers["4 a"] {
		t.Errorf("answers %v", answers)
	}
	if got := line(t, s); got != "end" {
		t.Errorf("got %q", got)
	}
	<-ended
	if _, err := client.Decide(t.Context(), request); status.Code(err) != codes.Unavailable {
		t.Errorf("afterwards: %v", err)
	}
}

// A client that does not heed the wish to end is left after a while, with all that it asked before answered.
func TestStreamLinger(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for seconds")
	}
	h := hold("a")
	close(h["a"])
	server, client := serve(t, decide(h.decide))
	s := open(t, client)
	send(t, s, 1, named("a"))
	if got := line(t, s); got != "1 a" {
		t.Fatalf("got %q", got)
	}
	go server.Drain(0, time.Minute)
	for {
		got := line(t, s)
		if got == "drain" {
			continue
		}
		if got != codes.Unavailable.String() {
			t.Errorf("got %q", got)
		}
		return
	}
}

func contextWithTimeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
