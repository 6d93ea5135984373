package main

import (
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// useMemory sets what the environment leaves open (GOGC, GOMEMLIMIT). A decision leaves garbage and the heap is small: a quarter more
// decisions for some 20 MB. The limit, a part of what the control group has, lets garbage be collected sooner before that ends the process.
func useMemory(limit memlimit.Provider) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	_, _ = memlimit.Set(memlimit.WithProvider(limit), memlimit.WithRatio(.9)) // an error: there is no limit
}
