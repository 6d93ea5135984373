//go:build !race

package reuse_test

// raceEnabled: the race detector is on.
const raceEnabled = false
