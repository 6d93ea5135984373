package dataplane

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/gatepost/gatepost/dataplane/internal/config"
	"github.com/gatepost/gatepost/dataplane/internal/keyring"
	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/pep"
	"github.com/gatepost/gatepost/dataplane/internal/reuse"
	"github.com/gatepost/gatepost/dataplane/internal/socket"
	"github.com/gatepost/gatepost/proto/tracing"
)

// The configuration, and its parts.
type (
	// Config is the whole configuration. DefaultConfig has the defaults; a file is read by LoadConfig.
	Config = config.Config
	// Listener is an element of Config.Listeners.
	Listener = config.Listener
	// ProxyProtocol is the type of Listener.ProxyProtocol.
	ProxyProtocol = config.ProxyProtocol
	// ListenerTLS is the type of Listener.TLS.
	ListenerTLS = config.ListenerTLS
	// Certificate is an element of ListenerTLS.Certificates.
	Certificate = config.Certificate
	// Upstream is the type of Config.Upstream and Listener.Upstream.
	Upstream = config.Upstream
	// ClientTLS is the type of Upstream.TLS and Decider.TLS.
	ClientTLS = config.ClientTLS
	// Decider is the type of Config.Decider.
	Decider = config.Decider
	// Reuse is the type of Config.Reuse.
	Reuse = config.Reuse
	// Reports is the type of Reuse.Reports.
	Reports = config.Reports
	// Event is something that happened, to be logged and counted. It holds no secret.
	Event = pep.Event
)

// DefaultConfig is the configuration of an empty file. It lacks listeners, upstream and decider.
func DefaultConfig() *Config { return config.Default() }

// LoadConfig reads a file and validates it. The error names every problem with file, line and field.
func LoadConfig(name string) (*Config, error) { return config.Load(name) }

// Options are what a program that embeds the dataplane may set. The zero value is usable.
type Options struct {
	// Listeners are listeners that are open already, by the name of the configuration's listener whose address they take the
	// place of. Serve closes them.
	Listeners map[string]net.Listener
	// Admin is the same for the admin listener.
	Admin net.Listener
	// After is the dataplane whose place this one takes in the same process: counters go on, and sessions are counted together
	// against the limits, which are still its own.
	After *Dataplane
	// Log takes the place of the log on standard error.
	Log *slog.Logger
	// OnEvent is told every event besides, from many goroutines. It must not block.
	OnEvent func(Event)
}

// Dataplane is a running dataplane.
type Dataplane struct {
	cfg       *Config
	log       *slog.Logger
	client    *pdp.Client
	reuse     *reuse.Decider // nil: none
	server    *pep.Server
	listeners []pep.Listener
	metrics   *metrics
	octets    octets
	keys      *keyring.Ring
	admin     net.Listener
	onEvent   func(Event)
	traces    *tracing.Provider // nil: there are none

	stop sync.Once
	done chan struct{} // Shutdown has begun
	err  error         // its result
}

// New validates the configuration and opens all listeners. Clients wait from then on, and are served by Serve.
func New(c *Config, o Options) (*Dataplane, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &Dataplane{cfg: c, log: o.Log, onEvent: o.OnEvent, octets: octets{}, done: make(chan struct{})}
	if o.After != nil {
		d.octets = maps.Clone(o.After.octets)
	}
	if d.log == nil {
		d.log = logger(c.Log)
	}
	if err := d.open(o); err != nil {
		d.close()
		return nil, fmt.Errorf("dataplane: %w", err)
	}
	return d, nil
}

// close closes what open has opened.
func (d *Dataplane) close() {
	for _, l := range d.listeners {
		_ = l.Listener.Close()
	}
	if d.admin != nil {
		_ = d.admin.Close()
	}
	if d.client != nil {
		_ = d.client.Close()
	}
}

func (d *Dataplane) open(o Options) error {
	c := d.cfg
	d.keys = keyring.New(func(k *keyring.Key, err error) { d.event(changed(k, err)) })
	for _, lc := range c.Listeners {
		l, err := d.listener(lc, o.Listeners[lc.Name])
		if err != nil {
			return err
		}
		d.listeners = append(d.listeners, l)
	}
	tls, err := d.deciderTLS()
	if err != nil {
		return err
	}
	if d.admin = o.Admin; d.admin == nil && c.Admin.Address != "" {
		if d.admin, err = net.Listen(socket.Split(adminAddress(c.Admin.Address))); err != nil {
			return err
		}
	}
	d.traces, err = tracing.Start(context.Background(), tracing.Config(c.Tracing), "gatepost-dataplane", c.Name, d.log)
	if err != nil {
		return err
	}
	var tracer trace.Tracer
	if d.traces != nil {
		tracer = d.traces.Tracer("github.com/gatepost/gatepost/dataplane")
	}
	d.client, err = pdp.Dial(pdp.Options{
		Address:   c.Decider.Address,
		Addresses: c.Decider.Addresses,
		TLS:       tls,
		Deadline:  c.Decider.Deadline,
		InFlight:  c.Decider.InFlight,
		Streams:   c.Decider.Streams,
		Silence:   time.Duration(float64(c.Decider.Deadline) * c.Decider.Silence),
		Tracer:    tracer,
		Log:       d.log,
	})
	if err != nil {
		return err
	}
	var before *pep.Server
	if o.After != nil {
		before = o.After.server
	}
	d.metrics = newMetrics(d, o.After)
	d.server = pep.New(pep.Options{
		After:    before,
		Name:     c.Name,
		Tracer:   tracer,
		Decider:  d.decider(o.After),
		Timeouts: timeouts(c.Timeouts),
		Sessions: sessions(c.Limits),
		Progress: uint64(c.Limits.Progress),
		BusyPoll: c.BusyPoll,
		OnEvent:  d.event,
	})
	return nil
}

// event counts, logs and passes on.
func (d *Dataplane) event(e *Event) {
	d.metrics.count(e)
	e.Log(d.log)
	if d.onEvent != nil {
		e.Time = time.Now()
		d.onEvent(*e)
	}
}

// Addr is the address that the named listener listens on; nil: there is none of that name.
func (d *Dataplane) Addr(listener string) net.Addr {
	for _, l := range d.listeners {
		if l.Name == listener {
			return l.Listener.Addr()
		}
	}
	return nil
}

// Ready tells that the decider is connected.
func (d *Dataplane) Ready() bool { return d.client.Ready() }

// Serve serves clients until ctx is done or Shutdown is called, or a listener fails; then it shuts down. It is called once. The error
// is the listener's.
func (d *Dataplane) Serve(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	if err := d.keys.Watch(watching); err != nil {
		d.log.Warn("certificates are looked at once a minute and not watched", "error", err)
	}
	for _, l := range d.listeners {
		d.log.Info("listening", "listener", l.Name, "address", l.Listener.Addr().String())
		g.Go(func() error {
			if err := d.server.Serve(l); !errors.Is(err, pep.ErrClosed) {
				return fmt.Errorf("dataplane: listener %s: %w", l.Name, err)
			}
			return nil
		})
	}
	if d.admin != nil {
		d.log.Info("listening", "listener", "admin", "address", d.admin.Addr().String())
		g.Go(func() error { return d.serveAdmin() })
	}
	g.Go(func() error {
		select {
		case <-ctx.Done():
		case <-d.done:
		}
		if err := d.Shutdown(context.WithoutCancel(ctx)); err != nil {
			d.log.Warn("shutdown", "error", err)
		}
		return nil
	})
	return g.Wait()
}

// Drain stops accepting clients, and lets sessions go on until they end by themselves or ctx is done. Then it shuts down.
func (d *Dataplane) Drain(ctx context.Context) error {
	d.refuse()
	_ = d.server.Drain(ctx) // ctx's error, and what follows is the same
	return d.Shutdown(context.WithoutCancel(ctx))
}

// refuse closes the listeners.
func (d *Dataplane) refuse() {
	if d.admin != nil {
		_ = d.admin.Close()
	}
	d.server.Refuse()
}

// Alive tells that clients would be served. The error says what does not answer before ctx is done. One call at a time.
func (d *Dataplane) Alive(ctx context.Context) error { return d.server.Alive(ctx) }

// Shutdown stops accepting clients, tells those that are connected BYE, and waits for their sessions to end: as long as the
// configured timeout, and no longer than ctx. What was reused and not yet recorded is. It returns an error if sessions had to be cut
// off, or records were lost.
func (d *Dataplane) Shutdown(ctx context.Context) error {
	d.stop.Do(func() {
		close(d.done)
		ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeouts.Shutdown)
		defer cancel()
		d.err = errors.Join(d.endSessions(ctx), d.endReports(ctx))
		d.close()
		if d.traces != nil {
			if err := d.traces.Shutdown(ctx); err != nil {
				d.log.Warn("tracing", "error", err)
			}
		}
	})
	return d.err
}

// endSessions leaves a tenth of the time to reports, for what sessions that are cut off have reused.
func (d *Dataplane) endSessions(ctx context.Context) error {
	end, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(end)*9/10)
	defer cancel()
	if err := d.server.Shutdown(ctx); err != nil {
		return fmt.Errorf("dataplane: sessions were cut off: %w", err)
	}
	return nil
}

// logger is the log that the configuration asks for.
func logger(c config.Log) *slog.Logger {
	level := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[c.Level]
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, o))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, o))
}
