package pdp

import (
	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Question is what a decider is asked.
func Question(c *Connection, q session.Question) *deciderv1.Question { return question(c, q) }
