package decider

import (
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// BenchmarkReuseRecord has reuses of decisions recorded in a file, as a dataplane reports those that are recorded each: /report is without
// gRPC, /socket comes over a unix socket, where marshalling the report is part of the figure. cpu-ns/record is the processor time of
// the whole process, on all goroutines, for each.
func BenchmarkReuseRecord(b *testing.B) {
	const batch = 100
	for _, bm := range []struct {
		name string
		run  func(*bench, deciderv1.DeciderServiceClient, []*deciderv1.Reused) error
	}{
		{"report", func(s *bench, _ deciderv1.DeciderServiceClient, reused []*deciderv1.Reused) error {
			_, err := s.Report(b.Context(), reused)
			return err
		}},
		{"socket", func(_ *bench, c deciderv1.DeciderServiceClient, reused []*deciderv1.Reused) error {
			_, err := c.ReportReuse(b.Context(), &deciderv1.ReportReuseRequest{Reused: reused})
			return err
		}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s := newBench(b, toFile)
			s.cfg.Audit.Sync = true // a report has its answer when its records are written
			client, stop := s.client(b)
			defer stop()
			reused := s.reused(b, batch)
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				if err := bm.run(s, client, reused); err != nil {
					b.Fatal(err)
				}
			}
			records := float64(b.N) * batch
			b.ReportMetric(float64(processorTime(b)-began)/records, "cpu-ns/record")
			b.ReportMetric(float64(b.Elapsed())/records, "ns/record")
			if n := s.audit.Counts(); n.Lost+n.Dropped != 0 || n.Written < uint64(b.N)*batch {
				b.Errorf("counts %+v for %.0f records", n, records)
			}
		})
	}
}

// reused are reuses of one decision in one session.
func (b *bench) reused(tb testing.TB, count int) []*deciderv1.Reused {
	tb.Helper()
	d, err := b.Decide(tb.Context(), b.question)
	if err != nil {
		tb.Fatal(err)
	}
	d = proto.CloneOf(d)
	d.Reuse = &deciderv1.Reuse{LeaseMs: 5000, Audit: deciderv1.ReuseAudit_REUSE_AUDIT_EACH}
	reused := make([]*deciderv1.Reused, count)
	for i := range reused {
		at := time.Now().UnixMicro()
		q := proto.CloneOf(b.question)
		q.Ask = uint64(i + 1)
		reused[i] = &deciderv1.Reused{Id: "01890a5d-ac96-774b-bcce-b302099a8057", Question: q, Decision: d, FirstUnixUs: at, LastUnixUs: at, Count: 1}
	}
	return reused
}

// processorTime is what this process has used.
func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
