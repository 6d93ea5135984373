package pdp

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Revision is a revision of policy in force.
type Revision struct {
	// Replica is the address of the decider that said so.
	Replica string
	// Revision is as in a decision. Empty: the decider has no policy.
	Revision string
	// Since is when it said so first.
	Since time.Time
}

// Revisions are those in force on the deciders connected, the one announced last first. While policy is being rolled out they
// differ.
func (c *Client) Revisions() []Revision {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rs []Revision
	for _, r := range c.replicas {
		if !r.revision.Since.IsZero() {
			rs = append(rs, r.revision)
		}
	}
	slices.SortFunc(rs, func(a, b Revision) int {
		return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Replica, b.Replica))
	})
	return rs
}

// watch follows the revision in force on a replica.
func (r *replica) watch() {
	c := r.client
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		s, err := c.decider.WatchRevision(r.ctx, &deciderv1.WatchRevisionRequest{})
		for err == nil {
			var m *deciderv1.WatchRevisionResponse
			if m, err = s.Recv(); err == nil {
				r.revise(m.Revision)
				pause = minPause
			}
		}
		if status.Code(err) == codes.Unimplemented || !r.sleep(pause) {
			return
		}
	}
}

// revise notes the revision in force.
func (r *replica) revise(revision string) {
	c := r.client
	revision = cut(revision)
	c.mu.Lock()
	before := r.revision
	if before.Since.IsZero() || before.Revision != revision {
		r.revision = Revision{r.address, revision, time.Now()}
		c.agree()
	}
	c.mu.Unlock()
	if !before.Since.IsZero() && before.Revision != revision {
		c.opt.Log.Info("decider's policy changed", "address", r.address, "revision", revision, "before", before.Revision)
	}
}

// Follow has f told the revision that all replicas have in force: at once, and before anything is done by what changes it. Empty:
// there is none, for they differ, or have none. A replica that has not told yet does not count, and while there is no replica the
// last one's holds. f must not block, nor call the Client. Follow is called once.
func (c *Client) Follow(f func(revision string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.follow = f
	f(c.agreed)
	c.agree()
}

// agree notes what revision all replicas have in force. mu is held.
func (c *Client) agree() {
	told, revision := false, ""
	for _, r := range c.replicas {
		switch now := r.revision; {
		case now.Since.IsZero():
			continue
		case now.Revision == "": // it answers no question
		case revision == "":
			revision = now.Revision
		case revision != now.Revision:
			c.agreeOn("")
			return
		}
		told = true
	}
	if told {
		c.agreeOn(revision)
	}
}

func (c *Client) agreeOn(revision string) {
	if c.agreed == revision {
		return
	}
	c.agreed = revision
	if c.follow != nil {
		c.follow(revision)
	}
}
