package pep

import (
	"context"
	"log/slog"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// level is how much an event matters to an operator.
func (e *Event) level() slog.Level {
	switch e.Name {
	case session.PolicyFault.String(), session.ServerViolation.String(), AcceptFailed, Loop, TLSRefused, ConfigRefused, NotReplaced:
		return slog.LevelError
	case session.DeciderFailed.String(), session.ClientViolation.String(), TooMany, ProxyFailed, UpstreamFailed:
		return slog.LevelWarn
	case session.StateChanged.String():
		return slog.LevelDebug
	case session.Decided.String():
		if e.Verdict == session.ReqAccept.String() || e.Verdict == session.RspAccept.String() {
			return slog.LevelDebug
		}
	}
	return slog.LevelInfo
}

// Log writes the event under its name, with the fields that are not empty.
func (e *Event) Log(l *slog.Logger) {
	level := e.level()
	ctx := context.Background()
	if !l.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 20)
	for _, a := range [...]struct{ key, value string }{
		{"session", e.Session}, {"listener", e.Listener}, {"client", e.Client}, {"proxy", e.Proxy}, {"user", e.User},
		{"kind", e.Kind}, {"command", e.Command}, {"tag", e.Tag}, {"response", e.Response},
		{"verdict", e.Verdict}, {"decision", e.Decision}, {"repeats", e.Repeats}, {"revision", e.Revision}, {"row", e.Row}, {"rule", e.Rule},
		{"fault", e.Fault}, {"file", e.File}, {"old", e.Old}, {"new", e.New}, {"reason", e.Reason},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	if e.Observed {
		attrs = append(attrs, slog.Bool("observed", true))
	}
	if e.Line > 0 {
		attrs = append(attrs, slog.Uint64("line", uint64(e.Line)))
	}
	if e.Name == session.Ended.String() {
		attrs = append(attrs, slog.Duration("took", e.Took), slog.Uint64("from_client", e.FromClient), slog.Uint64("from_server", e.FromServer))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	l.LogAttrs(ctx, level, e.Name, attrs...)
}
