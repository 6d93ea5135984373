package pdp

import (
	"cmp"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// BenchmarkCallsAndStreams asks a decider that does nothing, over a unix socket, by calls and by streams in turn. calls/streams is
// the ratio of their throughputs, medians of the rounds.
func BenchmarkCallsAndStreams(b *testing.B) {
	for _, inFlight := range []int{1, 64} {
		b.Run("in flight "+strconv.Itoa(inFlight), func(b *testing.B) {
			f := (&fake{decide: accepted, stream: func(s fakeStream) error {
				for {
					r, err := s.Recv()
					if err != nil {
						return nil
					}
					if err := s.Send(decisionOn(r)); err != nil {
						return err
					}
				}
			}}).start(b, socket(b), grpc.NumStreamWorkers(64))
			ways := []*way{{name: "calls"}, {name: "streams", streams: 2}}
			for _, w := range ways {
				w.client = dial(b, Options{Address: f.target, Streams: w.streams})
				recovered(b, w.client)
			}
			q := ask(b, "a1 UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (DATE FROM)])")
			const questions = 4000
			b.ReportAllocs()
			for b.Loop() {
				for _, w := range ways {
					w.round(q, questions, inFlight)
				}
			}
			calls, streams := ways[0].report(b), ways[1].report(b)
			b.ReportMetric(calls/streams, "calls/streams")
			b.ReportMetric(0, "ns/op") // two ways together: no figure of either
		})
	}
}

// way is a way to ask, with what was measured.
type way struct {
	name    string
	streams int
	client  *Client
	rates   []float64 // per round, a second
	took    []time.Duration
}

// round asks n questions, so many at once.
func (w *way) round(q session.Question, n, inFlight int) {
	conn := connection()
	free := make(chan struct{}, inFlight)
	took := make([]time.Duration, n)
	begin := time.Now()
	for i := range n {
		free <- struct{}{}
		at := time.Now()
		w.client.Ask(w.client.ctx, conn, q, func(d *session.Decision, err error) {
			if err != nil || d.Fault != nil {
				panic(err)
			}
			took[i] = time.Since(at)
			<-free
		})
	}
	for range inFlight {
		free <- struct{}{}
	}
	w.rates = append(w.rates, float64(n)/time.Since(begin).Seconds())
	w.took = append(w.took, took...)
}

func (w *way) report(b *testing.B) (rate float64) {
	slices.Sort(w.took)
	rate = median(w.rates)
	b.ReportMetric(rate, w.name+"/s")
	b.ReportMetric(float64(median(w.took).Microseconds()), w.name+"-p50-us")
	b.ReportMetric(float64(w.took[len(w.took)*99/100].Microseconds()), w.name+"-p99-us")
	return rate
}

func median[T cmp.Ordered](s []T) T {
	s = slices.Sorted(slices.Values(s))
	return s[len(s)/2]
}
