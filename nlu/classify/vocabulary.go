package classify

// vocabulary numbers the features that the examples have. It is a hash table
// with open addressing: one look costs one line of cache, mostly.
type vocabulary struct {
	slots []vocabularySlot
	n     int
}

type vocabularySlot struct {
	hash uint64
	id   int32 // the number of the feature plus 1; 0 is an empty slot
}

func newVocabulary(n int) *vocabulary {
	size := 64
	for size <= 2*n {
		size *= 2
	}
	return &vocabulary{slots: make([]vocabularySlot, size)}
}

// find returns the number of a feature, or -1.
func (v *vocabulary) find(h uint64) int32 {
	mask := uint64(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if s := &v.slots[i]; s.hash == h || s.id == 0 {
			return s.id - 1
		}
	}
}

// add returns the number of a feature, a new one if need be.
func (v *vocabulary) add(h uint64) int32 {
	mask := uint64(len(v.slots) - 1)
	i := h & mask
	for ; v.slots[i].id != 0; i = (i + 1) & mask {
		if v.slots[i].hash == h {
			return v.slots[i].id - 1
		}
	}
	v.n++
	v.slots[i] = vocabularySlot{hash: h, id: int32(v.n)}
	id := int32(v.n - 1)
	if 2*v.n > len(v.slots) {
		v.grow()
	}
	return id
}

func (v *vocabulary) grow() {
	old := v.slots
	v.slots = make([]vocabularySlot, 2*len(old))
	mask := uint64(len(v.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := s.hash & mask
		for v.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		v.slots[i] = s
	}
}
