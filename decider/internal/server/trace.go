package server

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/metadata"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/tracing"
)

// Trace is the trace and span of whoever asks, as hex: of the question, or else of the call's metadata, which all questions of a stream
// share. Empty: none.
func Trace(ctx context.Context, q *deciderv1.Question) (traceID, spanID string) {
	if p := q.GetTraceparent(); p != "" {
		return ids(tracing.Parse(p))
	}
	if values := metadata.ValueFromIncomingContext(ctx, "traceparent"); len(values) != 0 {
		return ids(tracing.Parse(values[0]))
	}
	return "", ""
}

// Traceparent is the trace and span that a question names, as hex. Empty: none.
func Traceparent(s string) (traceID, spanID string) { return ids(tracing.Parse(s)) }

func ids(s trace.SpanContext) (traceID, spanID string) {
	if !s.IsValid() {
		return "", ""
	}
	return s.TraceID().String(), s.SpanID().String()
}
