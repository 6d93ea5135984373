package server

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Decider answers questions and has the answers recorded.
type Decider interface {
	// Decide answers a question.
	Decide(context.Context, *deciderv1.Question) (*deciderv1.Decision, error)
	// Ask is Decide for one who does not wait: done is called once, on any goroutine. done is quick.
	Ask(ctx context.Context, q *deciderv1.Question, done func(*deciderv1.Decision, error))
	// Report has reuses of decisions recorded; on an error at is the first that is not.
	Report(context.Context, []*deciderv1.Reused) (at int, err error)
	// Info says who answers, and by what policy.
	Info() Info
}

// Info describes a decider.
type Info struct {
	// ID is the decider's id in its decision logs.
	ID string
	// Revision is the policy in force; empty: none is loaded.
	Revision string
	// Since is when it came into force.
	Since time.Time
	// Changed is closed when another revision comes into force.
	Changed <-chan struct{}
}

// service is the service of the contract.
type service struct {
	deciderv1.UnimplementedDeciderServiceServer
	server  *Server
	decider Decider
}

var errNoQuestion = &input.Error{Field: "question", Want: "must be set"}

// Decide implements deciderv1.DeciderServiceServer.
func (s service) Decide(ctx context.Context, req *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	if req.GetQuestion() == nil {
		return nil, status.Error(codes.InvalidArgument, errNoQuestion.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, s.server.cfg.QuestionTimeout)
	defer cancel()
	d, err := s.decider.Decide(ctx, req.GetQuestion())
	if err != nil {
		return nil, status.Error(Code(err), err.Error())
	}
	return &deciderv1.DecideResponse{Decision: d}, nil
}

// Code is the gRPC status code for a question without an answer, as decider.proto has them.
func Code(err error) codes.Code {
	var broken *input.Error
	switch {
	case errors.As(err, &broken):
		return codes.InvalidArgument
	case errors.Is(err, engine.ErrOverload), errors.Is(err, audit.ErrFull):
		return codes.ResourceExhausted
	case errors.Is(err, engine.ErrNotReady):
		return codes.Unavailable
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	}
	return codes.Internal
}
