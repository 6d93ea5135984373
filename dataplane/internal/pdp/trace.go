package pdp

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/tracing"
)

// errNever ends the span of an attempt whose answer is no longer waited for.
var errNever = errors.New("pdp: no answer")

// attempt is the span of putting a question to a lane: from its place in the queue to the answer. Nil: it is not traced.
type attempt struct{ trace.Span }

// begun begins the span of the last lane. Client.mu is held.
func (f *flight) begun(l *lane) {
	tracer := l.replica.client.opt.Tracer
	if tracer == nil || !trace.SpanContextFromContext(f.ctx).IsValid() {
		return
	}
	method := "DecideStream"
	if l.worker != nil {
		method = "Decide"
	}
	_, span := tracer.Start(f.ctx, "ask", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("rpc.system.name", "grpc"),
		attribute.String("rpc.method", deciderv1.DeciderService_ServiceDesc.ServiceName+"/"+method),
		attribute.String("server.address", l.replica.address),
		attribute.Int64("gatepost.ask", int64(f.question.Ask)),
		attribute.Int("gatepost.attempt", len(f.lanes)-1),
		attribute.String("gatepost.kind", f.question.Kind.String()),
	))
	f.attempts = append(f.attempts, attempt{span})
}

// ended ends the span of a lane, if it is not yet. err says why there is no answer. Client.mu is held.
func (f *flight) ended(l *lane, err error) {
	for i := range f.attempts {
		a := &f.attempts[i]
		if f.lanes[i] != l || a.Span == nil {
			continue
		}
		if err != nil {
			a.SetStatus(codes.Error, cut(err.Error()))
		}
		a.End()
		a.Span = nil
	}
}

// carry has the question name the attempt's span. Client.mu is held.
func (f *flight) carry(n uint32, q *deciderv1.Question) {
	if len(f.attempts) <= int(n) {
		return
	}
	if s := f.attempts[n].Span; s != nil {
		q.Traceparent = tracing.Traceparent(s.SpanContext())
	}
}
