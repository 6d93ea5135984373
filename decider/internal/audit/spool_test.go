package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/decider/internal/audit"
)

// short is a writer that takes what room says, and fails behind that.
type short struct {
	taken bytes.Buffer
	most  int // the longest Write
	room  int
}

func (s *short) Write(p []byte) (int, error) {
	s.most = max(s.most, len(p))
	n := min(len(p), s.room)
	s.room -= n
	s.taken.Write(p[:n])
	if n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

// Lines are written whole, in order, many at once but not without bound; one that is long goes by itself.
func TestSpool(t *testing.T) {
	w := &short{room: 1 << 30}
	s := audit.NewSpool("file", w, slog.New(slog.DiscardHandler))
	var want strings.Builder
	rnd := rand.New(rand.NewPCG(1, 1))
	for batch := range 20 {
		longest := 64 << 10
		for i := range rnd.IntN(300) {
			line := fmt.Sprintf("%d %d %s\n", batch, i, strings.Repeat("x", rnd.IntN(2000)))
			if rnd.IntN(200) == 0 {
				line = strings.Repeat("long", 50_000) + "\n"
				longest = len(line)
			}
			want.WriteString(line)
			if n, err := s.Write([]byte(line)); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
		w.most = 0
		if lost := s.Flush(t.Context()); lost != 0 || w.taken.String() != want.String() || w.most > longest {
			t.Fatalf("batch %d: %d lost, %d octets of %d, the longest write %d", batch, lost, w.taken.Len(), want.Len(), w.most)
		}
	}
}

// A writer that fails in the middle has what it took, once; what is lost when there is no more time is counted by the line, the one that is cut
// too. What comes afterwards begins with itself.
func TestSpoolIsCut(t *testing.T) {
	const line, count = "0123456789\n", 10
	for room := range len(line)*count + 1 {
		w := &short{room: room}
		s := audit.NewSpool("file", w, slog.New(slog.DiscardHandler))
		for range count {
			if _, err := s.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		over, end := context.WithCancel(t.Context())
		end()
		if lost, want := s.Flush(over), count-room/len(line); lost != want {
			t.Errorf("room for %d octets: %d lines lost, want %d", room, lost, want)
		}
		if all := strings.Repeat(line, count); w.taken.String() != all[:room] {
			t.Errorf("room for %d octets: %q", room, w.taken.String())
		}
		w.room = 1 << 20
		if lost := s.Flush(t.Context()); lost != 0 || w.taken.Len() != room {
			t.Errorf("%d lost again, %d octets written again", lost, w.taken.Len()-room)
		}
	}
}
