//go:build !race

package rego_test

// raceEnabled: the race detector is on.
const raceEnabled = false
