package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// bar is what a scenario is to reach: a ratio, in the same run, with the synthetic server behind.
type bar struct {
	about, scenario string
	// of is Gatepost's target, to the one that it is divided by.
	of, to string
	value  func(Sample) float64
	least  bool // else it is the most
	bound  float64
	shown  string // how the two values are shown besides; empty: not at all
}

func throughput(s Sample) float64 { return s.PerSecond }
func speed(s Sample) float64      { return 1 / s.P50 }
func slowest(s Sample) float64    { return s.P99 }
func memory(s Sample) float64     { return s.Bytes }

const (
	ours   = "gatepost"
	byUser = "gatepost-per-user"
	theirs = "haproxy"
)

// bars are all of them.
var bars = []bar{
	{"small command, 1 connection: throughput", "command-1", ours, theirs, throughput, true, 0.95, ""},
	{"the same: p50 (HAProxy's divided by ours)", "command-1", ours, theirs, speed, true, 0.95, ""},
	{"small command, 64 connections, plain", "command-64", ours, theirs, throughput, true, 0.90, ""},
	{"the same: p99", "command-64", ours, theirs, slowest, false, 1.3, ""},
	{"small command, 64 connections, TLS", "command-64-tls", ours, theirs, throughput, true, 1.0, ""},
	{"the same: p99", "command-64-tls", ours, theirs, slowest, false, 1.3, ""},
	{"pipelined x32, 16 connections", "pipelined", ours, theirs, throughput, true, 0.85, ""},
	{"10 000 untagged lines an answer", "lines", ours, theirs, throughput, true, 0.70, ""},
	{"FETCH 64 KiB", "fetch-64k", ours, theirs, throughput, true, 1.0, ""},
	{"FETCH 1 MiB", "fetch-1m", ours, theirs, throughput, true, 1.3, ""},
	{"FETCH 16 MiB", "fetch-16m", ours, theirs, throughput, true, 1.3, ""},
	{"FETCH 1 MiB, TLS to the client", "fetch-1m-tls", ours, theirs, throughput, true, 1.1, ""},
	{"FETCH 1 MiB, TLS on both sides", "fetch-1m-tls-both", ours, theirs, throughput, true, 1.1, ""},
	{"APPEND 1 MiB, synchronizing", "append-1m", ours, theirs, throughput, true, 1.0, ""},
	{"APPEND 1 MiB, LITERAL+", "append-1m-plus", ours, theirs, throughput, true, 1.1, ""},
	{"login, plain, policy by user, to nginx", "login", byUser, "nginx", throughput, true, 1.2, ""},
	{"login, TLS, policy by user", "login-tls", byUser, theirs, throughput, true, 0.9, ""},
	{"memory of an idle session, plain", "idle", ours, theirs, memory, false, 1.0, "%.0f and %.0f octets"},
	{"the same, TLS to the client", "idle-tls", ours, theirs, memory, false, 1.0, "%.0f and %.0f octets"},
	{"small command, every decision asked, 64 connections", "command-64", "gatepost-asked", theirs, throughput, true, 0.15, ""},
}

// mostStalls is how many there may be for 1 000 operations, by the definition of stalls.go.
const mostStalls = 0.1

func barsCommand(args []string) error {
	if len(args) != 1 {
		return errors.New("bars takes a JSON file that run has written")
	}
	load(args[0]).printBars(os.Stdout)
	return nil
}

// printBars writes which bars are met, as a table in Markdown. What was not measured is said to be so.
func (r *Report) printBars(w io.Writer) {
	fmt.Fprint(w, "| scenario | bar | measured | |\n|---|---|---|---|\n")
	for _, b := range bars {
		sign := "≤"
		if b.least {
			sign = "≥"
		}
		fmt.Fprintf(w, "| %s | %s %v | %s |\n", b.about, sign, b.bound, r.judge(b))
	}
	most, where := r.stalls()
	fmt.Fprintf(w, "| no scenario stalls (column `stalls/1000`) | 0 | at most %.1f%s | %s |\n", most, where, met(most <= mostStalls))
}

// judge is what was measured, and if it is enough.
func (r *Report) judge(b bar) string {
	i := slices.IndexFunc(r.Results, func(res Result) bool { return res.Name == b.scenario && res.Server == "synthetic" })
	if i < 0 {
		return "| not measured"
	}
	of, to := r.Results[i].target(b.of), r.Results[i].target(b.to)
	if of == nil || to == nil {
		return "| not measured"
	}
	x, y := b.value(of.Median), b.value(to.Median)
	text := fmt.Sprintf("%.2f", x/y)
	if b.shown != "" {
		text += " (" + fmt.Sprintf(b.shown, x, y) + ")"
	}
	return text + " | " + met(b.least == (x/y >= b.bound) || x/y == b.bound)
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "missed"
}

// target is a target's series; nil: it was not measured.
func (r *Result) target(name string) *Series {
	if i := slices.IndexFunc(r.Targets, func(s Series) bool { return s.Name == name }); i >= 0 {
		return &r.Targets[i]
	}
	return nil
}

// stalls is the most that Gatepost has in any scenario, and where. Dovecot stalls by itself.
func (r *Report) stalls() (most float64, where string) {
	for _, res := range r.Results {
		if res.Server != "synthetic" {
			continue
		}
		for _, of := range []string{ours, byUser} {
			if t := res.target(of); t != nil && t.Median.Stalls > most {
				most, where = t.Median.Stalls, ", in "+res.Name
			}
		}
	}
	return most, where
}
