package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

// Report is the JSON file.
type Report struct {
	Machine map[string]string `json:"machine"`
	Results []Result          `json:"results"`
}

// Result is what was measured of a scenario.
type Result struct {
	Name     string   `json:"name"`
	Server   string   `json:"server"`
	About    string   `json:"about"`
	When     string   `json:"when"`
	Memory   bool     `json:"memory,omitempty"`
	Sessions int      `json:"sessions,omitempty"`
	Targets  []Series `json:"targets"`
}

// Series is one target.
type Series struct {
	Name    string   `json:"name"`
	Median  Sample   `json:"median"` // of each field by itself
	Ratio   float64  `json:"ratio"`  // of throughput, or of memory, to the first proxy's
	Samples []Sample `json:"samples"`
}

// Sample is one round. Times are in microseconds, memory is in octets.
type Sample struct {
	Operations float64 `json:"operations,omitempty"` // all that were done, also those before the time that counts
	PerSecond  float64 `json:"per_second,omitempty"`
	P50        float64 `json:"p50_us,omitempty"`
	P90        float64 `json:"p90_us,omitempty"`
	P99        float64 `json:"p99_us,omitempty"`
	P999       float64 `json:"p999_us,omitempty"`
	Max        float64 `json:"max_us,omitempty"`
	CPU        float64 `json:"cpu_us,omitempty"`          // the proxy's processor time for an operation
	DeciderCPU float64 `json:"decider_cpu_us,omitempty"`  // the decider's
	Stalls     float64 `json:"stalls_per_1000,omitempty"` // in 1000 operations: see stalls.go
	Bytes      float64 `json:"octets_per_session,omitempty"`
	PSS        float64 `json:"pss,omitempty"`
}

func (s *Sample) fields() []*float64 {
	return []*float64{&s.Operations, &s.PerSecond, &s.P50, &s.P90, &s.P99, &s.P999, &s.Max, &s.CPU, &s.DeciderCPU, &s.Stalls, &s.Bytes, &s.PSS}
}

// reference is the target that the others are divided by.
func (r *Result) reference() *Series {
	i := slices.IndexFunc(r.Targets, func(t Series) bool { return t.Name != direct })
	if i < 0 {
		return &r.Targets[0]
	}
	return &r.Targets[i]
}

// sum fills in medians and ratios.
func (r *Result) sum() {
	for i := range r.Targets {
		t := &r.Targets[i]
		for f, m := range t.Median.fields() {
			all := make([]float64, len(t.Samples))
			for j := range t.Samples {
				all[j] = *t.Samples[j].fields()[f]
			}
			slices.Sort(all)
			*m = all[len(all)/2]
		}
	}
	ref := r.reference().Median
	for i := range r.Targets {
		t := &r.Targets[i]
		if r.Memory {
			t.Ratio = t.Median.Bytes / ref.Bytes
		} else {
			t.Ratio = t.Median.PerSecond / ref.PerSecond
		}
	}
}

// print writes a table.
func (r *Result) print(w io.Writer) {
	ref := r.reference().Median
	fmt.Fprintf(w, "\n%s: %s (%s)\n", r.Name, r.About, r.Server)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	if r.Memory {
		fmt.Fprintln(t, "\toctets/session\tratio\tPSS in all\t")
		for _, s := range r.Targets {
			fmt.Fprintf(t, "%s\t%.0f\t%.2f\t%.1f MB\t\n", s.Name, s.Median.Bytes, s.Ratio, s.Median.PSS/1e6)
		}
	} else {
		fmt.Fprintln(t, "\tper second\tratio\tp50 µs\tratio\tp99 µs\tratio\tp99.9 µs\tmax µs\tcpu µs\tdecider µs\tstalls/1000\t")
		for _, s := range r.Targets {
			m := s.Median
			fmt.Fprintf(t, "%s\t%.0f\t%.2f\t%.0f\t%.2f\t%.0f\t%.2f\t%.0f\t%.0f\t%.1f\t%.1f\t%.1f\t\n", s.Name, m.PerSecond, s.Ratio,
				m.P50, m.P50/ref.P50, m.P99, m.P99/ref.P99, m.P999, m.Max, m.CPU, m.DeciderCPU, m.Stalls)
		}
	}
	_ = t.Flush()
}

// load reads a report that others are added to; it is empty where there is none.
func load(name string) *Report {
	r := &Report{}
	if b, err := os.ReadFile(name); err == nil {
		_ = json.Unmarshal(b, r)
	}
	return r
}

// add puts a result in the place of an older one of the same scenario and server.
func (r *Report) add(res Result) {
	if i := slices.IndexFunc(r.Results, func(o Result) bool { return o.Name == res.Name && o.Server == res.Server }); i >= 0 {
		r.Results[i] = res
		return
	}
	r.Results = append(r.Results, res)
}

func (r *Report) save(name string) error {
	if name == "" {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o644)
}
