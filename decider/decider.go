package decider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/open-policy-agent/opa/v1/plugins"
	"go.opentelemetry.io/otel/trace"

	"github.com/gatepost/gatepost/decider/internal/audit"
	deciderconfig "github.com/gatepost/gatepost/decider/internal/config"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/tracing"
)

// Options are what a program gives the decider beside its configuration. The zero value is usable.
type Options struct {
	// Log is the decider's log. Nil: slog.Default.
	Log *slog.Logger
	// Console takes the records of decisions that the configuration sends to the console. Nil: standard output.
	Console io.Writer
	// OnDecision is called with each question and its decision before the decision is given, from many goroutines at once.
	// It must be quick and change nothing. took is the time from the question's arrival at a worker. Nil: not called.
	OnDecision func(q *deciderv1.Question, d *deciderv1.Decision, took time.Duration)
	// Admin is a listener that is open already and takes the place of the one at the configuration's admin.address. Serve closes
	// it. Nil: Serve opens it.
	Admin net.Listener
}

// Decider decides. It is safe for concurrent use.
type Decider struct {
	cfg    *Config
	opts   Options
	server *server.Server
	engine *engine.Engine
	audit  *audit.Queue
	shadow *shadow // nil: there is no candidate
	id     string  // in OPA's labels
	// metrics counts what decided hears of.
	metrics  *metrics
	draining atomic.Bool
	// tracer makes spans, which traces sends. Nil: there are none.
	tracer trace.Tracer
	traces *tracing.Provider
}

// New loads policy and starts all that decides; Serve lets dataplanes in. cfg is to be valid. The error names file and line
// of what is wrong with the policy. Policy from bundles comes later; until then questions are UNAVAILABLE.
func New(ctx context.Context, cfg *Config, opts Options) (*Decider, error) {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Console == nil {
		opts.Console = os.Stdout
	}
	d := &Decider{cfg: cfg, opts: opts, id: uuid.NewString()}
	d.metrics = newMetrics(d)
	var err error
	if d.traces, err = tracing.Start(ctx, tracing.Config(cfg.Tracing), "gatepost-decider", d.id, opts.Log); err != nil {
		return nil, err
	}
	if d.traces != nil {
		d.tracer = d.traces.Tracer("github.com/gatepost/gatepost/decider")
	}
	if err := d.newServer(); err != nil {
		return nil, err
	}
	if err := d.newEngine(ctx); err != nil {
		return nil, err
	}
	d.newShadow(ctx)
	return d, nil
}

// serverConfig is a configuration's part for the server, without TLS.
func serverConfig(c *Config, log *slog.Logger) server.Config {
	return server.Config{
		MessageBytes:      c.Server.MessageBytes,
		ConcurrentStreams: c.Server.ConcurrentStreams,
		ConnectionAge:     c.Server.ConnectionAge,
		StreamWorkers:     c.Server.StreamWorkers,
		StreamQuestions:   c.Server.StreamQuestions,
		ReportReuses:      c.Server.ReportReuses,
		QuestionTimeout:   c.Server.QuestionTimeout,
		Clients:           c.Server.Clients,
		Log:               log,
	}
}

func (d *Decider) newServer() error {
	c := serverConfig(d.cfg, d.opts.Log)
	if t := d.cfg.TLS; t.Certificate != "" {
		conf, err := server.TLSFiles(t).Config()
		if err != nil {
			return err
		}
		c.TLS = conf
	}
	d.server = server.New(c, d)
	return nil
}

func (d *Decider) newEngine(ctx context.Context) error {
	opa, err := d.cfg.OPA()
	if err != nil {
		return err
	}
	console := audit.NewSpool("console", d.opts.Console, d.opts.Log)
	file := audit.NewSpool("file", io.Discard, d.opts.Log)
	failures := new(audit.Failures)
	c := engine.Config{
		OPA:       opa.JSON,
		ID:        d.id,
		Factories: map[string]plugins.Factory{audit.FilePlugin: &audit.File{Spool: file}},
		Lock:      policy.NewLock(d.cfg.Evaluation.Allow...),
		Deadline:  d.cfg.Evaluation.Deadline,
		Workers:   d.cfg.Evaluation.Workers,
		Queue:     d.cfg.Evaluation.Queue,
		Reuse:     d.reuse(),
		Log:       slog.New(failures.Handler(d.opts.Log.Handler())),
		Console:   &audit.Console{Out: console},
		Ready:     d.server.Ready,
		Refused:   d.metrics.refused.Inc,
		Metrics:   d.metrics.registry,
	}
	if !opa.Bundles {
		c.Directory = directory(d.cfg)
	}
	if d.engine, err = engine.New(ctx, c); err != nil {
		return err
	}
	d.audit = audit.NewQueue(audit.Config{
		Size:     d.cfg.Audit.Queue,
		Drop:     d.cfg.Audit.OnFull == deciderconfig.Drop,
		Manager:  d.engine.Manager(),
		Spools:   []*audit.Spool{console, file},
		Failures: failures,
		Late:     d.cfg.Evaluation.Deadline,
		Log:      d.opts.Log,
	})
	return nil
}

// reuse is how decisions may be reused.
func (d *Decider) reuse() engine.Reuse {
	r := engine.Reuse{
		Named:   func(command string) bool { return deciderv1.CommandLabel(command) == command },
		Derived: func(took time.Duration) { d.metrics.derived.Observe(took.Seconds()) },
	}
	if d.cfg.Reuse.Enabled {
		r.Lease = d.cfg.Reuse.Lease
	}
	return r
}

// Reload reads the policy directory again, or bundles that OPA does not poll for, and those of the candidate. A policy that does not load changes
// nothing; it is logged and returned.
func (d *Decider) Reload(ctx context.Context) error {
	d.shadow.reload(ctx)
	if _, err := d.engine.Reload(ctx); err != nil {
		d.logRefused(err)
		return err
	}
	return nil
}

// Revision is the revision of the policy in force; empty if there is none.
func (d *Decider) Revision() string { return d.engine.Revision() }

// Serve answers on the listeners until ctx is done, and watches the policy directory. Then it drains: health turns
// NOT_SERVING, questions in flight are answered, records are written. A Decider serves once.
func (d *Decider) Serve(ctx context.Context, listeners ...net.Listener) error {
	serving, stop := context.WithCancel(ctx)
	defer stop()
	d.watch(serving)
	d.shadow.watch(serving)
	failed := make(chan error, len(listeners)+1)
	closeAdmin, err := d.serveAdmin(failed)
	if err != nil {
		return fmt.Errorf("decider: admin: %w", err)
	}
	defer closeAdmin()
	for _, l := range listeners {
		d.opts.Log.Info("listening", slog.String("address", l.Addr().String()))
		go func() { failed <- d.server.Serve(l) }()
	}
	wait := d.cfg.Shutdown.Wait
	select {
	case <-ctx.Done():
	case err = <-failed:
		err, wait = fmt.Errorf("decider: %w", err), 0
	}
	d.opts.Log.Info("draining")
	d.draining.Store(true)
	d.server.Drain(wait, d.cfg.Shutdown.Drain)
	d.close()
	return err
}

// watch reloads the policy directory when it changes.
func (d *Decider) watch(ctx context.Context) {
	dir := d.cfg.Policy
	if dir == "" {
		return
	}
	reload := func() { _ = d.Reload(ctx) } // what is wrong is logged
	if err := policy.Watch(ctx, dir, d.opts.Log, reload); err != nil {
		d.opts.Log.Warn("policy is not watched; SIGHUP reloads it", slog.String("directory", dir), slog.Any("error", err))
		return
	}
	// For what changed since New read it.
	reload()
}

// close writes out what is recorded and ends what New began.
func (d *Decider) close() {
	ctx, cancel := context.WithTimeout(context.Background(), d.cfg.Shutdown.Drain)
	defer cancel()
	d.shadow.close(ctx)
	d.audit.Close(ctx)
	d.engine.Close(ctx)
	if d.traces != nil {
		if err := d.traces.Shutdown(ctx); err != nil {
			d.opts.Log.Warn("tracing", slog.Any("error", err))
		}
	}
	n := d.audit.Counts()
	d.opts.Log.Info("stopped", slog.Uint64("recorded", n.Written), slog.Uint64("dropped", n.Dropped), slog.Uint64("lost", n.Lost))
}

// Listen listens as the configuration says.
func Listen(cfg *Config) ([]net.Listener, error) {
	mode, err := cfg.Mode()
	if err != nil {
		return nil, fmt.Errorf("decider: socket_mode: %w", err)
	}
	var listeners []net.Listener
	for _, address := range cfg.Listen {
		l, err := server.Listen(address, mode)
		if err != nil {
			for _, l := range listeners {
				_ = l.Close()
			}
			return nil, fmt.Errorf("decider: %w", err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// logRefused logs a policy that did not load, one line for each thing that is wrong with it.
func (d *Decider) logRefused(err error) {
	var refused *policy.Error
	if !errors.As(err, &refused) {
		d.opts.Log.Error("policy not loaded", slog.Any("error", err))
		return
	}
	for _, p := range refused.Problems {
		d.opts.Log.Error("policy not loaded", slog.String("in_force", d.Revision()),
			slog.String("file", p.File), slog.Int("line", p.Line), slog.String("error", p.Message))
	}
}
