package server

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Decide answers a question and has the answer recorded.
type Decide func(context.Context, *deciderv1.Question) (*deciderv1.Decision, error)

// service is the service of the contract.
type service struct {
	deciderv1.UnimplementedDeciderServiceServer
	decide Decide
}

// Decide implements deciderv1.DeciderServiceServer.
func (s service) Decide(ctx context.Context, req *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	if req.GetQuestion() == nil {
		return nil, status.Error(codes.InvalidArgument, "question: must be set")
	}
	d, err := s.decide(ctx, req.GetQuestion())
	if err != nil {
		return nil, status.Error(code(err), err.Error())
	}
	return &deciderv1.DecideResponse{Decision: d}, nil
}

// code is the gRPC status code for a question without an answer, as decider.proto has them.
func code(err error) codes.Code {
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
