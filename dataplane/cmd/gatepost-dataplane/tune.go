package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What the garbage collector is told, unless the environment says otherwise by GOGC or GOMEMLIMIT; deploy/bench/README.md has the
// figures. Sessions hold little and for long, and a command takes a few KiB for a moment: so it is how much garbage there may be in
// all that counts, and not how it compares to what is held.
const (
	// gcPercent is GOGC: what is held by thousands of sessions is not doubled by garbage.
	gcPercent = 50
	// ballast counts as held and takes no memory, for it is never touched: half of it is what may be garbage at least, so that the
	// collector does not run for every thousand commands where there are few sessions.
	ballast = 48 << 20
)

// What runs quietly gives memory back to the system.
const (
	// look is how often that is looked at.
	look = 2 * time.Second
	// quiet is what may be allocated between two looks, in octets, and garbage what must have been since memory was given back.
	quiet, garbage = 256 << 10, 512 << 10
)

// tune sets what the environment leaves to the program. What it returns must be kept.
func tune() any {
	if os.Getenv("GOMAXPROCS") == "" {
		// Each processor has a loop, which waits for sockets without giving up its place in the scheduler at once. Whoever else has
		// something to do, such as the streams to the decider, needs not wait for that.
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	}
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(gcPercent)
	go giveBack()
	return make([]byte, ballast)
}

// giveBack collects garbage once there is no more for a while: the collector itself would run when there is enough of it, which may
// be tomorrow.
func giveBack() {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	var last, given uint64
	for range time.Tick(look) {
		metrics.Read(sample)
		now := sample[0].Value.Uint64()
		if now-last < quiet && now-given > garbage {
			debug.FreeOSMemory()
			given = now
		}
		last = now
	}
}
