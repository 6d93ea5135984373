package pdp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// group starts n deciders.
func group(t testing.TB, n int, make func(i int) *fake) (fs []*fake, addresses []string) {
	t.Helper()
	for i := range n {
		f := make(i).start(t, socket(t))
		fs = append(fs, f)
		addresses = append(addresses, f.target)
	}
	return fs, addresses
}

// accepting takes up to 2 ms, so that some questions are in flight at any time.
func accepting(int) *fake {
	return &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
		time.Sleep(rand.N(2 * time.Millisecond))
		return accepted(ctx, q)
	}}
}

// load asks from many goroutines until it is ended.
type load struct {
	t        testing.TB
	end      chan struct{}
	asking   sync.WaitGroup
	asked    atomic.Int64
	mu       sync.Mutex
	answered map[string]int // by tag
	failed   []error
	slowest  time.Duration
}

func newLoad(t testing.TB, c *Client, goroutines int) *load {
	l := &load{t: t, end: make(chan struct{}), answered: map[string]int{}}
	for g := range goroutines {
		l.asking.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-l.end:
					return
				default:
				}
				l.one(c, fmt.Sprintf("g%d.%d", g, i))
				time.Sleep(rand.N(time.Millisecond))
			}
		})
	}
	return l
}

// one asks one question and waits for its answer.
func (l *load) one(c *Client, tag string) {
	l.asked.Add(1)
	begin := time.Now()
	settled := make(chan struct{})
	c.Ask(context.Background(), connection(), ask(l.t, tag+" NOOP"), func(d *session.Decision, err error) {
		l.mu.Lock()
		l.answered[tag]++
		first := l.answered[tag] == 1
		switch {
		case err != nil:
			l.failed = append(l.failed, err)
		case d.ID != tag || d.Fault != nil:
			l.failed = append(l.failed, fmt.Errorf("%s has the decision %s, %v", tag, d.ID, d.Fault))
		}
		l.slowest = max(l.slowest, time.Since(begin))
		l.mu.Unlock()
		if first {
			close(settled)
		}
	})
	<-settled
}

// stop ends the load. Each question must have been answered, once, with its own decision.
func (l *load) stop() {
	l.t.Helper()
	close(l.end)
	l.asking.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, err := range l.failed[:min(len(l.failed), 5)] {
		l.t.Error(err)
	}
	for tag, n := range l.answered {
		if n != 1 {
			l.t.Errorf("%s was answered %d times", tag, n)
		}
	}
	if int64(len(l.answered)) != l.asked.Load() || len(l.answered) == 0 {
		l.t.Errorf("%d of %d questions were answered", len(l.answered), l.asked.Load())
	}
	l.t.Logf("%d questions, %d failed, slowest %v", len(l.answered), len(l.failed), l.slowest)
}

// run lets the load run for a while.
func (l *load) run(d time.Duration) { time.Sleep(d) }

// TestSpread: questions go to each replica, and each has its streams.
func TestSpread(t *testing.T) {
	fs, addresses := group(t, 3, accepting)
	c := dial(t, Options{Addresses: addresses, Streams: 2})
	eventually(t, "all streams are open", func() bool { return fs[0].open()+fs[1].open()+fs[2].open() == 6 })
	for i := range 300 {
		if a := <-put(c, ask(t, fmt.Sprintf("a%d NOOP", i))); a.err != nil {
			t.Fatal(a.err)
		}
	}
	for i, f := range fs {
		if f.total() != 100 || f.open() != 2 {
			t.Errorf("replica %d was asked %d times on %d streams", i, f.total(), f.open())
		}
	}
	if rs := c.Replicas(); len(rs) != 3 || rs[0].Streams != 2 || rs[0].InFlight != 0 || rs[0].Silent {
		t.Errorf("%+v", rs)
	}
}

// TestOneHealthy: of three replicas one is killed and one stands still, under load. No question fails, and none is answered
// twice.
func TestOneHealthy(t *testing.T) {
	for name, streams := range map[string]int{"calls": 0, "streams": 2} {
		t.Run(name, func(t *testing.T) {
			fs, addresses := group(t, 3, accepting)
			c := dial(t, Options{Addresses: addresses, Streams: streams, Deadline: time.Second, Silence: 250 * time.Millisecond})
			eventually(t, "all replicas are in use", func() bool {
				return (<-put(c, ask(t, "a1 NOOP"))).err == nil && fs[0].total()*fs[1].total()*fs[2].total() > 0
			})
			l := newLoad(t, c, 16)
			l.run(200 * time.Millisecond)
			fs[1].gate.freeze()
			l.run(100 * time.Millisecond)
			fs[0].stop()
			l.run(time.Second)
			l.stop()
			n := c.Counts()
			t.Logf("%+v", n)
			if n.Silent == 0 {
				t.Error("none was asked again for silence")
			}
			if !c.Replicas()[0].Silent && !c.Replicas()[len(c.Replicas())-1].Silent {
				t.Errorf("%+v, want one to be silent", c.Replicas())
			}

			fs[1].gate.thaw()
			was := fs[1].total()
			eventually(t, "the one that went on is used", func() bool {
				return (<-put(c, ask(t, "a1 NOOP"))).err == nil && fs[1].total() > was+3
			})
		})
	}
}

// TestRolling: replicas are killed, stand still and come back in turn, one at a time. No question fails.
func TestRolling(t *testing.T) {
	paths := []string{socket(t), socket(t), socket(t)}
	fs := make([]*fake, 3)
	var addresses []string
	for i, p := range paths {
		fs[i] = accepting(i).start(t, p)
		addresses = append(addresses, fs[i].target)
	}
	c := dial(t, Options{Addresses: addresses, Streams: 2, Deadline: time.Second, Silence: 200 * time.Millisecond})
	used := func(f *fake) {
		eventually(t, "it is used", func() bool { return f.total() > 0 && f.open() == 2 })
	}
	recovered(t, c)
	l := newLoad(t, c, 8)
	for _, f := range fs {
		used(f)
	}
	for range 2 {
		for i := range fs {
			fs[i].gate.freeze()
			l.run(300 * time.Millisecond)
			fs[i].gate.thaw()
			l.run(100 * time.Millisecond)
			fs[i].stop()
			l.run(50 * time.Millisecond)
			fs[i] = accepting(i).start(t, paths[i])
			used(fs[i])
		}
	}
	l.stop()
	t.Logf("%+v", c.Counts())
}

// TestConnectionAge: the decider ends connections by age. No question fails, with one replica too.
func TestConnectionAge(t *testing.T) {
	f := accepting(0).start(t, socket(t), grpc.KeepaliveParams(keepalive.ServerParameters{
		MaxConnectionAge: 100 * time.Millisecond, MaxConnectionAgeGrace: 200 * time.Millisecond}))
	c := dial(t, Options{Address: f.target, Streams: 2, Deadline: 2 * time.Second})
	recovered(t, c)
	l := newLoad(t, c, 8)
	l.run(1500 * time.Millisecond)
	l.stop()
	t.Logf("%+v", c.Counts())
	if n := c.Counts(); n.Late != 0 {
		t.Errorf("%+v", n)
	}
}

// TestHealth: a replica that does not serve gets no questions; one that is the last is used as long as its streams last.
func TestHealth(t *testing.T) {
	fs, addresses := group(t, 2, accepting)
	c := dial(t, Options{Addresses: addresses, Streams: 1})
	eventually(t, "both are open", func() bool { return fs[0].open()+fs[1].open() == 2 })
	recovered(t, c)
	recovered(t, c)
	l := newLoad(t, c, 4)
	fs[0].serving(false)
	eventually(t, "its stream has ended", func() bool { return fs[0].open() == 0 })
	was := fs[0].total()
	l.run(50 * time.Millisecond)
	if n := fs[0].total() - was; n != 0 {
		t.Errorf("it was asked %d times", n)
	}
	fs[1].serving(false)
	l.run(100 * time.Millisecond)
	fs[0].serving(true)
	eventually(t, "it is used again", func() bool { return fs[0].total() > was })
	l.stop()
	if n := c.Counts(); n.Broken+n.Refused+n.Silent != 0 {
		t.Errorf("%+v", n)
	}
}

// TestNoPolicy: a question that one replica has no policy for is put to another; load that is shed is not.
func TestNoPolicy(t *testing.T) {
	for _, c := range []struct {
		code codes.Code
		want error
	}{{codes.Unavailable, nil}, {codes.Canceled, nil}, {codes.ResourceExhausted, ErrOverloaded}} {
		for name, streams := range map[string]int{"calls": 0, "streams": 2} {
			t.Run(c.code.String()+"/"+name, func(t *testing.T) {
				fs, addresses := group(t, 2, func(i int) *fake {
					if i == 0 {
						return accepting(i)
					}
					return &fake{decide: func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error) {
						return nil, status.Error(c.code, "no")
					}}
				})
				client := dial(t, Options{Addresses: addresses, Streams: streams})
				eventually(t, "both are asked", func() bool {
					a := <-put(client, ask(t, "a1 NOOP"))
					if a.err != nil && !errors.Is(a.err, c.want) && fs[0].total() > 0 {
						t.Fatal(a.err)
					}
					return fs[0].total() > 2 && fs[1].total() > 2
				})
				if n := client.Counts().Refused; (n > 0) != (c.want == nil) {
					t.Errorf("asked again %d times", n)
				}
			})
		}
	}
}

// TestSlowIsNotSilent: an evaluation that takes long is asked about once, while the replica answers other questions.
func TestSlowIsNotSilent(t *testing.T) {
	fs, addresses := group(t, 2, func(int) *fake {
		return &fake{decide: func(ctx context.Context, q *deciderv1.Question) (*deciderv1.Decision, error) {
			if strings.HasPrefix(string(q.GetCommand().Tag), "slow") {
				time.Sleep(time.Second)
			}
			return accepted(ctx, q)
		}}
	})
	c := dial(t, Options{Addresses: addresses, Streams: 1, Deadline: 5 * time.Second, Silence: 500 * time.Millisecond})
	eventually(t, "both are open", func() bool { return fs[0].open()+fs[1].open() == 2 })
	l := newLoad(t, c, 4)
	for i := range 2 {
		tag := fmt.Sprintf("slow%d", i)
		if a := <-put(c, ask(t, tag+" NOOP")); a.err != nil || a.d.ID != tag {
			t.Errorf("%+v", a)
		}
		if n := fs[0].times(tag) + fs[1].times(tag); n != 1 {
			t.Errorf("%s was asked %d times", tag, n)
		}
	}
	l.stop()
	if n := c.Counts(); n.Silent != 0 {
		t.Errorf("%+v", n)
	}
}

// TestLostAnswer: a stream that never answers, of a replica that is well, is replaced, and what was asked on it answered by
// another.
func TestLostAnswer(t *testing.T) {
	var streams atomic.Int32
	fs, addresses := group(t, 2, func(i int) *fake {
		f := accepting(i)
		if i == 0 {
			f.stream = func(s fakeStream) error {
				deaf := streams.Add(1) == 1
				for {
					r, err := s.Recv()
					if err != nil {
						return nil
					}
					f.note(r.Question, r.Id)
					if !deaf {
						_ = s.Send(decisionOn(r))
					}
				}
			}
		}
		return f
	})
	c := dial(t, Options{Addresses: addresses, Streams: 1, Deadline: 300 * time.Millisecond, Silence: 50 * time.Millisecond})
	eventually(t, "both are open", func() bool { return streams.Load() == 1 && fs[1].open() == 1 })
	l := newLoad(t, c, 4)
	eventually(t, "the stream is replaced", func() bool { return streams.Load() == 2 })
	was := fs[0].total()
	eventually(t, "and used", func() bool { return fs[0].total() > was+10 })
	l.stop()
	t.Logf("%+v", c.Counts())
}

// TestAllDown: questions fail at once while no replica can be reached, and are answered when one is back.
func TestAllDown(t *testing.T) {
	for name, streams := range map[string]int{"calls": 0, "streams": 2} {
		t.Run(name, func(t *testing.T) {
			paths := []string{socket(t), socket(t), socket(t)}
			c := dial(t, Options{Addresses: []string{"unix:" + paths[0], "unix:" + paths[1], "unix:" + paths[2]}, Streams: streams, Deadline: 5 * time.Second})
			for range 20 {
				away(t, c)
			}
			f := (&fake{decide: accepted}).start(t, paths[1])
			recovered(t, c)
			waiting := make([]chan answer, 64)
			f.gate.freeze()
			for i := range waiting {
				waiting[i] = put(c, ask(t, fmt.Sprintf("a%d NOOP", i)))
			}
			begin := time.Now()
			f.stop()
			for _, w := range waiting {
				if a := <-w; a.err != nil && !errors.Is(a.err, ErrUnavailable) {
					t.Error(a.err)
				}
			}
			if took := time.Since(begin); took > time.Second {
				t.Errorf("in flight when it died: told after %v", took)
			}
			away(t, c)
			(&fake{decide: accepted}).start(t, paths[2])
			recovered(t, c)
		})
	}
}

// TestAllSilent: with no replica that answers, questions end at their deadline, and go on by themselves afterwards.
func TestAllSilent(t *testing.T) {
	fs, addresses := group(t, 2, accepting)
	c := dial(t, Options{Addresses: addresses, Streams: 2, Deadline: 150 * time.Millisecond})
	eventually(t, "all are open", func() bool { return fs[0].open()+fs[1].open() == 4 })
	fs[0].gate.freeze()
	fs[1].gate.freeze()
	for range 5 {
		begin := time.Now()
		if a := <-put(c, ask(t, "a1 NOOP")); !errors.Is(a.err, ErrDeadline) || time.Since(begin) > time.Second {
			t.Errorf("%+v after %v", a, time.Since(begin))
		}
	}
	fs[0].gate.thaw()
	fs[1].gate.thaw()
	recovered(t, c)
	eventually(t, "both are well", func() bool {
		<-put(c, ask(t, "a1 NOOP"))
		rs := c.Replicas()
		return len(rs) == 2 && !rs[0].Silent && !rs[1].Silent && rs[0].InFlight+rs[1].InFlight == 0
	})
}

// TestGoroutines: all that a client started ends with it, whatever has happened to it.
func TestGoroutines(t *testing.T) {
	for name, streams := range map[string]int{"calls": 0, "streams": 3} {
		t.Run(name, func(t *testing.T) {
			fs, addresses := group(t, 3, accepting)
			before := runtime.NumGoroutine()
			c, err := Dial(Options{Addresses: addresses, Streams: streams, Deadline: 500 * time.Millisecond, InFlight: 128})
			if err != nil {
				t.Fatal(err)
			}
			recovered(t, c)
			l := newLoad(t, c, 8)
			l.run(50 * time.Millisecond)
			fs[0].drain()
			fs[1].gate.freeze()
			l.run(300 * time.Millisecond)
			l.stop()
			put(c, ask(t, "a1 NOOP"))
			c.Close()
			fs[1].gate.thaw()
			eventually(t, "they have ended", func() bool { return runtime.NumGoroutine() <= before })
			if _, ok := clients.Load(c.number); ok || len(c.waiting) != 0 || c.open != 0 || len(c.lanes) != 0 {
				t.Errorf("left: %d waiting, %d open, %d lanes", len(c.waiting), c.open, len(c.lanes))
			}
		})
	}
}
