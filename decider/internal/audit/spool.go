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
	lines batch
	spare batch // what was written, to be used again
}

// batch is lines, one behind the other.
type batch struct {
	text []byte
	ends []int // where each line ends
}

// NewSpool gives a spool for a writer that takes whole lines with each Write, several of them up to a size. name is for the log, which
// hears of a writer that is away.
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
	return len(line), s.add(func(to []byte) ([]byte, error) { return append(to, line...), nil })
}

// add has one line appended to those that are kept. It never waits.
func (s *Spool) add(line func(to []byte) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := line(s.lines.text)
	if err != nil {
		return err
	}
	s.lines.text = text
	s.lines.ends = append(s.lines.ends, len(text))
	return nil
}

const (
	// retry is how long a spool waits before it tries a failed write again.
	retry = time.Second
	// together is how much is written at once, unless a single line is longer.
	together = 64 << 10
	// keep is the most that is kept to be used again.
	keep = 1 << 20
)

// Flush writes what was collected. It tries until all is written or ctx ends; what is left then is lost, and its count
// returned.
func (s *Spool) Flush(ctx context.Context) (lost int) {
	s.mu.Lock()
	b := s.lines
	s.lines, s.spare = s.spare, batch{}
	s.mu.Unlock()
	begin := 0
	for i := 0; i < len(b.ends); {
		n := 1
		for i+n < len(b.ends) && b.ends[i+n]-begin <= together {
			n++
		}
		end := b.ends[i+n-1]
		if written := s.write(ctx, b.text[begin:end]); begin+written < end {
			for ; i < len(b.ends) && b.ends[i] <= begin+written; i++ {
			}
			return len(b.ends) - i
		}
		begin, i = end, i+n
	}
	if cap(b.text) <= keep {
		s.mu.Lock()
		s.spare = batch{b.text[:0], b.ends[:0]}
		s.mu.Unlock()
	}
	return 0
}

// write tries to write whole lines until they are written or ctx ends, and says how much was.
func (s *Spool) write(ctx context.Context, text []byte) (written int) {
	for try := 0; ; try++ {
		s.mu.Lock()
		out := s.out
		s.mu.Unlock()
		n, err := out.Write(text[written:])
		if err == nil {
			return len(text)
		}
		written += n
		if try == 0 {
			s.log.Error("decision log cannot be written", slog.String("sink", s.name), slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return written
		case <-time.After(retry):
		}
	}
}
