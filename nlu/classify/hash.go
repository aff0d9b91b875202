package classify

// A feature is known by a hash of 64 bits: two different features of one model
// having the same is less likely than a broken disk.

const (
	hashSeed  = 0x9E3779B97F4A7C15
	hashPrime = 0x100000001B3 // of FNV-1a
)

// step adds one symbol to a running hash.
func step(h, symbol uint64) uint64 { return (h ^ symbol) * hashPrime }

// mix spreads the bits of a running hash, as splitmix64 ends.
func mix(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 27
	h *= 0x94D049BB133111EB
	return h ^ h>>31
}

// pair is the hash of two things one after the other.
func pair(a, b uint64) uint64 { return mix(a*hashPrime ^ b + hashSeed) }

// hashSet is a set of hashes that is emptied in no time. It counts how often
// each one was added.
type hashSet struct {
	slots []setSlot
	gen   uint32
	mask  uint64
}

type setSlot struct {
	hash uint64
	gen  uint32
	at   int32
}

// reset empties the set and makes room for n hashes.
func (t *hashSet) reset(n int) {
	size := 256
	for size < 2*n {
		size *= 2
	}
	if size > len(t.slots) {
		t.slots, t.gen = make([]setSlot, size), 0
	}
	t.mask = uint64(size - 1)
	t.gen++
	if t.gen == 0 { // after 2^32 texts the oldest marks would look new
		clear(t.slots)
		t.gen = 1
	}
}

// add puts h into the set with the value at and reports whether it was absent.
// When it was there already, it returns the value it was put in with.
func (t *hashSet) add(h uint64, at int32) (int32, bool) {
	for i := h & t.mask; ; i = (i + 1) & t.mask {
		s := &t.slots[i]
		if s.gen != t.gen {
			*s = setSlot{hash: h, gen: t.gen, at: at}
			return at, true
		}
		if s.hash == h {
			return s.at, false
		}
	}
}

// hashRunes is the hash of a word.
func hashRunes(rs []rune) uint64 {
	h := uint64(hashSeed)
	for _, r := range rs {
		h = step(h, uint64(r))
	}
	return mix(h)
}

func hashString(s string) uint64 {
	h := uint64(hashSeed)
	for i := 0; i < len(s); i++ {
		h = step(h, uint64(s[i]))
	}
	return mix(h)
}
