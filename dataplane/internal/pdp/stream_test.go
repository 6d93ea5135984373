package pdp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// decisionOn answers a request that came by a stream.
func decisionOn(r *deciderv1.DecideStreamRequest) *deciderv1.DecideStreamResponse {
	d, _ := accepted(context.Background(), r.Question)
	return &deciderv1.DecideStreamResponse{Id: r.Id, Answer: &deciderv1.DecideStreamResponse_Decision{Decision: d}}
}

// TestAnswersInAnyOrder: 64 questions are in flight on one stream before the first is answered, and the last comes first.
func TestAnswersInAnyOrder(t *testing.T) {
	const n = 64
	f := (&fake{stream: func(s fakeStream) error {
		var rs []*deciderv1.DecideStreamRequest
		for range n {
			r, err := s.Recv()
			if err != nil {
				return err
			}
			rs = append(rs, r)
		}
		for _, r := range slices.Backward(rs) {
			if err := s.Send(decisionOn(r)); err != nil {
				return err
			}
		}
		_, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}}).start(t, socket(t))
	c := dial(t, Options{Address: f.target, Streams: 1})
	var answers []chan answer
	for i := range n {
		answers = append(answers, put(c, ask(t, fmt.Sprintf("a%d NOOP", i))))
	}
	for i, ch := range answers {
		if a := <-ch; a.err != nil || a.d.ID != fmt.Sprintf("a%d", i) {
			t.Errorf("question %d: %+v", i, a)
		}
	}
}

// TestWhatADeciderMustNotSay: answers to nothing, second answers and empty ones harm no other question.
func TestWhatADeciderMustNotSay(t *testing.T) {
	f := (&fake{stream: func(s fakeStream) error {
		for {
			r, err := s.Recv()
			if err != nil {
				return nil
			}
			other := decisionOn(r)
			other.Id += 1000
			for _, m := range []*deciderv1.DecideStreamResponse{{}, other, decisionOn(r), decisionOn(r), {Id: r.Id}} {
				if err := s.Send(m); err != nil {
					return err
				}
			}
		}
	}}).start(t, socket(t))
	c := dial(t, Options{Address: f.target, Streams: 1})
	for i := range 3 {
		if a := <-put(c, ask(t, fmt.Sprintf("a%d NOOP", i))); a.err != nil || a.d.Fault != nil || a.d.ID != fmt.Sprintf("a%d", i) {
			t.Errorf("%+v", a)
		}
	}
	eventually(t, "the rest is counted", func() bool { return c.Counts().Late == 12 })
}

// TestEmptyAnswer: a fault, as a missing decision is.
func TestEmptyAnswer(t *testing.T) {
	f := (&fake{stream: func(s fakeStream) error {
		r, err := s.Recv()
		if err != nil {
			return err
		}
		_ = s.Send(&deciderv1.DecideStreamResponse{Id: r.Id, Answer: noAnswer(status.New(codes.OK, "nonsense"))})
		if r, err = s.Recv(); err != nil {
			return err
		}
		_ = s.Send(&deciderv1.DecideStreamResponse{Id: r.Id})
		_, _ = s.Recv()
		return nil
	}}).start(t, socket(t))
	c := dial(t, Options{Address: f.target, Streams: 1})
	for _, want := range []string{"nonsense", "no decision"} {
		if a := <-put(c, ask(t, "a1 NOOP")); a.err != nil || a.d.Fault == nil || !strings.Contains(a.d.Fault.Message, want) {
			t.Errorf("%+v, want a fault that says %q", a, want)
		}
	}
}

// TestDrain: another stream is open before the one that drains is closed, what is in flight on that is answered, and it ends in
// order.
func TestDrain(t *testing.T) {
	for _, streams := range []int{1, 3} {
		t.Run(strconv.Itoa(streams), func(t *testing.T) {
			release, slow := make(chan struct{}), make(chan struct{})
			f := (&fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
				if string(q.GetCommand().Tag) == "slow" {
					close(slow)
					<-release
				}
				return accepted(ctx, q)
			}}).start(t, socket(t))
			c := dial(t, Options{Address: f.target, Streams: streams})
			eventually(t, "all streams are open", func() bool { return f.open() == streams })
			first := put(c, ask(t, "slow NOOP"))
			<-slow
			if n := f.drain(); n != streams {
				t.Fatalf("%d streams, want %d", n, streams)
			}
			eventually(t, "one is left, which has a question, beside those that took their place", func() bool {
				if a := <-put(c, ask(t, "a1 NOOP")); a.err != nil {
					t.Fatal(a.err)
				}
				return f.open() == streams+1
			})
			if a := <-put(c, ask(t, "a2 NOOP")); a.err != nil {
				t.Fatal(a.err)
			}
			close(release)
			if a := <-first; a.err != nil || a.d.ID != "slow" {
				t.Errorf("%+v", a)
			}
			eventually(t, "it has ended", func() bool { return f.open() == streams })
			if n := c.Counts(); n.Broken+n.Silent+n.Refused+n.Late != 0 || f.times("slow") != 1 {
				t.Errorf("%+v; asked %d times", n, f.times("slow"))
			}
		})
	}
}

// TestDrainWithoutAnother: where no other stream can be opened, the one that drains is used for a while, and then closed, for
// the decider waits for it.
func TestDrainWithoutAnother(t *testing.T) {
	var opened atomic.Int32
	ended := make(chan struct{})
	f := &fake{}
	f.stream = func(s fakeStream) error {
		if opened.Add(1) > 1 {
			return status.Error(codes.Unavailable, "no more")
		}
		defer close(ended)
		for n := 0; ; n++ {
			r, err := s.Recv()
			if err != nil {
				return nil
			}
			_ = s.Send(decisionOn(r))
			if n == 0 {
				_ = s.Send(&deciderv1.DecideStreamResponse{Answer: &deciderv1.DecideStreamResponse_Drain{}})
			}
		}
	}
	f.start(t, socket(t))
	c := dial(t, Options{Address: f.target, Streams: 1, Deadline: 2 * time.Second})
	begin := time.Now()
	for range 50 {
		if a := <-put(c, ask(t, "a1 NOOP")); a.err != nil {
			t.Fatal(a.err)
		}
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("it is not closed")
	}
	if took := time.Since(begin); took < drainPatience/2 {
		t.Errorf("closed after %v", took)
	}
}

// TestBreak: what is in flight on a stream that breaks is asked on another, under the same number, and answered once.
func TestBreak(t *testing.T) {
	const n = 20
	var mu sync.Mutex
	ids, asks, attempts := map[string][]uint64{}, map[string][]uint64{}, map[string][]uint32{}
	var arrived sync.WaitGroup
	arrived.Add(n)
	broken := false
	f := (&fake{stream: func(s fakeStream) error {
		mu.Lock()
		breaks := !broken
		broken = true
		mu.Unlock()
		for i := 1; ; i++ {
			r, err := s.Recv()
			if err != nil {
				return nil
			}
			mu.Lock()
			tag := string(r.Question.GetCommand().Tag)
			ids[tag] = append(ids[tag], r.Id)
			asks[tag] = append(asks[tag], r.Question.Ask)
			attempts[tag] = append(attempts[tag], r.Question.Attempt)
			mu.Unlock()
			switch {
			case !breaks:
				if err := s.Send(decisionOn(r)); err != nil {
					return err
				}
			case i == n:
				return status.Error(codes.Unavailable, "gone")
			}
		}
	}}).start(t, socket(t))
	c := dial(t, Options{Address: f.target, Streams: 1})
	var answers []chan answer
	for i := range n {
		q := ask(t, fmt.Sprintf("a%d NOOP", i))
		q.Ask = uint64(i + 1)
		answers = append(answers, put(c, q))
	}
	for i, ch := range answers {
		tag := fmt.Sprintf("a%d", i)
		if a := <-ch; a.err != nil || a.d.ID != tag {
			t.Errorf("question %d: %+v %v", i, a.d, a.err)
		}
		mu.Lock()
		if want := uint64(i + 1); !slices.Equal(asks[tag], []uint64{want, want}) || !slices.Equal(attempts[tag], []uint32{0, 1}) {
			t.Errorf("%s was asked as %v, attempts %v", tag, asks[tag], attempts[tag])
		}
		mu.Unlock()
	}
	for tag, got := range ids {
		if len(got) != 2 || got[0] != got[1] {
			t.Errorf("%s was asked as %v", tag, got)
		}
	}
	if got := c.Counts(); got.Broken != n || got.Late != 0 || got.Asked != n {
		t.Errorf("%+v", got)
	}
}

// TestBrokenForEver: a question that breaks each stream it comes to is not asked without end, and what breaks them decides
// what it is: a decider that goes away, or one that cannot stand it.
func TestBrokenForEver(t *testing.T) {
	for _, c := range []struct {
		code codes.Code
		want error
	}{
		{codes.Unavailable, ErrUnavailable},
		{codes.Internal, nil},
		{codes.ResourceExhausted, nil}, // a message over the decider's bound
		{codes.OK, ErrUnavailable},     // it ends the stream in order, but too early
	} {
		t.Run(c.code.String(), func(t *testing.T) {
			var asked atomic.Int32
			f := (&fake{stream: func(s fakeStream) error {
				for {
					r, err := s.Recv()
					if err != nil {
						return nil
					}
					if string(r.Question.GetCommand().Tag) == "bad" {
						asked.Add(1)
						return status.Error(c.code, "gone")
					}
					_ = s.Send(decisionOn(r))
				}
			}}).start(t, socket(t))
			client := dial(t, Options{Address: f.target, Streams: 2, Deadline: 5 * time.Second})
			a := <-put(client, ask(t, "bad NOOP"))
			if c.want != nil && !errors.Is(a.err, c.want) || c.want == nil && (a.err != nil || a.d.Fault == nil) {
				t.Errorf("%+v, want %v", a, c.want)
			}
			if n := asked.Load(); n < 2 || n > maxAttempts {
				t.Errorf("asked %d times", n)
			}
			if a := <-put(client, ask(t, "good NOOP")); a.err != nil || a.d.ID != "good" {
				t.Errorf("afterwards: %+v", a)
			}
		})
	}
}

// TestTooLarge: a question over gRPC's bound is a fault and does not harm the stream.
func TestTooLarge(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			f := (&fake{plain: mode.plain, decide: accepted}).start(t, socket(t))
			c := dial(t, Options{Address: f.target, Streams: mode.streams})
			q := ask(t, "big NOOP")
			q.Session.Enabled = []string{strings.Repeat("x", maxQuestion)}
			if a := <-put(c, q); a.err != nil || a.d.Fault == nil || !strings.Contains(a.d.Fault.Message, "over the bound") {
				t.Errorf("%+v", a)
			}
			if a := <-put(c, ask(t, "a1 NOOP")); a.err != nil {
				t.Error(a.err)
			}
			if n := c.Counts(); n.Broken != 0 && !mode.plain || f.total() != 1 {
				t.Errorf("%+v, asked %d times", n, f.total())
			}
		})
	}
}

// TestSlowStream: a decider that reads nothing does not block whoever asks, and each question ends at its deadline.
func TestSlowStream(t *testing.T) {
	release := make(chan struct{})
	f := (&fake{stream: func(fakeStream) error { <-release; return nil }}).start(t, socket(t))
	defer close(release)
	c := dial(t, Options{Address: f.target, Streams: 1, Deadline: 300 * time.Millisecond, InFlight: 64})
	eventually(t, "the stream is open", c.Ready)
	q := ask(t, "a1 NOOP")
	q.Session.Enabled = []string{strings.Repeat("x", 64<<10)} // a flow-control window each
	settled := make(chan time.Duration, 64)
	begin := time.Now()
	for range 64 {
		c.Ask(t.Context(), connection(), q, func(_ *session.Decision, err error) {
			if !errors.Is(err, ErrDeadline) {
				t.Error(err)
			}
			settled <- time.Since(begin)
		})
	}
	if took := time.Since(begin); took > 200*time.Millisecond {
		t.Errorf("asking took %v", took)
	}
	for range 64 {
		if took := <-settled; took < 290*time.Millisecond || took > 2*time.Second {
			t.Errorf("settled after %v", took)
		}
	}
}
