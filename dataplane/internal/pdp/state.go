package pdp

import (
	"cmp"
	"slices"
)

// Replica is a decider that is connected and serves.
type Replica struct {
	// Address is where.
	Address string
	// Streams carry questions to it. 0: calls do, or it is not usable yet.
	Streams int
	// InFlight is how many questions it has not answered. Those that were given up count for a while.
	InFlight int
	// Silent: it does not answer, and is passed over.
	Silent bool
}

// Replicas are the deciders connected, by address.
func (c *Client) Replicas() []Replica {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rs []Replica
	for _, r := range c.replicas {
		out := Replica{Address: r.address, Silent: r.silent}
		for _, l := range c.lanesOf(r) {
			out.InFlight += len(l.open)
			if l.worker == nil {
				out.Streams++
			}
		}
		rs = append(rs, out)
	}
	slices.SortFunc(rs, func(a, b Replica) int { return cmp.Compare(a.Address, b.Address) })
	return rs
}

// Counts are sums since Dial.
type Counts struct {
	// Asked is the questions put, each once.
	Asked uint64
	// Broken, Refused and Silent are the questions put once more: the transport failed, the decider had no policy or was shutting
	// down, it was silent for Options.Silence.
	Broken, Refused, Silent uint64
	// Late is the answers to questions that were settled.
	Late uint64
}

// Counts are the sums so far.
func (c *Client) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts
	n.Asked = c.asked
	return n
}
