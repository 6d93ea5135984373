package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/plugins/logs"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/gatepost/gatepost/decider/internal/engine"
)

// ErrFull says that a record could not be kept in time, so that its decision must not be given.
var ErrFull = errors.New("audit: the queue is full")

// ErrLost says that a record was not written, so that its decision must not be given.
var ErrLost = errors.New("audit: the record is lost")

var errLate = errors.New("late")

var errRules = errors.New("audit: a mask or drop rule failed")

// Config is what a queue needs.
type Config struct {
	// Size is how many records may wait.
	Size int
	// Drop says that a record that finds the queue full is let go and counted. False: its decision waits.
	Drop bool
	// Manager has OPA's decision log plugin; without one, records go nowhere.
	Manager *plugins.Manager
	// Spools are those that the plugin's sinks write to.
	Spools []*Spool
	// Failures is part of what Manager logs to.
	Failures *Failures
	// Late is how long after its decision a record waits for what a candidate decided. It does not while the queue is more than
	// half full.
	Late time.Duration
	// Log hears of records that were lost.
	Log *slog.Logger
}

// Counts are what became of records so far.
type Counts struct {
	// Written were handed to OPA's decision log, which may still buffer them.
	Written uint64
	// Dropped found the queue full.
	Dropped uint64
	// Lost could not be handed over, or not written by a sink of the decider's own.
	Lost uint64
}

// Queue brings records to OPA's decision log. It is safe for concurrent use.
type Queue struct {
	cfg     Config
	rules   *rules
	lines   lines
	records chan *engine.Answer
	closing chan struct{}
	done    chan struct{}
	// sinks ends when nothing more is to be waited for.
	sinks  context.Context
	giveUp context.CancelFunc
	close  sync.Once

	written, dropped, lost atomic.Uint64
	reported               atomic.Int64 // when a drop was last logged, in Unix nanoseconds
}

// NewQueue starts the queue's writer.
func NewQueue(cfg Config) *Queue {
	q := &Queue{
		cfg:     cfg,
		rules:   newRules(cfg.Manager, cfg.Log),
		records: make(chan *engine.Answer, cfg.Size),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	q.sinks, q.giveUp = context.WithCancel(context.Background())
	go q.run()
	return q
}

// Offer takes a record if it can at once. The error is ErrFull: the queue is closed.
func (q *Queue) Offer(a *engine.Answer) (taken bool, err error) {
	select {
	case <-q.closing:
		return false, ErrFull
	default:
	}
	select {
	case q.records <- a:
		return true, nil
	default:
	}
	if q.cfg.Drop {
		q.reportDrops(q.dropped.Add(1))
		return true, nil
	}
	return false, nil
}

// Put takes a record. The error is ErrFull: the queue stayed full until ctx ended, or is closed.
func (q *Queue) Put(ctx context.Context, a *engine.Answer) error {
	if taken, err := q.Offer(a); taken || err != nil {
		return err
	}
	select {
	case q.records <- a:
		return nil
	case <-ctx.Done():
	case <-q.closing:
	}
	return ErrFull
}

// Waiting is how many records wait.
func (q *Queue) Waiting() int { return len(q.records) }

// Counts are what became of records so far.
func (q *Queue) Counts() Counts {
	return Counts{Written: q.written.Load(), Dropped: q.dropped.Load(), Lost: q.lost.Load()}
}

// Close writes what is queued, and gives up on what is not written when ctx ends.
func (q *Queue) Close(ctx context.Context) {
	q.close.Do(func() { close(q.closing) })
	defer context.AfterFunc(ctx, q.giveUp)()
	<-q.done
	q.giveUp()
}

// run is the writer.
func (q *Queue) run() {
	defer close(q.done)
	for {
		select {
		case a := <-q.records:
			q.batch(a)
		case <-q.closing:
			for {
				select {
				case a := <-q.records:
					q.batch(a)
				default:
					return
				}
			}
		}
	}
}

// batch logs a record and those behind it, up to a number, and writes them out.
func (q *Queue) batch(a *engine.Answer) {
	const most = 64
	var waiting []func(error)
	labels := sync.OnceValue(q.cfg.Manager.Labels)
	for n := 1; ; n++ {
		err := q.record(q.sinks, a, labels)
		if err != nil {
			q.lost.Add(1)
			q.cfg.Log.Error("decision record lost", slog.String("decision_id", a.Decision.GetId()), slog.Any("error", err))
		}
		switch {
		case a.Recorded == nil:
		case err != nil:
			a.Recorded(ErrLost)
		default:
			waiting = append(waiting, a.Recorded)
		}
		if len(q.records) == 0 || n == most {
			break
		}
		a = <-q.records // this goroutine is the only reader
	}
	err := q.flush()
	for _, recorded := range waiting {
		recorded(err)
	}
}

// flush writes out what the sinks of the decider's own have collected. The error is ErrLost: some of it is.
func (q *Queue) flush() (err error) {
	for _, s := range q.cfg.Spools {
		if n := s.Flush(q.sinks); n != 0 {
			q.lost.Add(uint64(n))
			q.cfg.Log.Error("decision records lost", slog.String("sink", s.name), slog.Int("count", n))
			err = ErrLost
		}
	}
	return err
}

// Log records at once, up to the writing out of what the decider's own sinks collect.
func (q *Queue) Log(ctx context.Context, a *engine.Answer) error {
	if err := q.record(ctx, a, q.cfg.Manager.Labels); err != nil {
		return err
	}
	return q.flush()
}

// record hands one record to the decision log. labels are those of OPA's configuration.
func (q *Queue) record(ctx context.Context, a *engine.Answer, labels func() map[string]string) error {
	plugin := logs.Lookup(q.cfg.Manager)
	if plugin == nil {
		return nil
	}
	candidate := q.candidate(a)
	if to := q.direct(ctx, plugin.Config()); to != (sinks{}) {
		if err := q.write(to, a, candidate, labels()); err != nil {
			return err
		}
		q.written.Add(1)
		return nil
	}
	return q.byPlugin(ctx, plugin, a, candidate)
}

// byPlugin hands one record to OPA's plugin.
func (q *Queue) byPlugin(ctx context.Context, plugin *logs.Plugin, a *engine.Answer, candidate *engine.Shadow) error {
	// OPA's plugin must not open the transaction itself: it may do so while it holds a lock that its compiler trigger
	// takes inside of a commit.
	return storage.Txn(ctx, q.cfg.Manager.Store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		record, err := info(a, candidate, q.rules.masked(ctx, plugin.Config(), txn), txn)
		if err != nil {
			return err
		}
		before := q.cfg.Failures.count.Load()
		if err := plugin.Log(context.WithoutCancel(ctx), record); err != nil {
			return err
		}
		if q.cfg.Failures.count.Load() != before {
			return errRules
		}
		q.written.Add(1)
		return nil
	})
}

// sinks are the decider's own; nil: not used.
type sinks struct{ file, console *Spool }

// direct are the sinks that OPA's plugin would hand a record to as it is, without doing anything else with it; none: it would. Asking it costs
// more than the decision: it makes each record a value of policy's and evaluates mask and drop rules, even where there are none.
// Discovery may change its configuration at any time.
func (q *Queue) direct(ctx context.Context, c *logs.Config) (to sinks) {
	if c.Service != "" {
		return sinks{}
	}
	if c.Plugin != nil {
		file, ok := q.cfg.Manager.Plugin(*c.Plugin).(*filePlugin)
		if !ok {
			return sinks{}
		}
		to.file = file.spool
	}
	if c.ConsoleLogs {
		console, ok := q.cfg.Manager.ConsoleLogger().(*Console)
		if !ok {
			return sinks{}
		}
		if to.console, ok = console.Out.(*Spool); !ok {
			return sinks{}
		}
	}
	if to == (sinks{}) || !q.rules.none(ctx, c) {
		return sinks{}
	}
	return to
}

// write writes a record to the sinks.
func (q *Queue) write(to sinks, a *engine.Answer, candidate *engine.Shadow, labels map[string]string) error {
	for _, s := range []struct {
		spool *Spool
		form  func(*line) ([]byte, error)
	}{{to.console, (*line).console}, {to.file, (*line).file}} {
		if s.spool == nil {
			continue
		}
		err := s.spool.add(func(text []byte) ([]byte, error) {
			n, err := q.lines.line(text, a, candidate, labels)
			if err != nil {
				return nil, err
			}
			return s.form(n)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// candidate is what a candidate decided; nil: there is no candidate.
func (q *Queue) candidate(a *engine.Answer) *engine.Shadow {
	if a.Shadow == nil {
		return nil
	}
	select {
	case s := <-a.Shadow:
		return &s
	default:
	}
	wait := q.cfg.Late - time.Since(a.Time)
	if a.Recorded != nil {
		wait = min(wait, a.Took) // the decision waits too
	}
	if wait > 0 && len(q.records) <= q.cfg.Size/2 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case s := <-a.Shadow:
			return &s
		case <-timer.C:
		case <-q.closing:
		}
	}
	return &engine.Shadow{Err: errLate}
}

// reportDrops logs that records are being dropped, at most every ten seconds.
func (q *Queue) reportDrops(total uint64) {
	now, last := time.Now().UnixNano(), q.reported.Load()
	if now-last < int64(10*time.Second) || !q.reported.CompareAndSwap(last, now) {
		return
	}
	q.cfg.Log.Error("decision records dropped", slog.Uint64("total", total))
}
