package audit

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Spool collects lines for a writer that may be slow or away, and writes them when it is told to.
type Spool struct {
	name string
	log  *slog.Logger

	mu    sync.Mutex
	out   io.Writer
	lines [][]byte
}

// NewSpool gives a spool for a writer that takes one line with each Write. name is for the log, which hears of a writer
// that is away.
func NewSpool(name string, out io.Writer, log *slog.Logger) *Spool {
	return &Spool{name: name, out: out, log: log}
}

// use changes the writer.
func (s *Spool) use(out io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = out
}

// Write keeps a copy of one line. It never waits and never fails.
func (s *Spool) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, append([]byte(nil), line...))
	return len(line), nil
}

// retry is how long a spool waits before it tries a failed write again.
const retry = time.Second

// Flush writes what was collected. It tries until all is written or ctx ends; what is left then is lost, and its count
// returned.
func (s *Spool) Flush(ctx context.Context) (lost int) {
	s.mu.Lock()
	lines := s.lines
	s.lines = nil
	s.mu.Unlock()
	for i, line := range lines {
		if !s.write(ctx, line) {
			return len(lines) - i
		}
	}
	return 0
}

// write tries to write one line until it is written or ctx ends.
func (s *Spool) write(ctx context.Context, line []byte) bool {
	for try := 0; ; try++ {
		s.mu.Lock()
		out := s.out
		s.mu.Unlock()
		n, err := out.Write(line)
		if err == nil {
			return true
		}
		line = line[n:]
		if try == 0 {
			s.log.Error("decision log cannot be written", slog.String("sink", s.name), slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(retry):
		}
	}
}
