package classify

// lanes is how many labels one uint64 holds, and group how many are added up
// at once: four uint64 whose sums stay in registers.
const (
	lanes = 8
	group = 4 * lanes
)

// rows is the matrix of weights, a row for each feature, one byte for each
// label. A byte is the weight in steps of its block, plus 128. Go has no vector
// instructions, but adding a uint64 adds eight bytes at once when every second
// one is masked out to leave room for the carry.
type rows struct {
	words  []uint64
	stride int                // words in a row
	step   [numBlocks]float32 // what one step is worth
}

// newRows rounds the weights, a row of labels for each feature, to bytes.
func newRows(w []float32, block []uint8, labels int) rows {
	q := rows{stride: (labels + group - 1) / group * 4}
	q.words = make([]uint64, len(block)*q.stride)
	for i, b := range block {
		for _, x := range w[i*labels : (i+1)*labels] {
			q.step[b] = max(q.step[b], x/127, -x/127)
		}
	}
	for i, b := range block {
		row := q.words[i*q.stride:][:q.stride]
		for j := range row {
			row[j] = 0x8080808080808080
		}
		if q.step[b] == 0 {
			continue
		}
		for c, x := range w[i*labels : (i+1)*labels] {
			v := roundAway(x / q.step[b])
			row[c/lanes] += uint64(v) << (c % lanes * 8)
		}
	}
	return q
}

// at returns the weight of a label in a row, in steps.
func (q *rows) at(row int32, label int) int32 {
	return int32(q.words[int(row)*q.stride+label/lanes]>>(label%lanes*8)&0xFF) - 128
}

// sum sets dst to the sums of the named rows in steps, one number a label.
// Its length is a multiple of group.
func (q *rows) sum(dst []int32, ids []int32) {
	clear(dst)
	for len(ids) > 0 {
		n := min(len(ids), 256) // 257 bytes of 255 would still fit 16 bits
		for g := 0; g*4 < q.stride; g++ {
			q.sumGroup((*[group]int32)(dst[g*group:]), ids[:n], g*4)
		}
		ids = ids[n:]
	}
}

func (q *rows) sumGroup(dst *[group]int32, ids []int32, at int) {
	const even = 0x00FF00FF00FF00FF
	var a0, a1, a2, a3, b0, b1, b2, b3 uint64
	for _, id := range ids {
		r := (*[4]uint64)(q.words[int(id)*q.stride+at:])
		a0 += r[0] & even
		b0 += r[0] >> 8 & even
		a1 += r[1] & even
		b1 += r[1] >> 8 & even
		a2 += r[2] & even
		b2 += r[2] >> 8 & even
		a3 += r[3] & even
		b3 += r[3] >> 8 & even
	}
	bias := int32(128 * len(ids))
	unpack((*[lanes]int32)(dst[0:]), a0, b0, bias)
	unpack((*[lanes]int32)(dst[8:]), a1, b1, bias)
	unpack((*[lanes]int32)(dst[16:]), a2, b2, bias)
	unpack((*[lanes]int32)(dst[24:]), a3, b3, bias)
}

func unpack(dst *[lanes]int32, even, odd uint64, bias int32) {
	dst[0] += int32(even&0xFFFF) - bias
	dst[1] += int32(odd&0xFFFF) - bias
	dst[2] += int32(even>>16&0xFFFF) - bias
	dst[3] += int32(odd>>16&0xFFFF) - bias
	dst[4] += int32(even>>32&0xFFFF) - bias
	dst[5] += int32(odd>>32&0xFFFF) - bias
	dst[6] += int32(even>>48) - bias
	dst[7] += int32(odd>>48) - bias
}

// roundAway rounds to the nearest whole number, halves away from zero.
func roundAway(x float32) int32 {
	if x < 0 {
		return int32(x - 0.5)
	}
	return int32(x + 0.5)
}
