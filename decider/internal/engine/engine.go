package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/logging"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/plugins/bundle"
	"github.com/open-policy-agent/opa/v1/plugins/discovery"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatepost/gatepost/decider/internal/policy"
)

// Config is what an engine needs. Every field is required unless it says otherwise.
type Config struct {
	// OPA is OPA's configuration, as JSON.
	OPA []byte
	// ID is the decider's identity in OPA's labels and status.
	ID string
	// Factories make OPA plugins beside OPA's own. May be nil.
	Factories map[string]plugins.Factory
	// Directory gives policy from a local directory. Its Store is set by New. Nil: OPA's bundle plugin brings policy.
	Directory *policy.Directory
	// Lock is what policy may call.
	Lock policy.Lock
	// Deadline bounds one evaluation.
	Deadline time.Duration
	// Workers evaluate at once; Queue more wait. A question beyond those gets ErrOverload.
	Workers, Queue int
	// Reuse says how decisions may be reused. The zero value: not at all.
	Reuse Reuse
	// Log gets what OPA logs, and changes of policy.
	Log *slog.Logger
	// Console gets decision logs where OPA's configuration asks for console.
	Console logging.Logger
	// Metrics takes OPA's own metrics. May be nil.
	Metrics prometheus.Registerer
	// Tracers see every evaluation, of one worker at a time. May be nil.
	Tracers []topdown.QueryTracer
	// Refused is called each time that policy was read, or should have been, and does not come into force. May be nil.
	Refused func()
	// Ready is called when the engine becomes able to decide, or stops to be. May be nil.
	Ready func(bool)
}

// Engine evaluates policy. It is safe for concurrent use.
type Engine struct {
	cfg     Config
	store   storage.Store
	manager *plugins.Manager
	current atomic.Pointer[snapshot]
	values  cache.InterQueryValueCache
	queue   chan *job
	// derivations wait to be made.
	derivations chan derivation
	stop        chan struct{}
	workers     sync.WaitGroup
	unlock      func()

	// nondeterministic: OPA's configuration wants the results of nondeterministic builtin functions logged.
	nondeterministic atomic.Bool
	// listening: OPA's bundle plugin tells of bundles.
	listening atomic.Bool
	// ready: the engine can decide, and cfg.Ready was told so.
	ready atomic.Bool

	mu      sync.Mutex
	plugins bool // discovery and bundles, where configured, are ready
	force   Force
	changed chan struct{} // force.Changed
	past    []past        // the last is in force
}

// New starts OPA and the workers. With a directory its policy is loaded, and the error is a *policy.Error if that fails;
// without one the engine is not ready until bundles were activated.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{
		cfg:     cfg,
		store:   inmem.NewWithOpts(inmem.OptReturnASTValuesOnRead(true)),
		queue:   make(chan *job, cfg.Queue),
		changed: make(chan struct{}),
		stop:    make(chan struct{}),

		derivations: make(chan derivation, derivations),
	}
	e.force.Changed = e.changed
	e.unlock = cfg.Lock.Install(e.store)
	if err := e.start(ctx); err != nil {
		// OPA's manager stays as it is: its decision log plugin waits for ever if it is stopped and was never started.
		e.unlock()
		return nil, err
	}
	for range cfg.Workers {
		e.workers.Go(e.work)
	}
	e.workers.Go(e.derive)
	return e, nil
}

func (e *Engine) start(ctx context.Context) error {
	options := []func(*plugins.Manager){
		plugins.Logger(logging.NewLoggerFromSlogHandler(e.cfg.Log.Handler(), logging.Debug)),
		plugins.ConsoleLogger(e.cfg.Console),
		plugins.WithParserOptions(policy.ParserOptions()),
	}
	if e.cfg.Metrics != nil {
		options = append(options, plugins.WithPrometheusRegister(e.cfg.Metrics))
	}
	m, err := plugins.New(e.cfg.OPA, e.cfg.ID, e.store, options...)
	if err != nil {
		return fmt.Errorf("engine: OPA configuration: %w", err)
	}
	e.manager = m
	for _, w := range m.GetConfig().Warnings {
		e.cfg.Log.Warn("opa configuration", slog.String("warning", w))
	}
	e.values = cache.NewInterQueryValueCache(ctx, m.InterQueryBuiltinCacheConfig())
	e.nondeterministic.Store(m.GetConfig().NDBuiltinCache)
	m.RegisterNDCacheTrigger(e.nondeterministic.Store)
	m.RegisterCompilerTrigger(e.publish)
	m.RegisterPluginStatusListener("gatepost", e.pluginStatus)
	d, err := discovery.New(m, discovery.Factories(e.cfg.Factories), discovery.Metrics(metrics.New()))
	if err != nil {
		return fmt.Errorf("engine: OPA configuration: %w", err)
	}
	m.Register(discovery.Name, d)
	e.listen()
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	if e.cfg.Directory != nil {
		e.cfg.Directory.Store = e.store
		if _, err := e.cfg.Directory.Load(ctx); err != nil {
			return err
		}
	}
	if err := m.Start(ctx); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

// Manager is OPA's plugin manager.
func (e *Engine) Manager() *plugins.Manager { return e.manager }

// Reload brings in what changed: it reads the directory, or has OPA load its bundles. Bundles that OPA polls for are left to
// that. The error of a directory is a *policy.Error; the policy in force stays then.
func (e *Engine) Reload(ctx context.Context) (changed bool, err error) {
	if e.cfg.Directory != nil {
		changed, err = e.cfg.Directory.Load(ctx)
		if err != nil {
			e.refused()
		}
		return changed, err
	}
	p := bundle.Lookup(e.manager)
	if p == nil {
		return false, nil
	}
	for _, source := range p.Config().Bundles {
		manual := source.Trigger != nil && *source.Trigger == plugins.TriggerManual
		if !manual && !strings.HasPrefix(source.Resource, "file:") {
			// OPA's downloader may not be triggered beside its own loop.
			return false, nil
		}
	}
	return false, p.Trigger(ctx)
}

// Close ends the workers, then OPA's plugins, which send out what they buffer until ctx ends. No Decide may run or follow.
func (e *Engine) Close(ctx context.Context) {
	close(e.stop)
	e.workers.Wait()
	e.manager.Stop(ctx)
	e.unlock()
}

// The errors of Decide that are no faults of a policy.
var (
	// ErrOverload says that all workers are busy and the queue is full.
	ErrOverload = errors.New("engine: overloaded")
	// ErrNotReady says that no policy is loaded.
	ErrNotReady = errors.New("engine: no policy is loaded")
)

var (
	entrypoint = ast.MustParseRef(policy.Entrypoint)
	effects    = ast.MustParseRef("data.imap.effects.command")
)
