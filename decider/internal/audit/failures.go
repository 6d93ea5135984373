package audit

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
)

// Failures hears of records that OPA's plugin gave up because a mask or drop rule failed. The plugin tells its log and
// nobody else.
type Failures struct{ count atomic.Uint64 }

// Handler passes on what OPA logs, and listens.
func (f *Failures) Handler(next slog.Handler) slog.Handler { return listening{next, f} }

type listening struct {
	slog.Handler
	failures *Failures
}

// Enabled implements slog.Handler.
func (l listening) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError || l.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (l listening) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "Log drop decision failed") || strings.HasPrefix(r.Message, "Log event masking failed") {
		l.failures.count.Add(1)
	}
	if !l.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l listening) WithAttrs(attrs []slog.Attr) slog.Handler {
	return listening{l.Handler.WithAttrs(attrs), l.failures}
}

// WithGroup implements slog.Handler.
func (l listening) WithGroup(name string) slog.Handler {
	return listening{l.Handler.WithGroup(name), l.failures}
}
