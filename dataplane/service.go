package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pep"
	"github.com/gatepost/gatepost/dataplane/internal/socket"
)

const (
	// maxGenerations is how many configurations may have sessions at once. Those of the oldest are told BYE when there is one more.
	maxGenerations = 16
	// connecting is how long a new configuration waits for its connection to the decider before it is used. It is used all the
	// same then, as one is at the start.
	connecting = 5 * time.Second
)

// Service serves clients by a configuration that can be replaced meanwhile. Sessions keep the one they began with. It keeps the listening
// sockets, so that nobody is refused in between.
type Service struct {
	options Options
	logs    bool // options.Log is the configuration's
	// failed has what ends the service: a listener that fails.
	failed chan error
	// over is closed when a successor serves; hurry when no session is waited for.
	over, hurry chan struct{}
	hurried     sync.Once
	running     sync.WaitGroup

	mu      sync.Mutex // one change at a time
	sockets []*socket.Socket
	// generations are those that may have sessions, the one that accepts last.
	generations []*generation
	ended       bool
}

// generation is a dataplane with what ends its time.
type generation struct {
	*Dataplane
	cfg    *Config
	retire context.CancelFunc
	over   chan struct{} // its Serve has returned
}

// NewService validates the configuration and makes all ready, as New does. Sockets are those that are open already, and closed
// by Serve; each must be at an address of the configuration. Options.Listeners, Admin and After are not used.
func NewService(c *Config, sockets []*socket.Socket, o Options) (*Service, error) {
	s := &Service{options: o, failed: make(chan error, 1), over: make(chan struct{}), hurry: make(chan struct{}), sockets: sockets}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		s.logs = true
		s.options.Log = logger(c.Log)
	}
	g, unused, err := s.generation(c, s.options)
	if err == nil && len(unused) > 0 {
		g.close()
		err = fmt.Errorf("dataplane: a socket on %v was passed, which is the address of no listener", unused[0].Addr())
	}
	if err != nil {
		s.closeSockets((*socket.Socket).Close)
		return nil, err
	}
	s.generations = []*generation{g}
	return s, nil
}

// generation makes a dataplane on the service's sockets, which get those that are new. unused are the sockets that it does not listen on.
func (s *Service) generation(c *Config, o Options) (g *generation, unused []*socket.Socket, err error) {
	open := &opener{have: s.sockets}
	defer func() {
		if err != nil {
			open.undo()
		}
	}()
	o.Listeners = map[string]net.Listener{}
	for _, l := range c.Listeners {
		if o.Listeners[l.Name], err = open.listener(l.Name, l.Address); err != nil {
			return nil, nil, fmt.Errorf("dataplane: %w", err)
		}
	}
	if c.Admin.Address != "" {
		if o.Admin, err = open.listener("admin", adminAddress(c.Admin.Address)); err != nil {
			return nil, nil, fmt.Errorf("dataplane: %w", err)
		}
	}
	d, err := New(c, o)
	if err != nil {
		return nil, nil, err
	}
	s.sockets = append(s.sockets, open.opened...)
	return &generation{Dataplane: d, cfg: c, over: make(chan struct{})}, open.unused(), nil
}

// Serve serves clients until ctx is done, another process has taken over, or a listener fails; then it lets sessions go on as
// the configuration says, and ends them. It is called once. The error is the listener's.
func (s *Service) Serve(ctx context.Context) error {
	s.mu.Lock()
	s.start(s.generations[0])
	s.mu.Unlock()
	var err error
	stop := ctx.Done()
	select {
	case <-stop:
	case <-s.over:
	case err = <-s.failed:
	}
	s.mu.Lock()
	s.ended = true
	last, closing := s.now(), (*socket.Socket).Close
	limit := last.cfg.Timeouts.DrainOnStop
	select {
	case <-s.over:
		limit, closing = last.cfg.Timeouts.Drain, (*socket.Socket).Leave
	default:
		stop = nil
	}
	if err != nil {
		limit = 0
	}
	s.closeSockets(closing)
	s.mu.Unlock() // nothing is changed any more
	last.retire()
	s.drain(limit, stop)
	return err
}

// drain waits for the sessions of all generations, for so long, or until stop or Hurry; then it ends them.
func (s *Service) drain(limit time.Duration, stop <-chan struct{}) {
	late := time.NewTimer(limit)
	defer late.Stop()
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-late.C:
	case <-stop:
	case <-s.hurry:
	}
	for _, g := range s.generations {
		go func() { _ = g.Shutdown(context.Background()) }()
	}
	<-ended
}

// Hurry lets Serve wait no longer for sessions that go on: they are told BYE.
func (s *Service) Hurry() { s.hurried.Do(func() { close(s.hurry) }) }

// start begins to serve by a generation; s.mu is held.
func (s *Service) start(g *generation) {
	retired, retire := context.WithCancel(context.Background())
	g.retire = retire
	s.running.Go(func() {
		defer close(g.over)
		if err := g.Serve(context.Background()); err != nil {
			select {
			case s.failed <- err:
			default:
			}
		}
	})
	s.running.Go(func() {
		select {
		case <-retired.Done():
			_ = g.Drain(context.Background())
		case <-g.over:
		}
	})
}

// now is the generation that accepts; s.mu is held.
func (s *Service) now() *generation { return s.generations[len(s.generations)-1] }

// Reload puts another configuration into place, or loads changed files of keys and certificates where it is the same. Those who connect from
// then on are served by it; sessions are not touched. If it cannot be used, nothing changes, and the error says why: it is an
// event, too.
func (s *Service) Reload(load func() (*Config, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errors.New("dataplane: the service ends")
	}
	g := s.now()
	err := s.reload(load)
	if err != nil {
		g.event(&Event{Name: pep.ConfigRefused, Err: err})
	}
	return err
}

func (s *Service) reload(load func() (*Config, error)) error {
	c, err := load()
	if err != nil {
		return err
	}
	old := s.now()
	if reflect.DeepEqual(c, old.cfg) {
		old.Reload()
		return nil
	}
	o := s.options
	o.After = old.Dataplane
	if s.logs {
		o.Log = logger(c.Log)
	}
	g, unused, err := s.generation(c, o)
	if err != nil {
		return err
	}
	if old.Ready() {
		g.waitReady(context.Background(), connecting)
	}
	s.options.Log = o.Log
	s.start(g)
	g.server.TakeOver()
	old.refuse()
	old.retire()
	s.discard(unused)
	s.generations = append(s.generations, g)
	s.forget()
	g.event(&Event{Name: pep.ConfigLoaded})
	return nil
}

// discard closes sockets that are no listener's any more.
func (s *Service) discard(unused []*socket.Socket) {
	for _, k := range unused {
		_ = k.Close()
	}
	s.sockets = slices.DeleteFunc(s.sockets, func(k *socket.Socket) bool { return slices.Contains(unused, k) })
}

// forget lets go of generations that have no sessions, and ends the oldest where there are too many.
func (s *Service) forget() {
	var left []*generation
	for _, g := range s.generations {
		select {
		case <-g.over:
		default:
			left = append(left, g)
		}
	}
	for len(left) > maxGenerations {
		oldest := left[0]
		go func() { _ = oldest.Shutdown(context.Background()) }()
		left = left[1:]
	}
	s.generations = left
}

// HandOver has another process take over: start is given the listening sockets, and returns when it serves. Serve ends then.
// If it does not come to that, nothing changes, and the error says why: it is an event, too.
func (s *Service) HandOver(start func([]*socket.Socket) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errors.New("dataplane: the service ends")
	}
	g := s.now()
	if err := start(s.sockets); err != nil {
		g.event(&Event{Name: pep.NotReplaced, Err: err})
		return err
	}
	g.event(&Event{Name: pep.Replaced})
	s.ended = true
	close(s.over)
	return nil
}

// Alive tells that clients would be served: see Dataplane.Alive.
func (s *Service) Alive(ctx context.Context) error {
	if !s.mu.TryLock() {
		return nil // a change is being made, which takes its time
	}
	g := s.now()
	s.mu.Unlock()
	return g.Alive(ctx)
}

// WaitReady waits until the decider is connected, for so long at most.
func (s *Service) WaitReady(ctx context.Context, most time.Duration) {
	s.mu.Lock()
	g := s.now()
	s.mu.Unlock()
	g.waitReady(ctx, most)
}

func (g *generation) waitReady(ctx context.Context, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for each := time.NewTicker(5 * time.Millisecond); !g.Ready(); {
		select {
		case <-each.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) closeSockets(one func(*socket.Socket) error) {
	for _, k := range s.sockets {
		_ = one(k)
	}
	s.sockets = nil
}
