package server

import (
	"context"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/stats"
)

// A connection's life in parts of Config.ConnectionAge. gRPC turns new streams away from it at turnAway, give or take a tenth:
// so from 0.72 to 0.88. Only then, between drainFrom and drainTo, are streams told to end, for a stream that is opened in
// their place must not land on the same connection. What is there after grace is cut.
const (
	turnAway  = 0.8
	drainFrom = 0.9
	drainTo   = 1.0
	grace     = 0.4
)

func part(d time.Duration, of float64) time.Duration { return time.Duration(float64(d) * of) }

// ends are the reasons to end a stream.
type ends struct {
	// age fires when the connection is old.
	age *time.Timer
	// soon and now are the server's. soon is nil if it was over before the stream began.
	soon, now <-chan struct{}
}

func (s *Server) ends(ctx context.Context) ends {
	begun, ok := ctx.Value(birth{}).(time.Time)
	if !ok {
		begun = time.Now()
	}
	age := part(s.cfg.ConnectionAge, drainFrom+rand.Float64()*(drainTo-drainFrom))
	e := ends{age: time.NewTimer(time.Until(begun.Add(age))), soon: s.soon, now: s.now}
	select {
	case <-s.soon:
		e.soon = nil
	default:
	}
	return e
}

// birth is the key of a connection's beginning, a time.Time.
type birth struct{}

// births notes when connections begin.
type births struct{}

// TagConn implements stats.Handler.
func (births) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, birth{}, time.Now())
}

// TagRPC implements stats.Handler.
func (births) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC implements stats.Handler.
func (births) HandleRPC(context.Context, stats.RPCStats) {}

// HandleConn implements stats.Handler.
func (births) HandleConn(context.Context, stats.ConnStats) {}
