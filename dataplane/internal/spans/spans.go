// Package spans makes the OpenTelemetry spans of sessions. A command is a trace of its own, from the first question about it to its
// tagged answer, and not a part of its session's, which may last for days: it has a link to that. Below it are the questions, which
// package pdp and the decider trace, and what the server did. Questions about no command are below the session's span.
//
// No argument of a command is in a span, and no text of a peer but the tag and the user's name.
package spans

import (
	"context"
	"net"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/tracing"
)

// Session are the spans of one session. A nil Session makes none. It is not safe for concurrent use.
type Session struct {
	tracer trace.Tracer
	ctx    context.Context // with the session's span
	span   trace.Span
	shared []attribute.KeyValue
	// open are the commands without their answer, by Question.First.
	open map[uint64]*command
}

type command struct {
	ctx      context.Context // with its span
	span     trace.Span
	upstream trace.Span // what the server does; nil: nothing yet
	name     string
	failed   bool // it is known why
}

// Begin begins the span of a session. A nil tracer gives a nil Session.
func Begin(ctx context.Context, tracer trace.Tracer, c *pdp.Connection) *Session {
	if tracer == nil {
		return nil
	}
	s := &Session{tracer: tracer, open: map[uint64]*command{}, shared: []attribute.KeyValue{
		attribute.String("network.protocol.name", "imap"),
		attribute.String("gatepost.session.id", c.ID),
		attribute.String("gatepost.listener", c.Listener),
		attribute.Bool("tls.established", c.TLS != nil),
	}}
	if host, _, err := net.SplitHostPort(c.Client.String()); err == nil {
		s.shared = append(s.shared, attribute.String("client.address", host))
	}
	s.ctx, s.span = tracer.Start(ctx, "session", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithTimestamp(c.Connected), trace.WithAttributes(s.shared...))
	return s
}

// Ask begins the span of a command at its first question, and gives the context to ask q with. ctx is the session's.
func (s *Session) Ask(ctx context.Context, q *session.Question) context.Context {
	if s == nil {
		return ctx
	}
	span := s.span
	if q.First != 0 {
		span = s.command(q).span
	}
	q.Traceparent = tracing.Traceparent(span.SpanContext())
	return trace.ContextWithSpan(ctx, span)
}

// command is the one that q is about.
func (s *Session) command(q *session.Question) *command {
	if c := s.open[q.First]; c != nil {
		return c
	}
	c := &command{name: deciderv1.CommandLabel(q.Command.Name)}
	attributes := append([]attribute.KeyValue{
		attribute.String("gatepost.tag", string(q.Command.Tag)), attribute.Bool("gatepost.observe", q.Observe)}, s.shared...)
	if user := q.Session.Identity.User; user != "" {
		attributes = append(attributes, attribute.String("user.name", user))
	}
	c.ctx, c.span = s.tracer.Start(s.ctx, c.name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithLinks(trace.Link{SpanContext: s.span.SpanContext()}), trace.WithAttributes(attributes...))
	s.open[q.First] = c
	return c
}

// Answer notes what came of a question, by its First and Kind.
func (s *Session) Answer(first uint64, kind session.Kind, d *session.Decision, err error) {
	if s == nil {
		return
	}
	span := s.span
	if c := s.open[first]; c != nil {
		span, c.failed = c.span, c.failed || err != nil || d != nil && d.Fault != nil
	}
	if !span.IsRecording() {
		return
	}
	switch {
	case err != nil:
		span.SetStatus(codes.Error, "no answer: "+err.Error())
	case d == nil:
	case d.Fault != nil:
		span.SetStatus(codes.Error, "policy error: "+d.Fault.Kind+": "+d.Fault.Message)
	}
	if d == nil || kind != session.Command {
		return
	}
	span.SetAttributes(
		attribute.String("gatepost.decision.id", d.ID),
		attribute.String("gatepost.revision", d.Revision),
		attribute.String("gatepost.row", d.Row),
		attribute.Bool("gatepost.reused", d.Repeats != ""),
	)
	if d.Fault == nil {
		span.SetAttributes(attribute.String("gatepost.verdict", d.Request.String()))
	}
}

// Tell hears what the session tells, and reports whether it is for nobody else.
func (s *Session) Tell(e session.Event) bool {
	if s == nil {
		return false
	}
	c := s.open[e.First]
	switch e.Type {
	case session.Forwarded:
		if c != nil && c.upstream == nil {
			_, c.upstream = s.tracer.Start(c.ctx, "upstream "+c.name, trace.WithSpanKind(trace.SpanKindClient))
		}
	case session.Finished:
		if c != nil {
			s.finish(e.First, c, e.Response)
		}
	case session.ClientViolation, session.ServerViolation:
		s.span.AddEvent(e.Type.String(), trace.WithAttributes(attribute.String("gatepost.reason", e.Reason)))
		return false
	default:
		return false
	}
	return true
}

// finish ends the spans of a command. status is the server's; empty: it gave none.
func (s *Session) finish(first uint64, c *command, status string) {
	if status != "" {
		c.span.SetAttributes(attribute.String("gatepost.status", status))
	}
	if c.upstream != nil {
		c.upstream.SetAttributes(attribute.String("gatepost.status", status))
		c.upstream.End()
	}
	c.span.End()
	delete(s.open, first)
}

// End ends what is open.
func (s *Session) End(reason string, err error) {
	if s == nil {
		return
	}
	for first, c := range s.open {
		for _, span := range []trace.Span{c.span, c.upstream} {
			if span != nil && !c.failed {
				span.SetStatus(codes.Error, "the session has ended: "+reason)
			}
		}
		s.finish(first, c, "")
	}
	s.span.SetAttributes(attribute.String("gatepost.reason", reason))
	if err != nil {
		s.span.SetStatus(codes.Error, err.Error())
	}
	s.span.End()
}
