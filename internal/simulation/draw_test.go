package simulation

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// seed draws everything that is left to chance.
type seed uint64

// about returns the draws for one thing. The same thing gets the same draws,
// whoever asks and when.
func (s seed) about(thing string, numbers ...int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(thing))
	for _, n := range numbers {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
	return rand.New(rand.NewPCG(uint64(s), h.Sum64()))
}

// chance is true once in n times.
func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

// between is a time from low up to high.
func between(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64(high-low)))
}
