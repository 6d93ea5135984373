package decider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Service decides by a configuration that can be replaced meanwhile. It keeps the listening sockets, so that no dataplane is refused in
// between: each configuration is a Decider on duplicates of them, and the one before drains as it does at its end.
type Service struct {
	logger  func(*Config) *slog.Logger
	failed  chan error
	running sync.WaitGroup

	mu      sync.Mutex // one change at a time
	sockets []*socket
	now     *generation
	ended   bool
}

// generation is a decider with its listeners, and what ends its time.
type generation struct {
	*Decider
	cfg       *Config
	listeners []net.Listener
	retire    context.CancelFunc
}

// NewService loads policy, as New does, and listens. logger makes the log that a configuration asks for.
func NewService(ctx context.Context, cfg *Config, logger func(*Config) *slog.Logger) (*Service, error) {
	s := &Service{logger: logger, failed: make(chan error, 1)}
	g, _, err := s.generation(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.now = g
	return s, nil
}

// generation makes a decider on the service's sockets, which get those that are new. unused are the sockets that it does not listen on.
func (s *Service) generation(ctx context.Context, cfg *Config) (g *generation, unused []*socket, err error) {
	d, err := New(ctx, cfg, Options{Log: s.logger(cfg)})
	if err != nil {
		return nil, nil, err
	}
	open := &opener{have: s.sockets}
	if err := open.all(cfg); err != nil {
		open.undo()
		d.close()
		return nil, nil, fmt.Errorf("decider: %w", err)
	}
	g = &generation{Decider: d, cfg: cfg, listeners: open.listeners[:len(cfg.Listen)]}
	if cfg.Admin.Address != "" {
		d.opts.Admin = open.listeners[len(cfg.Listen)]
	}
	s.sockets = append(s.sockets, open.opened...)
	return g, open.unused(), nil
}

// Serve answers until ctx is done, as Decider's does. It is called once.
func (s *Service) Serve(ctx context.Context) error {
	s.mu.Lock()
	s.start(s.now)
	s.mu.Unlock()
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	s.mu.Lock()
	s.ended = true
	s.now.retire()
	s.mu.Unlock()
	s.running.Wait()
	closeSockets(s.sockets)
	return err
}

// start begins to answer by a generation.
func (s *Service) start(g *generation) {
	ctx, retire := context.WithCancel(context.Background())
	g.retire = retire
	s.running.Go(func() {
		if err := g.Serve(ctx, g.listeners...); err != nil {
			select {
			case s.failed <- err:
			default:
			}
		}
	})
}

// Reload puts another configuration into place, or reads policy again where it is the same. If it cannot be used, nothing changes; the
// error says why, and is logged.
func (s *Service) Reload(ctx context.Context, load func() (*Config, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errors.New("decider: the service ends")
	}
	old := s.now
	cfg, err := load()
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			old.opts.Log.Error("configuration not loaded", slog.String("error", line))
		}
		return err
	}
	if reflect.DeepEqual(cfg, old.cfg) {
		return old.Reload(ctx)
	}
	g, unused, err := s.generation(ctx, cfg)
	if err != nil {
		old.opts.Log.Error("configuration not loaded", slog.Any("error", err))
		return err
	}
	// With the policy of bundles it can take over when they are there.
	if err := g.Loaded(ctx); err != nil {
		return err
	}
	s.start(g)
	old.retire()
	s.now = g
	closeSockets(unused)
	s.sockets = slices.DeleteFunc(s.sockets, func(k *socket) bool { return slices.Contains(unused, k) })
	s.setModes(g)
	g.opts.Log.Info("configuration loaded")
	return nil
}

// setModes gives unix sockets that stay the mode of the configuration.
func (s *Service) setModes(g *generation) {
	mode, _ := g.cfg.Mode()
	for _, k := range s.sockets {
		path, unix := strings.CutPrefix(k.address, "unix:")
		if !unix || k.mode == mode {
			continue
		}
		if err := os.Chmod(path, mode); err != nil {
			g.opts.Log.Error("socket_mode", slog.Any("error", err))
			continue
		}
		k.mode = mode
	}
}

// Loaded and Alive are those of the decider that answers now.
func (s *Service) Loaded(ctx context.Context) error { return s.current().Loaded(ctx) }

// Alive: see Decider.Alive.
func (s *Service) Alive(ctx context.Context) error {
	if !s.mu.TryLock() {
		return nil // a change is being made, which takes its time
	}
	g := s.now
	s.mu.Unlock()
	return g.Alive(ctx)
}

func (s *Service) current() *generation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}
