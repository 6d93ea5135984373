package pdp

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// replica is a decider while gRPC is connected to it and it says that it serves. When it is connected to again it is another.
type replica struct {
	client  *Client
	address string
	ctx     context.Context // done when it has parted
	cancel  context.CancelFunc

	// Guarded by Client.mu.
	parted bool
	// failing: it does not answer GetInfo, or ends one stream after the other.
	failing bool
	// silent: it says nothing. probing: it is asked whether it lives.
	silent, probing bool
	// plain: it knows no streams.
	plain bool
	// met: it has told who it is.
	met      bool
	revision Revision
}

// newReplica starts on a replica. Client.mu is held.
func newReplica(c *Client, address string) *replica {
	r := &replica{client: c, address: address, plain: c.opt.Streams == 0}
	r.ctx, r.cancel = context.WithCancel(pin(c.ctx, address))
	for i := range max(c.opt.Streams, 1) {
		c.running.Go(func() { r.keep(i) })
	}
	c.running.Go(r.watch)
	return r
}

// part gives up a replica: its streams are used as long as they last where there are no others. mu is held.
func (c *Client) part(r *replica) {
	r.parted = true
	r.cancel()
	delete(c.replicas, r.address)
	c.agree()
	for _, l := range c.lanesOf(r) {
		if l.worker == nil {
			l.leave()
		} else {
			c.retire(l)
		}
	}
	c.relieve()
}

// lanesOf are the replica's lanes. mu is held.
func (c *Client) lanesOf(r *replica) (ls []*lane) {
	for _, l := range c.lanes {
		if l.replica == r {
			ls = append(ls, l)
		}
	}
	return ls
}

// keep keeps the i-th lane open. A lane that parts is replaced before it ends.
func (r *replica) keep(i int) {
	c := r.client
	short := 0 // lanes in a row that ended as soon as they were open
	for r.prove() {
		c.mu.Lock()
		plain := r.plain
		c.mu.Unlock()
		if plain && i > 0 {
			return
		}
		began := time.Now()
		l, err := r.lane(plain)
		switch {
		case errors.Is(err, errParted):
			return
		case err == nil:
			select {
			case <-l.leaving:
			case <-r.ctx.Done():
				return
			}
			c.mu.Lock()
			err = l.why
			if r.plain != plain {
				err = nil // and now for calls
			}
			c.mu.Unlock()
		}
		if short++; err == nil || time.Since(began) > maxPause {
			short = 0
		}
		if short < maxShort { // it may have been a question's fault, and not that of the others that wait
			continue
		}
		pause := min(minPause<<min(short-maxShort, 10), maxPause)
		if pause > maxPause/10 {
			r.failed(err)
		}
		if !r.sleep(pause) {
			return
		}
	}
}

// lane opens a lane.
func (r *replica) lane(plain bool) (*lane, error) {
	if plain {
		return r.calls()
	}
	return r.stream()
}

// prove asks the replica who it is until it answers. No question is put to one that does not answer this. It reports false
// when the replica has parted.
func (r *replica) prove() bool {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		err := r.ping()
		switch {
		case r.ctx.Err() != nil:
			return false
		case err == nil:
			return true
		}
		r.failed(err)
		if !r.sleep(pause) {
			return false
		}
	}
}

// ping asks the replica who it is.
func (r *replica) ping() error {
	c := r.client
	ctx, cancel := context.WithTimeout(r.ctx, pingTimeout)
	defer cancel()
	info, err := c.decider.GetInfo(ctx, &deciderv1.GetInfoRequest{})
	if err != nil && status.Code(err) != codes.Unimplemented { // an older decider says so, and lives
		return err
	}
	c.mu.Lock()
	met := r.met
	r.met = true
	if err == nil && r.revision.Since.IsZero() { // watch has not heard yet
		r.revision = Revision{r.address, cut(info.Revision), time.Now()}
		c.agree()
	}
	c.mu.Unlock()
	if !met {
		c.opt.Log.Info("decider connected", "address", r.address, "id", cut(info.GetId()), "version", cut(info.GetVersion()),
			"revision", cut(info.GetRevision()))
	}
	return nil
}

// failed notes that the replica is not usable. Questions do not wait for it.
func (r *replica) failed(err error) {
	c := r.client
	c.mu.Lock()
	first := !r.failing && !r.parted
	r.failing, c.why = true, err
	lost := c.despair()
	c.mu.Unlock()
	tell(lost)
	if first {
		c.opt.Log.Warn("decider fails", "address", r.address, "error", err)
	}
}

// sleep reports false when the replica has parted meanwhile.
func (r *replica) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// suspect takes a lane for silent, and its replica too until that answers GetInfo. mu is held.
func (c *Client) suspect(l *lane, now time.Time) {
	r := l.replica
	if !l.silent.IsZero() {
		return
	}
	l.silent, r.silent = now, true
	if !r.probing && !r.parted && !c.closing {
		r.probing = true
		c.running.Go(r.probe)
	}
}

// probe is what is done about silence. A replica that answers GetInfo is used again. A lane of it that is silent past the
// deadline of what was asked on it has lost it, and is replaced. One that does not answer is left to keepalive; it may have been
// stopped, and go on.
func (r *replica) probe() {
	c := r.client
	c.opt.Log.Warn("decider silent", "address", r.address)
	for {
		if r.ping() != nil {
			if !r.sleep(minPause) {
				return
			}
			continue
		}
		c.mu.Lock()
		r.silent = false
		c.mu.Unlock()
		if !r.sleep(c.opt.Deadline) {
			return
		}
		if r.replaced() {
			return
		}
	}
}

// replaced gives up lanes that are silent for long, and reports whether all is well.
func (r *replica) replaced() bool {
	c := r.client
	c.mu.Lock()
	defer c.mu.Unlock()
	r.probing = r.silent
	for _, l := range c.lanesOf(r) {
		switch {
		case l.silent.IsZero():
		case time.Since(l.silent) >= c.opt.Deadline:
			l.leave()
			l.cancel()
			if l.worker != nil {
				c.retire(l)
			}
		default:
			r.probing = true
		}
	}
	return !r.probing
}
