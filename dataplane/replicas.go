package dataplane

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
)

// Revision is a revision of policy in force on a replica of the decider.
type Revision = pdp.Revision

// Revisions are those in force on the deciders connected, the one announced last first. While policy is being rolled out they
// differ.
func (d *Dataplane) Revisions() []Revision { return d.client.Revisions() }

// replicas are the metrics of each replica of the decider. Addresses are the configuration's or the name service's, revisions the
// decider's own.
type replicas struct {
	client                              *pdp.Client
	revision, streams, inFlight, silent *prometheus.Desc
	again, late                         *prometheus.Desc
}

func newReplicas(c *pdp.Client) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("gatepost_dataplane_decider_"+name, help, labels, nil)
	}
	return &replicas{
		client:   c,
		revision: desc("revision_info", "1 for the revision of policy in force on each replica of the decider that is connected.", "replica", "revision"),
		streams:  desc("streams", "Streams that carry questions to a replica. 0: calls do, or it is not usable.", "replica"),
		inFlight: desc("questions_in_flight", "Questions that a replica has not answered.", "replica"),
		silent:   desc("silent", "1 while a replica is passed over because it does not answer.", "replica"),
		again: desc("questions_again_total", "Questions put to one more replica, by the reason: broken (the transport failed), refused (no policy, "+
			"or shutting down), silent. The decider may have a record for each time.", "reason"),
		late: desc("answers_late_total", "Answers to questions that were settled."),
	}
}

// Describe implements prometheus.Collector.
func (r *replicas) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{r.revision, r.streams, r.inFlight, r.silent, r.again, r.late} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (r *replicas) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, v := range r.client.Revisions() {
		gauge(r.revision, 1, v.Replica, v.Revision)
	}
	for _, v := range r.client.Replicas() {
		gauge(r.streams, float64(v.Streams), v.Address)
		gauge(r.inFlight, float64(v.InFlight), v.Address)
		silent := 0.0
		if v.Silent {
			silent = 1
		}
		gauge(r.silent, silent, v.Address)
	}
	n := r.client.Counts()
	for reason, v := range map[string]uint64{"broken": n.Broken, "refused": n.Refused, "silent": n.Silent} {
		ch <- prometheus.MustNewConstMetric(r.again, prometheus.CounterValue, float64(v), reason)
	}
	ch <- prometheus.MustNewConstMetric(r.late, prometheus.CounterValue, float64(n.Late))
}
