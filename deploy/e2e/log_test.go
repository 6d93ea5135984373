package e2e

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
)

// logBuffer holds a log in JSON lines.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// newLog is a log of all that there is to say.
func newLog() (*slog.Logger, *logBuffer) {
	b := new(logBuffer)
	return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug})), b
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}

// records are a log's lines that hold all these fields, in order.
func records(t testing.TB, log []byte, fields map[string]any) (found []map[string]any) {
	t.Helper()
next:
	for line := range bytes.Lines(log) {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for k, v := range fields {
			if r[k] != v {
				continue next
			}
		}
		found = append(found, r)
	}
	return found
}
