package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Load is what the client is to do.
type Load struct {
	// Addr is the proxy, or the server.
	Addr string
	// TLS: the connections are under TLS.
	TLS bool
	// Do is a kind of operation: see operations.
	Do string
	// Conns is the number of connections, each of which begins an operation when the last has ended.
	Conns int
	// Size is of a message, in KiB; Depth is of a pipeline.
	Size, Depth int
	// Message is the sequence number of that message; Lines is how many messages are asked for their flags.
	Message, Lines int
	// Mailbox is selected, and APPEND's. A connection empties it when it has stored Keep messages; 0: it never does.
	Mailbox string
	Keep    int
	// Warm is how long nothing is counted yet, For how long it is then.
	Warm, For time.Duration
	// Users is how many accounts there are, user0 and so on; Password is that of all.
	Users    int
	Password string
}

// Measured is what was seen.
type Measured struct {
	// Ops is operations that ended within the time that counts, All those before it too.
	Ops, All int
	Seconds  float64
	// P50, P90, P99 and P999 are the time an operation took, in microseconds.
	P50, P90, P99, P999, Max float64
}

// perSecond is the throughput.
func (m Measured) perSecond() float64 { return float64(m.Ops) / m.Seconds }

// run does the load.
func (l Load) run() (Measured, error) {
	op := operations[l.Do]
	if op == nil {
		return Measured{}, fmt.Errorf("no operation %q", l.Do)
	}
	all := make([]*talker, l.Conns)
	for i := range all {
		all[i] = &talker{load: l, number: i, stored: l.Keep}
	}
	defer func() {
		for _, t := range all {
			t.close()
		}
	}()
	if l.Do != "login" && l.Do != "mixed" {
		for _, t := range all {
			if err := t.login(); err != nil {
				return Measured{}, err
			}
			if err := t.command("SELECT " + l.Mailbox); err != nil {
				return Measured{}, err
			}
		}
	}
	begin := time.Now().Add(l.Warm)
	end := begin.Add(l.For)
	errs := make([]error, len(all))
	counts := make([]int, len(all))
	took := make([][]float64, len(all))
	var running sync.WaitGroup
	for i, t := range all {
		running.Go(func() {
			for {
				if errs[i] = t.tidy(); errs[i] != nil {
					return
				}
				from := time.Now()
				if from.After(end) && len(took[i]) > 0 {
					return
				}
				n, err := op(t)
				if err != nil {
					errs[i] = err
					return
				}
				counts[i] += n
				if now := time.Now(); now.After(begin) {
					d := float64(now.Sub(from).Nanoseconds()) / 1e3
					for range n {
						took[i] = append(took[i], d)
					}
				}
			}
		})
	}
	running.Wait()
	m := Measured{Seconds: time.Since(begin).Seconds()}
	for _, n := range counts {
		m.All += n
	}
	samples := slices.Concat(took...)
	slices.Sort(samples)
	if m.Ops = len(samples); m.Ops > 0 {
		at := func(q float64) float64 { return samples[min(int(q*float64(m.Ops)), m.Ops-1)] }
		m.P50, m.P90, m.P99, m.P999, m.Max = at(0.5), at(0.9), at(0.99), at(0.999), samples[m.Ops-1]
	}
	return m, errors.Join(errs...)
}

// hold opens sessions that then say nothing, says so, and keeps them until stop ends.
func (l Load) hold(ready io.Writer, stop io.Reader) error {
	all := make([]*talker, l.Conns)
	errs := make([]error, l.Conns)
	next := make(chan int)
	var running sync.WaitGroup
	shared := sync.Pool{New: func() any { return new([readSize]byte) }}
	for range 16 {
		running.Go(func() {
			for i := range next {
				buf := shared.Get().(*[readSize]byte)
				t := &talker{load: l, number: i, buf: buf[:]}
				all[i] = t
				errs[i] = t.login()
				if errs[i] == nil {
					errs[i] = t.command("SELECT INBOX")
				}
				shared.Put(buf)
				t.buf = nil
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(ready, "ready"); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, stop)
	return err
}
