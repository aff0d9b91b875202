//go:build race

package status

// slowdown is how much longer SQLite takes under the race detector, which checks
// every pointer of its translation from C.
const slowdown = 30
