package tagger

// hashString is FNV-1a with a final mix. Features are known by their hash
// alone: with 64 bits, two of a million collide once in ten million models.
func hashString(s string) uint64 {
	h := uint64(fnvOffset)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return scramble(h)
}

func hashBytes(b []byte) uint64 {
	h := uint64(fnvOffset)
	for _, c := range b {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return scramble(h)
}

// scramble is the finaliser of splitmix64.
func scramble(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// join hashes a pair in its order.
func join(a, b uint64) uint64 { return scramble(a*0x9e3779b97f4a7c15 + b) }

// random is a splitmix64 generator: small, and the same on every machine and
// in every version of Go, which training needs to give the same model.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	return scramble(uint64(*r))
}

// below returns a number in [0, n).
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// shuffle permutes order.
func (r *random) shuffle(order []int32) {
	for i := len(order) - 1; i > 0; i-- {
		j := r.below(i + 1)
		order[i], order[j] = order[j], order[i]
	}
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)
