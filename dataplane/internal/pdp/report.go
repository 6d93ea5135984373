package pdp

import (
	"context"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Convert is the contract's form of a question, as it would be asked.
func Convert(c *Connection, q session.Question) *deciderv1.Question { return question(c, q) }

// Report has reuses recorded by a replica: the first that takes them, those in good health before the others. An error says why none
// did, and Refused of it whether another time would do better. When ctx is done it gives up.
func (c *Client) Report(ctx context.Context, reused []*deciderv1.Reused) error {
	err := error(ErrUnavailable)
	for _, address := range c.reporters() {
		_, err = c.decider.ReportReuse(pin(ctx, address), &deciderv1.ReportReuseRequest{Reused: reused})
		if err == nil || Refused(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// Refused tells that a report was refused for what it holds.
func Refused(err error) bool { return status.Code(err) == codes.InvalidArgument }

// reporters are the addresses of the replicas, the fittest first, and each in its turn.
func (c *Client) reporters() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var well, others []string
	for address, r := range c.replicas {
		if r.silent || r.failing || r.revision.Revision == "" {
			others = append(others, address)
		} else {
			well = append(well, address)
		}
	}
	slices.Sort(well)
	if n := len(well); n > 0 {
		c.reports++
		turn := c.reports % n
		well = append(well[turn:], well[:turn]...)
	}
	return append(well, others...)
}
