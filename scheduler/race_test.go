//go:build race

package scheduler

// raced: SQLite, which is translated from C, takes about thirty times as long
// under the race detector.
const raced = true
