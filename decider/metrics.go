package decider

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/server"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// metrics are what /metrics shows, beside what OPA and the Go runtime have. METRICS.md has them all. No label's value comes
// from a peer.
type metrics struct {
	registry  *prometheus.Registry
	decisions *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	errors    *prometheus.CounterVec
	noAnswers *prometheus.CounterVec
	shadow    *prometheus.CounterVec
	refused   prometheus.Counter
	reuses    *prometheus.CounterVec
	verified  *prometheus.CounterVec
	reusable  *prometheus.CounterVec
	derived   prometheus.Histogram
}

func newMetrics(d *Decider) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_decisions_total",
			Help: "Decisions, by the event's kind, the command's class, the verdict and the outcome.",
		}, []string{"kind", "class", "verdict", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gatepost_decider_decision_seconds",
			Help:    "Time to make a decision, without waiting for a worker or for the record, by the event's kind.",
			Buckets: []float64{10e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1},
		}, []string{"kind"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_policy_errors_total",
			Help: "Faults of policy, by kind.",
		}, []string{"kind"}),
		noAnswers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_unanswered_total",
			Help: "Questions without a decision, by the status that the dataplane got. ResourceExhausted is load that was shed.",
		}, []string{"code"}),
		shadow: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_shadow_decisions_total",
			Help: "What the candidate decided beside the policy in force, by the command and the result: same, different, error, missing.",
		}, []string{"command", "result"}),
		reusable: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_reusable_decisions_total",
			Help: "Decisions, by whether they may be reused: yes, or why not.",
		}, []string{"reuse"}),
		derived: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "gatepost_decider_derivation_seconds",
			Help:    "Time to derive what decisions of a name depend on.",
			Buckets: []float64{100e-6, 200e-6, 500e-6, .001, .002, .005, .01, .02, .05, .1},
		}),
		reuses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_reuses_total",
			Help: "Reuses of decisions that dataplanes reported, by how they are recorded: each, aggregate.",
		}, []string{"audit"}),
		verified: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatepost_decider_reuses_verified_total",
			Help: "Reuses that were decided anew and compared, by the result: same, different, missing. None may be different.",
		}, []string{"result"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatepost_decider_policy_refused_total",
			Help: "Times that policy was not put in force: the directory does not load, or a bundle could not be fetched or was refused.",
		}),
	}
	for _, audit := range []string{"each", "aggregate"} {
		m.reuses.WithLabelValues(audit)
	}
	for _, result := range []string{"same", "different", "missing"} {
		m.verified.WithLabelValues(result)
	}
	m.registry.MustRegister(m.verified, m.decisions, m.seconds, m.errors, m.noAnswers, m.shadow, m.refused, m.reuses, m.reusable, m.derived, &observed{decider: d},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// count counts a decision.
func (m *metrics) count(q *deciderv1.Question, a *engine.Answer) {
	kind := string(input.KindOf(q))
	m.decisions.WithLabelValues(kind, deciderv1.CommandClass(command(q)), verdict.Name(a.Decision), verdict.OutcomeName(a.Decision.GetOutcome())).Inc()
	m.seconds.WithLabelValues(kind).Observe(a.Took.Seconds())
	m.reusable.WithLabelValues(reusable(a.Decision)).Inc()
	if f := a.Decision.GetError(); f != nil {
		m.errors.WithLabelValues(verdict.KindName(f.GetKind())).Inc()
	}
}

// reusable says if a decision may be reused: "yes", or why not. "pending": what it depends on was not derived yet.
func reusable(d *deciderv1.Decision) string {
	switch {
	case d.GetReuse() != nil:
		return "yes"
	case d.GetNoReuse() == deciderv1.NoReuse_NO_REUSE_UNSPECIFIED:
		return "pending"
	}
	return strings.ToLower(strings.TrimPrefix(d.GetNoReuse().String(), "NO_REUSE_"))
}

// reported counts a reuse that is recorded.
func (m *metrics) reported(r *deciderv1.Reused) {
	audit := "each"
	if r.GetDecision().GetReuse().GetAudit() == deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE {
		audit = "aggregate"
	}
	m.reuses.WithLabelValues(audit).Add(float64(r.GetCount()))
}

// unanswered counts a question without a decision.
func (m *metrics) unanswered(err error) { m.noAnswers.WithLabelValues(server.Code(err).String()).Inc() }

// observed are the metrics that are read where they are kept.
type observed struct{ decider *Decider }

var (
	descQueue    = prometheus.NewDesc("gatepost_decider_audit_queue_records", "Records that wait for the decision log.", nil, nil)
	descCapacity = prometheus.NewDesc("gatepost_decider_audit_queue_capacity_records", "Records that may wait: audit.queue.", nil, nil)
	descRecords  = prometheus.NewDesc("gatepost_decider_audit_records_total", "Records, by what became of them: written, dropped, lost.", []string{"result"}, nil)
	descWaiting  = prometheus.NewDesc("gatepost_decider_waiting_questions", "Questions that wait for a worker.", nil, nil)
	descReady    = prometheus.NewDesc("gatepost_decider_ready", "1 while policy is in force, else 0.", nil, nil)
	descRevision = prometheus.NewDesc("gatepost_decider_revision_info", "1, with the revision in force.", []string{"revision"}, nil)
	descAge      = prometheus.NewDesc("gatepost_decider_revision_age_seconds", "Time since the revision came into force.", nil, nil)
)

// Describe implements prometheus.Collector.
func (o *observed) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descQueue, descCapacity, descRecords, descWaiting, descReady, descRevision, descAge} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (o *observed) Collect(ch chan<- prometheus.Metric) {
	d := o.decider
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	n := d.audit.Counts()
	gauge(descQueue, float64(d.audit.Waiting()))
	gauge(descCapacity, float64(d.cfg.Audit.Queue))
	for _, r := range []struct {
		result string
		count  uint64
	}{{"written", n.Written}, {"dropped", n.Dropped}, {"lost", n.Lost}} {
		ch <- prometheus.MustNewConstMetric(descRecords, prometheus.CounterValue, float64(r.count), r.result)
	}
	gauge(descWaiting, float64(d.engine.Waiting()))
	f := d.engine.Force()
	if f.Revision == "" {
		gauge(descReady, 0)
		return
	}
	gauge(descReady, 1)
	gauge(descRevision, 1, f.Revision)
	gauge(descAge, time.Since(f.Since).Seconds())
}
