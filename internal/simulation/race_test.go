//go:build race

package simulation

// seldom is how many times fewer days there are under the race detector, where
// SQLite, which is translated from C, takes about thirty times as long.
const seldom = 5
