package main

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

var sigterm = syscall.SIGTERM

// long reports whether this is the long run (make faults), which takes the
// numbers that the promises were made with; make test takes smaller ones.
func long(t *testing.T) bool {
	t.Helper()
	return os.Getenv("DRAGOMAN_LONG") != ""
}

// seedOf is the seed of a test that draws its faults: DRAGOMAN_SEED, to see a
// run again, else another one each time. It is printed.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("DRAGOMAN_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("DRAGOMAN_SEED=%d", seed)
	return seed
}
