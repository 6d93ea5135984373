package pdp

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// calls opens a lane on which each question is a call. Workers make them that stay for a while: growing a fresh goroutine's
// stack through gRPC costs as much as the call.
func (r *replica) calls() (*lane, error) {
	c := r.client
	l := newLane(r, func() {})
	l.worker = func() { c.work(l) }
	if !c.add(l) {
		return nil, errParted
	}
	return l, nil
}

// work makes calls until there is none for a while.
func (c *Client) work(l *lane) {
	idle := time.NewTimer(workerIdle)
	defer idle.Stop()
	for {
		select {
		case f, ok := <-l.queue:
			if !ok {
				return
			}
			c.call(l, f)
			c.mu.Lock()
			l.idle++
			c.mu.Unlock()
		case <-idle.C:
			c.mu.Lock()
			leave := l.idle > 0 // else one more question is on its way to an idle worker
			if leave {
				l.idle--
			}
			c.mu.Unlock()
			if leave {
				return
			}
		}
		idle.Reset(workerIdle)
	}
}

func (c *Client) call(l *lane, f *flight) {
	q, left := c.next(l, f)
	if q == nil {
		return
	}
	ctx, cancel := context.WithTimeout(pin(f.ctx, l.replica.address), left)
	defer cancel()
	m := &deciderv1.DecideRequest{Question: q}
	err := fits(m)
	if err != nil {
		c.unanswered(l, f.id, err, false)
		return
	}
	rsp, err := c.decider.Decide(ctx, m)
	if err != nil {
		c.unanswered(l, f.id, err, said(err))
		return
	}
	c.answered(l, f.id, rsp.Decision)
}

// said tells that a status is the decider's and not gRPC's own.
func said(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return false // may be either's
	}
	return true
}

// fits checks the size of a question. The status is one that makes it a fault.
func fits(m proto.Message) error {
	if n := proto.Size(m); n > maxQuestion {
		return status.Error(codes.InvalidArgument, fmt.Sprintf("the question has %d octets, over the bound of %d", n, maxQuestion))
	}
	return nil
}
