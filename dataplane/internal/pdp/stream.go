package pdp

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

type decideStream = grpc.BidiStreamingClient[deciderv1.DecideStreamRequest, deciderv1.DecideStreamResponse]

// errParted: the replica went while a lane was opened.
var errParted = errors.New("pdp: parted")

// stream opens a stream to the replica.
func (r *replica) stream() (*lane, error) {
	c := r.client
	ctx, cancel := context.WithCancel(pin(c.ctx, r.address))
	stop := context.AfterFunc(r.ctx, cancel)
	s, err := c.decider.DecideStream(ctx)
	stop()
	if err != nil {
		cancel()
		return nil, err
	}
	l := newLane(r, cancel)
	if !c.add(l) {
		cancel()
		return nil, errParted
	}
	c.running.Go(func() { c.send(l, s) })
	c.running.Go(func() { c.receive(l, s) })
	return l, nil
}

// send sends what comes into the queue. Only this goroutine waits while the replica takes nothing.
func (c *Client) send(l *lane, s decideStream) {
	for f := range l.queue {
		q, left := c.next(l, f)
		if q == nil {
			continue
		}
		m := &deciderv1.DecideStreamRequest{
			Id:        f.id,
			Question:  q,
			TimeoutUs: uint64(max(left.Microseconds(), 1)),
		}
		err := fits(m)
		if err != nil {
			c.unanswered(l, f.id, err, false)
			continue
		}
		if err = s.Send(m); err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) { // it is the question's fault, and gRPC ends the stream for it
			c.unanswered(l, f.id, status.Error(codes.Internal, err.Error()), false)
		}
		return // receive learns why
	}
	_ = s.CloseSend()
}

// receive passes on what the replica says until the stream ends.
func (c *Client) receive(l *lane, s decideStream) {
	for {
		m, err := s.Recv()
		if err != nil {
			c.broke(l, ended(err))
			return
		}
		switch a := m.Answer.(type) {
		case *deciderv1.DecideStreamResponse_Drain:
			c.drain(l)
		case *deciderv1.DecideStreamResponse_NoAnswer:
			c.unanswered(l, m.Id, refusal(a.NoAnswer), true)
		default:
			c.answered(l, m.Id, m.GetDecision())
		}
	}
}

// drain opens another stream in the place of one that the replica will end.
func (c *Client) drain(l *lane) {
	c.opt.Log.Debug("decider drains", "address", l.replica.address)
	c.mu.Lock()
	defer c.mu.Unlock()
	l.leave()
	c.relieve()
	if !l.retired {
		time.AfterFunc(drainPatience, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.retire(l)
		})
	}
}

// ended is why a stream ended, as the status of its questions.
func ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return status.Error(codes.Unavailable, "the decider ended the stream")
	case status.Code(err) == codes.ResourceExhausted:
		// A stream does not end to shed load, but for a message over the decider's bound. A peer can bring that about.
		return status.Error(codes.Internal, status.Convert(err).Message())
	}
	return err
}

// refusal is a NoAnswer as a status.
func refusal(n *deciderv1.NoAnswer) error {
	code := codes.Code(n.GetCode())
	if code == codes.OK {
		code = codes.Internal // nonsense
	}
	return status.Error(code, n.GetMessage())
}
