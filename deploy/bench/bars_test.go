package main

import (
	"slices"
	"strings"
	"testing"
)

// Each bar is of a scenario that is measured, is met where the ratio reaches it and missed where it does not, and is said not to be measured where it
// was not.
func TestBars(t *testing.T) {
	for _, b := range bars {
		if !slices.ContainsFunc(scenarios, func(s scenario) bool { return s.name == b.scenario }) {
			t.Errorf("%s: no scenario %s", b.about, b.scenario)
		}
		for _, c := range []struct {
			ratio float64
			want  string
		}{{b.bound * 1.01, met(b.least)}, {b.bound * 0.99, met(!b.least)}} {
			s := func(v float64) Sample { return Sample{PerSecond: v, P50: 1 / v, P99: v, Bytes: v} }
			r := Report{Results: []Result{{Name: b.scenario, Server: "synthetic", Targets: []Series{{Name: b.of, Median: s(c.ratio)}, {Name: b.to, Median: s(1)}}}}}
			if got := r.judge(b); !strings.HasSuffix(got, "| "+c.want) {
				t.Errorf("%s at %.3f: %q, want it %s", b.about, c.ratio, got, c.want)
			}
		}
		if got := new(Report).judge(b); got != "| not measured" {
			t.Errorf("%s: %q", b.about, got)
		}
	}
}
