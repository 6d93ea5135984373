package pdp

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Why there is no answer. The text behind the sentinel is the transport's.
var (
	// ErrUnavailable: the decider cannot be reached, has no policy yet, or does not know the dataplane.
	ErrUnavailable = errors.New("pdp: decider unavailable")
	// ErrDeadline: the answer did not come in time.
	ErrDeadline = errors.New("pdp: decider too late")
	// ErrOverloaded: the decider, or the dataplane's bound on questions in flight, refused one more.
	ErrOverloaded = errors.New("pdp: decider overloaded")
)

// failure is what a failed call means. Statuses that a peer could provoke with the data it sends (a question the decider
// takes for broken, one that cannot be encoded, a crash) are faults and never left to the failure mode: where that is "accept",
// it would be a way round the policy. Of no failure it is neither.
func failure(err error) (*session.Decision, error) {
	if err == nil {
		return nil, nil
	}
	s := status.Convert(err)
	var sentinel error
	switch s.Code() {
	case codes.DeadlineExceeded:
		sentinel = ErrDeadline
	case codes.ResourceExhausted:
		sentinel = ErrOverloaded
	case codes.Unavailable, codes.Canceled, codes.Unimplemented, codes.Unauthenticated, codes.PermissionDenied:
		sentinel = ErrUnavailable
	default:
		return fault("contract", cut(s.Code().String()+": "+s.Message())), nil
	}
	return nil, fmt.Errorf("%w: %s", sentinel, cut(s.Message()))
}
