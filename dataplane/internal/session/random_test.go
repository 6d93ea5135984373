package session_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/corpus"
)

const corpusFile = "testdata/FuzzSession.corpus"

var (
	sessions     = flag.Int("sessions", 5000, "how many scripts TestRandomSessions plays")
	sessionsSeed = flag.Uint64("seed", 0, "of TestRandomSessions; 0: the time")
)

// TestRandomSessions does what FuzzSession does, without the fuzzing engine and so faster: it plays scripts
// that are made from the seeds and the corpus by mutation, as many as -sessions says. All its processors take part: each has its own
// source of random numbers, so that a seed repeats a run with as many of them.
//
//	go test ./dataplane/internal/session -run '^TestRandomSessions$' -sessions 10000000 -timeout 0 -v
func TestRandomSessions(t *testing.T) {
	scripts := slices.Clone(seeds)
	for _, input := range corpus.Read(t, corpusFile) {
		scripts = append(scripts, input[0].([]byte))
	}
	seed := *sessionsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	workers := runtime.GOMAXPROCS(0)
	t.Logf("%d scripts from %d, -seed %d with %d processors", *sessions, len(scripts), seed, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(w)))
			for range *sessions / workers {
				script := mutate(random, scripts)
				(&witness{TB: t, script: script}).fuzz()
			}
		})
	}
	all.Wait()
}

// witness writes a script that fails where FuzzSession finds it.
type witness struct {
	testing.TB
	script []byte
}

func (w *witness) fuzz() {
	defer func() {
		if p := recover(); p != nil {
			w.Fatalf("%v\n%s", p, debug.Stack())
		}
	}()
	fuzz(w, w.script)
}

func (w *witness) Fatalf(format string, args ...any) {
	dir := filepath.Join("testdata", "fuzz", "FuzzSession")
	file := filepath.Join(dir, "random-"+strconv.FormatInt(time.Now().UnixNano(), 36))
	text := "go test fuzz v1\n[]byte(" + strconv.Quote(string(w.script)) + ")\n"
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		w.Log(err)
	}
	w.Errorf(file+": "+format, args...)
	runtime.Goexit()
}

// mutate makes a script of one or two others: pairs are put in, taken out, changed, doubled, or taken from the other.
func mutate(random *rand.Rand, scripts [][]byte) []byte {
	pick := func() []byte { return scripts[random.IntN(len(scripts))] }
	script := append(make([]byte, 0, maxScript), pick()...)
	pair := func() []byte { return []byte{byte(random.IntN(ops)), byte(random.IntN(256))} }
	for range 1 + random.IntN(12) {
		at := random.IntN(len(script)/2+1) * 2 // where a pair begins
		var piece []byte
		cut := 0
		switch random.IntN(8) {
		case 0, 1, 2:
			piece = pair()
		case 3:
			piece, cut = pair(), 2
		case 4:
			cut = 2 * (1 + random.IntN(3))
		case 5:
			piece = script[at:min(len(script), at+2*(1+random.IntN(6)))]
		case 6:
			other := pick()
			from := random.IntN(len(other)/2+1) * 2
			piece = other[from:min(len(other), from+2*(1+random.IntN(20)))]
		case 7:
			if len(script) > 0 {
				script[0] = script[0]%ops + byte(random.IntN(256/ops)*ops)
			}
			continue
		}
		rest := append(append([]byte(nil), piece...), script[min(len(script), at+cut):]...)
		script = append(script[:at], rest...)
	}
	return script[:min(len(script), maxScript)]
}
