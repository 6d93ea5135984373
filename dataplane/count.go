package dataplane

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatepost/gatepost/dataplane/internal/pep"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// counters are those of events that have come before, by what the labels of both are made of: there is one event a command, and to have
// labels looked up twice costs more than to parse the command. No part is a peer's, so that there are few.
type counters struct {
	known atomic.Pointer[map[counted]counter]
	mu    sync.Mutex // one adds at a time
}

type counted struct {
	listener, event, kind, class, verdict string
	observed                              bool
}

type counter struct {
	event, decision prometheus.Counter // decision: nil, it is none
}

// count counts an event.
func (m *metrics) count(e *pep.Event) {
	if e.Name == pep.UpstreamFailed {
		m.upstream.WithLabelValues(e.Listener, e.Reason).Inc()
	}
	c := m.counter(counted{e.Listener, e.Name, e.Kind, deciderv1.CommandClass(e.Command), e.Verdict, e.Observed})
	c.event.Inc()
	if c.decision != nil {
		c.decision.Inc()
	}
}

func (m *metrics) counter(k counted) counter {
	if known := m.counters.known.Load(); known != nil {
		if c, ok := (*known)[k]; ok {
			return c
		}
	}
	m.counters.mu.Lock()
	defer m.counters.mu.Unlock()
	known := map[counted]counter{}
	if old := m.counters.known.Load(); old != nil {
		known = maps.Clone(*old)
	}
	known[k] = m.newCounter(k)
	m.counters.known.Store(&known)
	return known[k]
}

func (m *metrics) newCounter(k counted) counter {
	observed := strconv.FormatBool(k.observed)
	c := counter{event: m.events.WithLabelValues(k.listener, k.event, k.verdict, observed)}
	if o := outcome(k.event); o != "" {
		c.decision = m.decisions.WithLabelValues(k.listener, k.kind, k.class, o, k.verdict, observed)
	}
	return c
}

// outcome is what came of the question that an event is about; empty: it is about none.
func outcome(event string) string {
	switch event {
	case session.Decided.String():
		return "policy"
	case session.PolicyFault.String():
		return "error"
	case session.DeciderFailed.String():
		return "none"
	}
	return ""
}
