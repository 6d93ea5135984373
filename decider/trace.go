package decider

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/server"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/tracing"
)

// asked begins the span of a question: from its arrival to its answer, a child of the span that asks. Nil: it is not traced. Nothing in
// it is a peer's but what the decision log has too.
func (d *Decider) asked(ctx context.Context, q *deciderv1.Question) (context.Context, trace.Span) {
	if d.tracer == nil {
		return ctx, nil
	}
	if parent := tracing.Parse(q.GetTraceparent()); parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	ctx, span := d.tracer.Start(ctx, "decide", trace.WithSpanKind(trace.SpanKindServer))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("gatepost.kind", string(input.KindOf(q))),
			attribute.String("gatepost.command", deciderv1.CommandLabel(command(q))),
			attribute.String("gatepost.session.id", q.GetSession().GetId()),
			attribute.String("gatepost.dataplane", q.GetSession().GetDataplane()),
			attribute.String("gatepost.listener", q.GetSession().GetListener()),
			attribute.Int64("gatepost.ask", int64(q.GetAsk())),
			attribute.Int64("gatepost.attempt", int64(q.GetAttempt())),
			attribute.Bool("gatepost.observe", q.GetObserve()),
		)
	}
	return ctx, span
}

// evaluated adds the span of the evaluation that has ended, and notes what came of it. It also says which span the record names.
func (d *Decider) evaluated(ctx context.Context, span trace.Span, a *engine.Answer) {
	if span == nil {
		a.TraceID, a.SpanID = server.Trace(ctx, a.Question)
		return
	}
	a.TraceID, a.SpanID = span.SpanContext().TraceID().String(), span.SpanContext().SpanID().String()
	if !span.IsRecording() {
		return
	}
	_, evaluation := d.tracer.Start(ctx, "evaluate", trace.WithTimestamp(a.Time))
	attributes := append(decisionAttributes(a.Decision), attribute.String("gatepost.decision.id", a.Decision.GetId()))
	for _, s := range []trace.Span{span, evaluation} {
		s.SetAttributes(attributes...)
		policyError(s, a.Decision)
	}
	evaluation.End(trace.WithTimestamp(a.Time.Add(a.Took)))
}

// decisionAttributes are what spans tell of a decision.
func decisionAttributes(d *deciderv1.Decision) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("gatepost.revision", d.GetRevision()),
		attribute.String("gatepost.outcome", verdict.OutcomeName(d.GetOutcome())),
		attribute.String("gatepost.verdict", verdict.Name(d)),
		attribute.String("gatepost.row", d.GetRow()),
		attribute.String("gatepost.rule", d.GetRule()),
	}
	if f := d.GetError(); f != nil {
		attributes = append(attributes, attribute.String("error.type", verdict.KindName(f.GetKind())), attribute.String("code.file.path", f.GetFile()),
			attribute.Int64("code.line.number", int64(f.GetLine())))
	}
	return attributes
}

// policyError is a span's status where policy failed.
func policyError(s trace.Span, d *deciderv1.Decision) {
	if f := d.GetError(); f != nil {
		s.SetStatus(otelcodes.Error, "policy error: "+verdict.KindName(f.GetKind())+": "+f.GetMessage())
	}
}

// shadowSpan begins the span of what the candidate decides, which nobody waits for: it may end behind the question's. Nil: it is not traced.
func (d *Decider) shadowSpan(ctx context.Context) trace.Span {
	if d.tracer == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return nil
	}
	_, span := d.tracer.Start(ctx, "shadow")
	return span
}

// shadowed ends it.
func shadowed(span trace.Span, s engine.Shadow) {
	switch {
	case span == nil:
		return
	case s.Decision == nil:
		span.SetStatus(otelcodes.Error, "no decision: "+s.Err.Error())
	default:
		span.SetAttributes(append(decisionAttributes(s.Decision), attribute.Bool("gatepost.differs", s.Differs))...)
		policyError(span, s.Decision)
	}
	span.End()
}

// answerSpan ends a question's span.
func answerSpan(span trace.Span, err error) {
	if span == nil {
		return
	}
	if err != nil {
		span.SetStatus(otelcodes.Error, err.Error())
		span.SetAttributes(attribute.String("error.type", server.Code(err).String()))
	}
	span.End()
}
