package pep

import (
	"runtime"
	"testing"
	"time"
)

// mayStay is how much more heap there may be behind a test than before: what pools and the runtime keep.
const mayStay = 4 << 20

// baseline notes goroutines and heap, and returns the check that they are back. Defer it round subtests: what these clean up must be gone.
func baseline(t *testing.T) func() {
	t.Helper()
	goroutines, heap := runtime.NumGoroutine(), inUse()
	return func() {
		t.Helper()
		settled(t, goroutines)
		var now uint64
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if now = inUse(); now < heap+mayStay {
				return
			}
		}
		t.Errorf("%d KiB are in use, %d KiB before", now>>10, heap>>10)
	}
}

// inUse is the octets of live objects.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // and what only pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
