//go:build !race

package reuse

// raceEnabled: the race detector is on.
const raceEnabled = false
