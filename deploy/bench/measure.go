package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// measure runs the scenarios, each with all targets in turns.
func measure(ctx context.Context, s settings, w io.Writer) error {
	server, ok := backends[s.server]
	if !ok {
		return fmt.Errorf("no server %q: %s", s.server, strings.Join(slices.Sorted(maps.Keys(backends)), " or "))
	}
	b, err := newBed(server, map[string]string{"dataplane": s.dataplane, "decider": s.decider}, s.accounts)
	if err != nil {
		return err
	}
	defer b.close()
	for _, name := range s.targets {
		if name == direct {
			continue
		}
		if err := b.add(name); err != nil {
			return err
		}
	}
	if !slices.Contains(s.targets, direct) {
		b.targets = b.targets[1:]
	}
	r := load(s.out)
	r.Machine = machine(s)
	for _, sc := range scenarios {
		if !s.wants(sc.name) {
			continue
		}
		if why, ok := server.without[sc.name]; ok {
			fmt.Fprintf(w, "\n%s: left out with %s: %s\n", sc.name, s.server, why)
			continue
		}
		res, err := b.scenario(ctx, s, sc)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.name, err)
		}
		res.print(w)
		r.add(res)
		if err := r.save(s.out); err != nil {
			return err
		}
	}
	return nil
}

func (s settings) wants(name string) bool {
	return len(s.scenarios) == 0 || slices.ContainsFunc(s.scenarios, func(w string) bool {
		if begin, ok := strings.CutSuffix(w, "*"); ok {
			return strings.HasPrefix(name, begin)
		}
		return w == name
	})
}

// scenario measures one.
func (b *bed) scenario(ctx context.Context, s settings, sc scenario) (Result, error) {
	if sc.leg == "" {
		sc.leg = plain
	}
	res := Result{Name: sc.name, Server: s.server, About: cmp.Or(b.backend.about[sc.name], sc.about), Memory: sc.memory, When: time.Now().UTC().Format(time.RFC3339)}
	for _, t := range b.targets {
		if _, ok := t.addr[sc.leg]; ok && !(sc.memory && t.name == direct) {
			res.Targets = append(res.Targets, Series{Name: t.name})
		}
	}
	rounds := s.rounds
	if sc.memory {
		rounds = 1
		res.Sessions = s.sessions
	}
	for round := range rounds {
		for i := range res.Targets {
			// In each round another one is the first.
			series := &res.Targets[(i+round)%len(res.Targets)]
			t := b.targets[slices.IndexFunc(b.targets, func(t *target) bool { return t.name == series.Name })]
			var sample Sample
			var err error
			if sc.memory {
				sample, err = b.idle(ctx, t, sc, s)
			} else {
				sample, err = b.once(ctx, t, sc.with(b.backend, t.addr[sc.leg], s.warm, s.long, b.password))
			}
			if err != nil {
				if ctx.Err() != nil {
					err = context.Cause(ctx)
				}
				return res, fmt.Errorf("%s: %w", t.name, err)
			}
			series.Samples = append(series.Samples, sample)
		}
	}
	res.sum()
	return res, nil
}

// once runs a load, and looks at what it took.
func (b *bed) once(ctx context.Context, t *target, l Load) (Sample, error) {
	var s Sample
	arg, err := json.Marshal(l)
	if err != nil {
		return s, err
	}
	watch, err := watchStalls()
	if err != nil {
		return s, err
	}
	before, deciderBefore := t.cpu()
	cmd := exec.CommandContext(ctx, os.Args[0], "load", string(arg))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	stalls, failed := watch.end()
	if failed != nil {
		return s, failed
	}
	if err != nil {
		return s, fmt.Errorf("load: %w: %s", err, stderr.String())
	}
	var m Measured
	if err := json.Unmarshal(out, &m); err != nil {
		return s, err
	}
	after, deciderAfter := t.cpu()
	s = Sample{Operations: float64(m.All), PerSecond: m.perSecond(), P50: m.P50, P90: m.P90, P99: m.P99, P999: m.P999, Max: m.Max}
	if m.All > 0 {
		s.Stalls = float64(stalls) * 1e3 / float64(m.All)
		s.CPU = float64((after - before).Nanoseconds()) / 1e3 / float64(m.All)
		s.DeciderCPU = float64((deciderAfter - deciderBefore).Nanoseconds()) / 1e3 / float64(m.All)
	}
	return s, nil
}

func (t *target) cpu() (own, decider time.Duration) {
	for _, p := range t.processes {
		own += p.cpu()
	}
	for _, p := range t.deciders {
		decider += p.cpu()
	}
	return own, decider
}

// base is how many sessions there are when the memory is looked at first: what is there once is not an idle session's.
const base = 100

// idle measures the memory of an idle session.
func (b *bed) idle(ctx context.Context, t *target, sc scenario, set settings) (Sample, error) {
	var s Sample
	hold := func(conns int) (release func(), err error) {
		l := sc.with(b.backend, t.addr[sc.leg], 0, 0, b.password)
		l.Do, l.Conns = "hold", conns
		arg, err := json.Marshal(l)
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, os.Args[0], "load", string(arg))
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			return nil, fmt.Errorf("hold: %w", err)
		}
		return func() {
			_ = in.Close()
			_, _ = io.Copy(io.Discard, out)
			_ = cmd.Wait()
		}, nil
	}
	first, err := hold(base)
	if err != nil {
		return s, err
	}
	defer first()
	before, err := t.settled(set.settle)
	if err != nil {
		return s, err
	}
	rest, err := hold(set.sessions)
	if err != nil {
		return s, err
	}
	defer rest()
	after, err := t.settled(set.settle)
	if err != nil {
		return s, err
	}
	s.Bytes = float64(after-before) / float64(set.sessions)
	s.PSS = float64(after)
	return s, nil
}

// settled is the memory once nothing happens any more.
func (t *target) settled(after time.Duration) (sum int, err error) {
	time.Sleep(after)
	for _, p := range t.processes {
		n, err := p.memory()
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// machine says where and with what a run was done.
func machine(s settings) map[string]string {
	out := func(name string, args ...string) string {
		b, err := exec.Command(name, args...).CombinedOutput()
		line, _, _ := strings.Cut(string(b), "\n")
		if err != nil {
			return err.Error()
		}
		return line
	}
	m := map[string]string{
		"cores":    fmt.Sprint(runtime.NumCPU()),
		"go":       runtime.Version(),
		"kernel":   out("uname", "-r"),
		"haproxy":  out("haproxy", "-v"),
		"nginx":    out("nginx", "-v"),
		"dovecot":  out("dovecot", "--version"),
		"gatepost": out(s.dataplane, "version"),
		"network":  s.network,
	}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, "model name"); ok {
				m["processor"] = strings.TrimSpace(strings.TrimLeft(rest, "\t :"))
				break
			}
		}
	}
	return m
}
