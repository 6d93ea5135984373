package dataplane

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// octets are what was read from each side, by the listener's name.
type octets map[string]*[2]atomic.Uint64

// of are those of a listener.
func (o octets) of(listener string) *[2]atomic.Uint64 {
	if o[listener] == nil {
		o[listener] = new([2]atomic.Uint64)
	}
	return o[listener]
}

var descOctets = prometheus.NewDesc("gatepost_dataplane_octets_total", "Octets read, by the listener and the side they came from.",
	[]string{"listener", "side"}, nil)

// Describe implements prometheus.Collector.
func (o octets) Describe(ch chan<- *prometheus.Desc) { ch <- descOctets }

// Collect implements prometheus.Collector.
func (o octets) Collect(ch chan<- prometheus.Metric) {
	for listener, sides := range o {
		for _, side := range []session.Side{session.Client, session.Server} {
			ch <- prometheus.MustNewConstMetric(descOctets, prometheus.CounterValue, float64(sides[side].Load()), listener, side.String())
		}
	}
}
