package decider

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestAlive: a decider is alive while its workers evaluate; what it asks itself is not recorded.
func TestAlive(t *testing.T) {
	var records strings.Builder
	cfg := DefaultConfig()
	cfg.Evaluation.Workers, cfg.Evaluation.Queue = 1, 1
	cfg.DecisionLog.Console = true
	d, err := New(context.Background(), cfg, Options{Log: slog.New(slog.DiscardHandler), Console: &records})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Loaded(context.Background()); err != nil {
		t.Error(err)
	}
	if err := d.Alive(context.Background()); err != nil {
		t.Error(err)
	}
	d.close()
	if records.Len() != 0 {
		t.Errorf("recorded: %s", records.String())
	}
	// Its workers have ended: the queue takes one question, which nobody answers.
	for _, want := range []string{"not evaluated", "not taken"} {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		if err := d.Alive(ctx); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without workers: %v, want %q", err, want)
		}
		cancel()
	}
}
