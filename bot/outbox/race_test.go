//go:build race

package outbox_test

// scaled is how many of n a test of endurance takes under the race detector,
// where SQLite, which is translated from C, takes about thirty times as long.
func scaled(n int) int { return max(n/10, 1) }
