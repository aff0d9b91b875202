//go:build !race

package when

import "testing"

// The race detector makes sync.Pool forget at random, so this is built without it.

func TestOrdinaryTextAllocatesNothing(t *testing.T) {
	at := monday10(t)
	dst := make([]Expression, 0, 8)
	for _, l := range suite(t) {
		if n := testing.AllocsPerRun(20, func() { dst = Find(dst[:0], l.text, l.lang, at) }); n > 0 {
			t.Errorf("line %d: %v allocations for %q", l.number, n, l.text)
		}
	}
}
