package pdp

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const (
	// maxQuestion is gRPC's default bound on a message, which a decider may keep to. The limits of a session stay far below.
	maxQuestion = 4 << 20
	maxAnswer   = 4 << 20
	// workerIdle is how long a goroutine waits for another question. It keeps its grown stack meanwhile.
	workerIdle = 5 * time.Second
)

// Options configure a Client.
type Options struct {
	// Address is a gRPC target: "unix:/path", "host:port", "dns:///name:port".
	Address string
	// TLS is how the decider is met; nil: in the clear.
	TLS *tls.Config
	// Deadline is how long a question may take.
	Deadline time.Duration
	// InFlight is how many questions may be unanswered.
	InFlight int
}

// Client is a Decider over gRPC. It reconnects by itself.
type Client struct {
	conn     *grpc.ClientConn
	decider  deciderv1.DeciderServiceClient
	deadline time.Duration
	work     chan asked
	workers  chan struct{}
	closed   chan struct{}
}

// asked is a question that waits for a worker.
type asked struct {
	ctx   context.Context
	until time.Time
	conn  *Connection
	q     session.Question
	done  func(*session.Decision, error)
}

// Dial makes a client and starts to connect. It does not wait for the connection.
func Dial(o Options) (*Client, error) {
	creds := insecure.NewCredentials()
	if o.TLS != nil {
		c := o.TLS.Clone()
		c.NextProtos = nil // gRPC sets its own
		creds = credentials.NewTLS(c)
	}
	conn, err := grpc.NewClient(o.Address,
		grpc.WithTransportCredentials(creds),
		// A decider that was restarted is used again within a second, not within gRPC's two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithIdleTimeout(0),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`),
	)
	if err != nil {
		return nil, fmt.Errorf("pdp: %w", err)
	}
	conn.Connect()
	return &Client{
		conn:     conn,
		decider:  deciderv1.NewDeciderServiceClient(conn),
		deadline: o.Deadline,
		work:     make(chan asked),
		workers:  make(chan struct{}, o.InFlight),
		closed:   make(chan struct{}),
	}, nil
}

// Close ends the connection. Questions in flight get ErrUnavailable. It is called once.
func (c *Client) Close() error {
	close(c.closed)
	return c.conn.Close()
}

// Ready tells that the decider is connected.
func (c *Client) Ready() bool { return c.conn.GetState() == connectivity.Ready }

// Ask implements Decider. A question is put by a goroutine of a pool that grows to Options.InFlight, not by a fresh one each: growing a
// stack through gRPC costs as much as the call.
func (c *Client) Ask(ctx context.Context, conn *Connection, q session.Question, done func(*session.Decision, error)) {
	a := asked{ctx, time.Now().Add(c.deadline), conn, q, done}
	select {
	case c.work <- a: // a worker was idle
		return
	default:
	}
	select {
	case c.workers <- struct{}{}:
		go c.worker(a)
	default:
		go done(nil, fmt.Errorf("%w: %d questions in flight", ErrOverloaded, cap(c.workers)))
	}
}

// worker answers questions until none comes for a while.
func (c *Client) worker(a asked) {
	defer func() { <-c.workers }()
	idle := time.NewTimer(workerIdle)
	defer idle.Stop()
	for {
		a.done(c.decide(a))
		a = asked{}
		idle.Reset(workerIdle)
		select {
		case a = <-c.work:
		case <-idle.C:
			return
		case <-c.closed:
			return
		}
	}
}

func (c *Client) decide(a asked) (*session.Decision, error) {
	ctx, cancel := context.WithDeadline(a.ctx, a.until)
	defer cancel()
	req := &deciderv1.DecideRequest{Question: question(a.conn, a.q)}
	if n := proto.Size(req); n > maxQuestion {
		return fault("contract", fmt.Sprintf("the question has %d octets, over the bound of %d", n, maxQuestion)), nil
	}
	rsp, err := c.decider.Decide(ctx, req)
	if err != nil {
		return failure(err)
	}
	return decision(&a.q, rsp.Decision), nil
}
