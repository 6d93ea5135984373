package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// gcPercent is GOGC where the environment does not set it. Most of what sessions hold they hold for long, and what a command takes is
// gone soon, so that more garbage costs memory and saves little: deploy/bench/README.md has the figures.
const gcPercent = 50

// tune sets what the environment leaves to the program.
func tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMAXPROCS") == "" {
		// Each processor has a loop, which waits for sockets without giving up its place in the scheduler at once. Whoever else has
		// something to do, such as the streams to the decider, needs not wait for that.
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	}
}
