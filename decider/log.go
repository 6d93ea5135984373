package decider

import (
	"context"
	"log/slog"
	"time"

	"github.com/gatepost/gatepost/decider/internal/input"
	"github.com/gatepost/gatepost/decider/internal/verdict"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// log puts a decision into the decider's own log: at debug, for the decision log has it; but a fault of policy at error,
// as an event of its own.
func (d *Decider) log(ctx context.Context, q *deciderv1.Question, dec *deciderv1.Decision, took time.Duration) {
	level, event := slog.LevelDebug, "decision"
	f := dec.GetError()
	if f != nil {
		level, event = slog.LevelError, "policy error"
	}
	if !d.opts.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("decision_id", dec.GetId()),
		slog.String("revision", dec.GetRevision()),
		slog.String("session", q.GetSession().GetId()),
		slog.String("dataplane", q.GetSession().GetDataplane()),
		slog.String("listener", q.GetSession().GetListener()),
		slog.String("kind", string(input.KindOf(q))),
		slog.Duration("took", took),
		slog.String("row", dec.GetRow()),
		slog.String("rule", dec.GetRule()),
	}
	if c := command(q); c != "" {
		attrs = append(attrs, slog.String("command", c))
	}
	if v := verdict.Name(dec); v != "" {
		attrs = append(attrs, slog.String("verdict", v))
	}
	if dec.GetReason() != "" {
		attrs = append(attrs, slog.String("reason", dec.GetReason()))
	}
	if f != nil {
		attrs = append(attrs, slog.String("error", f.GetMessage()), slog.String("error_kind", f.GetKind().String()),
			slog.String("file", f.GetFile()), slog.Uint64("line", uint64(f.GetLine())), slog.String("error_row", f.GetRow()))
	}
	d.opts.Log.LogAttrs(ctx, level, event, attrs...)
}

// command is the name of the command that the event is or belongs to; empty: none.
func command(q *deciderv1.Question) string {
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Command:
		return e.Command.GetName()
	case *deciderv1.Question_Untagged:
		return e.Untagged.GetResponse().GetCommand().GetName()
	case *deciderv1.Question_Tagged:
		return e.Tagged.GetResponse().GetCommand().GetName()
	}
	return ""
}
