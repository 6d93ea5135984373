package dataplane

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// metrics are what /metrics shows. No label's value comes from a peer.
type metrics struct {
	registry  *prometheus.Registry
	events    *prometheus.CounterVec
	decisions *prometheus.CounterVec
	upstream  *prometheus.CounterVec
	answers   *prometheus.HistogramVec
	counters  counters
}

// newMetrics makes them for a dataplane. Counters of the one before go on.
func newMetrics(d, before *Dataplane) *metrics {
	m := &metrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_dataplane_events_total",
			Help: "Events, by the listener, the event's name, the verdict where it has one, and whether that was only observed.",
		}, []string{"listener", "event", "verdict", "observed"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_dataplane_decisions_total",
			Help: "Commands and responses judged, by the listener, the event's kind, the command's class, the outcome, the verdict or failure mode, " +
				"and whether that was only observed.",
		}, []string{"listener", "kind", "class", "outcome", "verdict", "observed"}),
		upstream: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_dataplane_upstream_errors_total",
			Help: "Servers that could not be reached or were lost, by the listener and the reason.",
		}, []string{"listener", "reason"}),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gatepost_dataplane_answer_seconds",
			Help:    "Time from a question to its answer, by what came of it.",
			Buckets: []float64{25e-6, 50e-6, 100e-6, 250e-6, 500e-6, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"result"}),
	}
	if before != nil {
		m.events, m.decisions, m.upstream, m.answers = before.metrics.events, before.metrics.decisions, before.metrics.upstream, before.metrics.answers
	}
	m.registry = prometheus.NewRegistry()
	if d.cfg.Reuse.Enabled {
		m.registry.MustRegister(newReuses(d))
	}
	m.registry.MustRegister(m.events, m.decisions, m.upstream, m.answers, d.octets, newReplicas(d.client),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gatepost_dataplane_sessions",
			Help: "Clients connected.",
		}, func() float64 { return float64(d.server.Sessions()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gatepost_dataplane_decider_connected",
			Help: "1 while the decider is connected.",
		}, func() float64 {
			if d.Ready() {
				return 1
			}
			return 0
		}))
	for _, k := range d.keys.Keys() {
		if k.NotAfter().IsZero() {
			continue
		}
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "gatepost_dataplane_certificate_not_after_seconds",
			Help:        "When the first of the dataplane's own certificates expires, in seconds since the Unix epoch, by what it is for.",
			ConstLabels: prometheus.Labels{"for": k.Name},
		}, func() float64 { return float64(k.NotAfter().Unix()) }))
	}
	return m
}

// measured is a decider whose answers are timed.
func (m *metrics) measured(d pdp.Decider) pdp.Decider { return measured{d, m} }

type measured struct {
	pdp.Decider
	m *metrics
}

func (d measured) Ask(ctx context.Context, c *pdp.Connection, q session.Question, done func(*session.Decision, error)) {
	start := time.Now()
	d.Decider.Ask(ctx, c, q, func(a *session.Decision, err error) {
		d.m.answers.WithLabelValues(result(a, err)).Observe(time.Since(start).Seconds())
		done(a, err)
	})
}

func result(d *session.Decision, err error) string {
	switch {
	case errors.Is(err, pdp.ErrDeadline):
		return "deadline"
	case errors.Is(err, pdp.ErrOverloaded):
		return "overloaded"
	case err != nil:
		return "unavailable"
	case d.Fault != nil:
		return "policy_error"
	}
	return "decision"
}
