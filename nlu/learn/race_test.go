//go:build race

package learn_test

// raceEnabled is true where the race detector makes sync.Pool forget on purpose.
const raceEnabled = true
