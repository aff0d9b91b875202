//go:build !race

package simulation

const seldom = 1
