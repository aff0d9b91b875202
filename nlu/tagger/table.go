package tagger

// table finds a number by a 64-bit hash. It's open addressing with linear
// probing; of the hash it keeps 32 bits beside the place, so that a slot is
// eight bytes. Two hashes that agree in those bits and lie in one run are
// taken for one; among a million this happens about once in a thousand models,
// and costs a little accuracy of one feature.
type table struct {
	slots []slot // a power of two of them, or none
	n     int
}

type slot struct {
	tag   uint32 // the low bits of the hash
	value uint32 // 0 marks a free slot; else the number and one
}

// newTable returns a table with room for n numbers.
func newTable(n int) table {
	size := 8
	for size*3 < n*4 {
		size *= 2
	}
	return table{slots: make([]slot, size)}
}

// get returns the number that was put under h.
func (t *table) get(h uint64) (int, bool) {
	mask := uint64(len(t.slots) - 1)
	if len(t.slots) == 0 {
		return 0, false
	}
	for i := h >> 32 & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s.value == 0 {
			return 0, false
		}
		if s.tag == uint32(h) {
			return int(s.value - 1), true
		}
	}
}

// put stores value under h, which must not be there yet, in a table with room.
func (t *table) put(h uint64, value int) {
	mask := uint64(len(t.slots) - 1)
	i := h >> 32 & mask
	for t.slots[i].value != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = slot{uint32(h), uint32(value) + 1}
	t.n++
}

// grown returns h's number, or gives it the next one. keys holds the hashes by
// number, from which a full table is built anew at twice its size.
func (t *table) grown(h uint64, keys *[]uint64) int {
	if i, ok := t.get(h); ok {
		return i
	}
	if (t.n+1)*4 > len(t.slots)*3 {
		bigger := newTable(2 * len(t.slots))
		for i, k := range *keys {
			bigger.put(k, i)
		}
		*t = bigger
	}
	*keys = append(*keys, h)
	t.put(h, len(*keys)-1)
	return len(*keys) - 1
}
