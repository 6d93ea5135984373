package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// ReportReuse implements deciderv1.DeciderServiceServer. Nothing of a report that breaks the contract is recorded.
func (s service) ReportReuse(ctx context.Context, req *deciderv1.ReportReuseRequest) (*deciderv1.ReportReuseResponse, error) {
	reused := req.GetReused()
	if err := s.checkReport(reused); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, s.server.cfg.QuestionTimeout)
	defer cancel()
	if i, err := s.decider.Report(ctx, reused); err != nil {
		var broken *input.Error
		if errors.As(err, &broken) {
			err = &input.Error{Field: fmt.Sprintf("reused[%d].question.%s", i, broken.Field), Want: broken.Want}
		}
		return nil, status.Error(Code(err), err.Error())
	}
	return new(deciderv1.ReportReuseResponse), nil
}

func (s service) checkReport(reused []*deciderv1.Reused) error {
	if len(reused) == 0 {
		return &input.Error{Field: "reused", Want: "must not be empty"}
	}
	if most := s.server.cfg.ReportReuses; len(reused) > most {
		return &input.Error{Field: "reused", Want: fmt.Sprintf("must not have more than %d, and has %d", most, len(reused))}
	}
	for i, r := range reused {
		if field, want := checkReused(r); field != "" {
			return &input.Error{Field: fmt.Sprintf("reused[%d].%s", i, field), Want: want}
		}
	}
	return nil
}

// checkReused gives the field that breaks the contract; empty: none does.
func checkReused(r *deciderv1.Reused) (field, want string) {
	id, err := uuid.Parse(r.GetId())
	d := r.GetDecision()
	switch {
	case err != nil || id.Version() != 7:
		return "id", "must be a UUID of version 7"
	case d == nil:
		return "decision", "must be set"
	case d.GetId() == "":
		return "decision.id", "must not be empty"
	case d.GetOutcome() != deciderv1.Outcome_OUTCOME_POLICY:
		return "decision.outcome", "must be OUTCOME_POLICY: a fault is not reused"
	case d.GetReuse() == nil:
		return "decision.reuse", "must be set"
	case r.GetQuestion() == nil:
		return "question", "must be set"
	case r.GetCount() == 0:
		return "count", "must not be 0"
	case r.GetCount() > 1 && d.GetReuse().GetAudit() != deciderv1.ReuseAudit_REUSE_AUDIT_AGGREGATE:
		return "count", "must be 1 without REUSE_AUDIT_AGGREGATE"
	case r.GetFirstUnixUs() <= 0:
		return "first_unix_us", "must be a time after 1970"
	case r.GetLastUnixUs() < r.GetFirstUnixUs():
		return "last_unix_us", "must not be before first_unix_us"
	case r.GetCount() == 1 && r.GetLastUnixUs() != r.GetFirstUnixUs():
		return "last_unix_us", "must be first_unix_us for one reuse"
	}
	return "", ""
}
