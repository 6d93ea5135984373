package pdp

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Client is a Decider over gRPC. It reconnects by itself.
type Client struct {
	opt     Options
	number  uint64
	conn    *grpc.ClientConn
	decider deciderv1.DeciderServiceClient
	ctx     context.Context // of all calls
	cancel  context.CancelFunc
	running sync.WaitGroup // what replicas and lanes run

	// mu guards what follows, and the fields of replicas, lanes and flights that change. It is held for no call, and no
	// question is told its answer under it.
	mu       sync.Mutex
	state    connectivity.State
	resolved bool  // state is known
	why      error // there is no decider, when there is none
	replicas map[string]*replica
	lanes    []*lane // that take questions
	turn     int     // whose turn it is
	reports  int     // so far, that the replicas take turns at
	asked    uint64  // questions so far
	open     int     // those not settled
	waiting  map[*flight]struct{}
	counts   Counts
	agreed   string // the revision that all replicas have in force
	follow   func(revision string)
	closing  bool
	empty    chan struct{} // closed when closing and nothing is open
}

var numbers atomic.Uint64

// Dial makes a client and starts to connect. It does not wait for the connection.
func Dial(o Options) (*Client, error) {
	o.fill()
	c := &Client{
		opt:      o,
		number:   numbers.Add(1),
		replicas: map[string]*replica{},
		waiting:  map[*flight]struct{}{},
		empty:    make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	clients.Store(c.number, c)
	var err error
	if c.conn, err = channel(o, c.number); err != nil {
		c.cancel()
		clients.Delete(c.number)
		return nil, err
	}
	c.decider = deciderv1.NewDeciderServiceClient(c.conn)
	c.conn.Connect()
	return c, nil
}

// Close takes no more questions, ends the streams in order, waits for what is in flight, at most for Options.Deadline, and
// disconnects. What is unanswered then gets ErrUnavailable. It is called once.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closing = true
	if c.open == 0 {
		close(c.empty)
	}
	lost := c.despair()
	for _, l := range slices.Clone(c.lanes) {
		c.retire(l)
	}
	c.mu.Unlock()
	tell(lost)

	late := time.NewTimer(c.opt.Deadline)
	defer late.Stop()
	select {
	case <-c.empty:
	case <-late.C:
	}
	c.cancel()
	err := c.conn.Close()
	c.running.Wait()
	clients.Delete(c.number)
	return err
}

// Ready tells that a question would find a decider.
func (c *Client) Ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.lanes, func(l *lane) bool { return !l.parting })
}

// Ask implements Decider.
func (c *Client) Ask(ctx context.Context, conn *Connection, q session.Question, done func(*session.Decision, error)) {
	f := &flight{ctx: ctx, conn: conn, question: q, until: time.Now().Add(c.opt.Deadline), done: done}
	c.mu.Lock()
	err := c.launch(f)
	c.mu.Unlock()
	if err != nil {
		go done(nil, err)
	}
}

// leave gives up the replicas that are no longer ready.
func (c *Client) leave(s connectivity.State, why error, ready picker) {
	c.mu.Lock()
	none := s == connectivity.TransientFailure && c.state != s
	c.state, c.resolved = s, true
	for address := range ready {
		if c.replicas[address] == nil { // about to join
			c.state = connectivity.Connecting
		}
	}
	if why != nil {
		c.why = why
	}
	var left []string
	for address, r := range c.replicas {
		if ready[address] == nil {
			c.part(r)
			left = append(left, address)
		}
	}
	lost := c.despair()
	c.mu.Unlock()
	tell(lost)
	for _, address := range left {
		c.opt.Log.Info("decider left", "address", address)
	}
	if none {
		c.opt.Log.Warn("no decider", "error", why)
	}
}

// join starts on the replicas that are newly ready.
func (c *Client) join(s connectivity.State, ready picker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	c.state = s
	for address := range ready {
		if c.replicas[address] == nil {
			c.replicas[address] = newReplica(c, address)
		}
	}
}

// hope tells that there may soon be a lane: a connection is being made, or a replica has been met and not failed. It is gRPC's own
// rule for calls that do not wait for a ready connection. mu is held.
func (c *Client) hope() bool {
	switch {
	case c.closing:
		return false
	case !c.resolved:
		return c.conn.GetState() != connectivity.TransientFailure
	case c.state == connectivity.Connecting || c.state == connectivity.Idle:
		return true
	}
	for _, r := range c.replicas {
		if !r.failing {
			return true
		}
	}
	return false
}

// despair settles the questions that wait for a lane, where there is no hope. mu is held.
func (c *Client) despair() (lost []*flight) {
	if len(c.waiting) == 0 || c.hope() {
		return nil
	}
	for f := range c.waiting {
		if c.giveUp(f, c.unavailable()) {
			lost = append(lost, f)
		}
	}
	return lost
}

// unavailable is why there is no lane. mu is held.
func (c *Client) unavailable() error {
	switch {
	case c.closing:
		return fmt.Errorf("%w: closed", ErrUnavailable)
	case c.why != nil:
		return fmt.Errorf("%w: %s", ErrUnavailable, cut(c.why.Error()))
	}
	return ErrUnavailable
}
