package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// evaluationFault is a failed evaluation as a fault of the policy.
func evaluationFault(err error) *verdict.Fault {
	f := internalFault(err.Error())
	var e *topdown.Error
	if !errors.As(err, &e) {
		return f
	}
	f.Message = e.Message
	if e.Location != nil {
		f.File, f.Line = e.Location.File, e.Location.Row
	}
	switch e.Code {
	case topdown.ConflictErr:
		f.Kind = deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_CONFLICT
	case topdown.BuiltinErr, topdown.TypeErr:
		f.Kind = deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_BUILTIN
	}
	return f
}

// deadlineFault is an evaluation that was cut off.
func deadlineFault(err error, deadline time.Duration) *verdict.Fault {
	f := evaluationFault(err)
	f.Kind = deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_DEADLINE
	f.Message = fmt.Sprintf("the evaluation took longer than %v", deadline)
	return f
}

func undefinedFault() *verdict.Fault {
	return &verdict.Fault{
		Kind:    deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_UNDEFINED,
		Message: policy.Entrypoint + " is undefined",
	}
}

func internalFault(message string) *verdict.Fault {
	return &verdict.Fault{Kind: deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_INTERNAL, Message: message}
}
