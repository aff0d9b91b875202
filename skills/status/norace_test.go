//go:build !race

package status

const slowdown = 1
