//go:build !race

package dataplane_test

// raceEnabled: the race detector is on.
const raceEnabled = false
