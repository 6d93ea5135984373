package main

import (
	"math"
	"os"
	"runtime/debug"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// What the environment says of memory comes first; else the limit is nine tenths of the control group's.
func TestUseMemory(t *testing.T) {
	gc, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer func() {
		debug.SetGCPercent(gc)
		debug.SetMemoryLimit(limit)
	}()
	for _, c := range []struct {
		gogc, gomemlimit string
		percent          int
		limit            int64
	}{
		{"", "", 400, 900 << 20},
		{"50", "1GiB", 100, math.MaxInt64}, // the runtime has read them at the start
	} {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
		t.Setenv("GOGC", c.gogc)
		t.Setenv("GOMEMLIMIT", c.gomemlimit)
		if c.gomemlimit == "" {
			os.Unsetenv("GOMEMLIMIT") // it is put back when the test ends
		}
		useMemory(memlimit.Limit(1000 << 20))
		if p, l := debug.SetGCPercent(100), debug.SetMemoryLimit(-1); p != c.percent || l != c.limit {
			t.Errorf("GOGC=%q GOMEMLIMIT=%q: %d %%, %d", c.gogc, c.gomemlimit, p, l)
		}
	}
}
