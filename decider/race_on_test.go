//go:build race

package decider

// raceEnabled: the race detector makes measures meaningless.
const raceEnabled = true
