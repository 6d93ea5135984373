package dataplane

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatepost/gatepost/dataplane/internal/config"
	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/reuse"
)

// decider answers the sessions' questions: by itself where it may, else the client's replicas do. before is the dataplane whose place this
// one takes; nil: none.
func (d *Dataplane) decider(before *Dataplane) pdp.Decider {
	asked := d.metrics.measured(d.client)
	c := d.cfg.Reuse
	if !c.Enabled {
		return asked
	}
	var after *reuse.Decider
	if before != nil {
		after = before.reuse
	}
	d.reuse = reuse.New(reuse.Options{
		After:     after,
		Decider:   asked,
		Reporter:  d.client,
		Memory:    uint64(c.Memory),
		Batch:     c.Reports.Batch,
		Interval:  c.Reports.Interval,
		Aggregate: c.Reports.Aggregate,
		Queue:     uint64(c.Reports.Queue),
		Drop:      c.Reports.OnFull == config.OnFullDrop,
		Log:       d.log,
	})
	d.client.Follow(d.reuse.Revise)
	return d.reuse
}

// endReports has recorded what was reused.
func (d *Dataplane) endReports(ctx context.Context) error {
	if d.reuse == nil {
		return nil
	}
	if err := d.reuse.Close(ctx); err != nil {
		return fmt.Errorf("dataplane: %w", err)
	}
	return nil
}

// reuses are the metrics of reuse.
type reuses struct {
	dataplane *Dataplane

	asked, reused, not                                *prometheus.Desc
	decisions, octets, evicted, invalidated           *prometheus.Desc
	sent, failed, dropped, lost, waiting, waitingSize *prometheus.Desc
}

func newReuses(d *Dataplane) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("gatepost_dataplane_"+name, help, labels, nil)
	}
	return &reuses{
		dataplane: d,
		asked: desc("decisions_asked_total", "Questions that the decider was asked, by the reason: new (no decision on an equal one is kept), lease (its "+
			"lease has ended), revision (the replicas have no revision in common), reports_full (the reuse could not be recorded), strict "+
			"(the listener's audit is).", "reason"),
		reused: desc("decisions_reused_total", "Questions that were answered by a decision on an equal one, by how that is recorded: each or aggregate.", "audit"),
		not: desc("decisions_not_reusable_total", "Answers of the decider that cannot be reused, by the reason: the decider's own (input, nondeterministic, "+
			"unknown, no_store, error, off, unspecified), or lease (it is 0), revision (of the answer or of its question, no longer in force), "+
			"strict, unknown_field.", "reason"),
		decisions:   desc("reuse_decisions", "Decisions kept for reuse."),
		octets:      desc("reuse_octets", "About the memory that they take."),
		evicted:     desc("reuse_evicted_total", "Decisions that made way for others."),
		invalidated: desc("reuse_invalidated_total", "Decisions that were forgotten because a replica announced another revision."),
		sent:        desc("reuse_reports_sent_total", "Records of reuses that the decider has taken."),
		failed:      desc("reuse_reports_failed_total", "Attempts to send records that failed. They are sent again."),
		dropped:     desc("reuse_reports_dropped_total", "Reuses that were not recorded because the queue was full."),
		lost:        desc("reuse_reports_lost_total", "Reuses whose records were refused, or could not be sent before the end."),
		waiting:     desc("reuse_reports_waiting", "Records that wait to be sent, or in which reuses are counted."),
		waitingSize: desc("reuse_reports_waiting_octets", "About the memory that they take."),
	}
}

// Describe implements prometheus.Collector.
func (r *reuses) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{r.asked, r.reused, r.not, r.decisions, r.octets, r.evicted, r.invalidated,
		r.sent, r.failed, r.dropped, r.lost, r.waiting, r.waitingSize} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (r *reuses) Collect(ch chan<- prometheus.Metric) {
	n := r.dataplane.reuse.Counts()
	send := func(t prometheus.ValueType, d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, t, float64(v), labels...)
	}
	for why, v := range n.Asked {
		send(prometheus.CounterValue, r.asked, v, why)
	}
	send(prometheus.CounterValue, r.reused, n.Each, "each")
	send(prometheus.CounterValue, r.reused, n.Aggregated, "aggregate")
	for why, v := range n.NotReusable {
		send(prometheus.CounterValue, r.not, v, why)
	}
	send(prometheus.GaugeValue, r.decisions, n.Decisions)
	send(prometheus.GaugeValue, r.octets, n.Octets)
	send(prometheus.CounterValue, r.evicted, n.Evicted)
	send(prometheus.CounterValue, r.invalidated, n.Invalidated)
	send(prometheus.CounterValue, r.sent, n.Sent)
	send(prometheus.CounterValue, r.failed, n.Failed)
	send(prometheus.CounterValue, r.dropped, n.Dropped)
	send(prometheus.CounterValue, r.lost, n.Lost)
	send(prometheus.GaugeValue, r.waiting, n.Waiting)
	send(prometheus.GaugeValue, r.waitingSize, n.WaitingOctets)
}
