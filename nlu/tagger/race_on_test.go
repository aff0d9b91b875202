//go:build race

package tagger

// raceEnabled is true where a sync.Pool drops things at random.
const raceEnabled = true
