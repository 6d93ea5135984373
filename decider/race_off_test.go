//go:build !race

package decider

// raceEnabled: the race detector is on.
const raceEnabled = false
