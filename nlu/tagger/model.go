package tagger

import (
	"fmt"
	"sync"
)

// Mark is an entity that something else recognised in the text, a machine or a
// date: a hint to the model, not an order.
type Mark struct {
	Kind       string
	Start, End int // tokens, End not included
}

// Model tags the tokens of a text. It's immutable and for many goroutines at
// once. Train and Read make one; the zero Model tags everything as O.
type Model struct {
	slots   []string
	names   []string // of the tags, by number
	labels  []string
	allowed [][]int  // by label: the slots that it was seen with, ascending
	many    [][]bool // for each of them: whether one text can fill it more than once
	anchor  int      // how often a word must be seen to be an anchor
	unit    int32    // a margin that is common in the training text
	lexicon lexicon
	index   table // of the features: where their row begins in cells
	// cells holds one row a feature: how many weights there are, then each
	// with its tag in the upper half and the weight in the lower one. The upper
	// half of the first cell is the number of the feature's dense row, if any.
	cells []uint32
	views []view // by label, and one more for a text without a label

	byLabel map[string]int
	memory  sync.Pool // of *scratch
}

// view is what a label allows. Its tags are numbered anew: O, and B and I of
// each slot in turn.
type view struct {
	tags  []int   // the model's number of each tag
	local []int16 // by the model's number: the view's, or -1
	hash  uint64  // of the label, 0 for none
	many  []bool  // by the view's number of a slot; see Model.many
	// trans holds, by tag and the tag before it, the weight of this pair.
	trans []int32
	// dense holds the rows of frequent features, with one weight for each tag
	// of the view, from number 1 on. Under one label most of what such a feature
	// says is about tags that the label does not have.
	dense []int16
}

// newView returns the view of some slots of all there are.
func newView(slots []int, many []bool, all int, hash uint64) view {
	v := view{tags: make([]int, 1, 2*len(slots)+1), local: make([]int16, 2*all+1), many: many, hash: hash}
	for i := range v.local {
		v.local[i] = -1
	}
	v.local[outside] = 0
	for _, s := range slots {
		for _, t := range [2]int{beginTag(s), insideTag(s)} {
			v.local[t] = int16(len(v.tags))
			v.tags = append(v.tags, t)
		}
	}
	v.trans = make([]int32, len(v.tags)*len(v.tags))
	return v
}

// maxPairs bounds the pairs of tags over all labels, for which a model keeps
// four bytes each.
const maxPairs = 1 << 24

// checkSize returns an error where a model would be too large: with more than
// about 2,000 different slots, or with hundreds of labels of a hundred slots.
func checkSize(slots int, allowed [][]int) error {
	pairs := (2*slots + 1) * (2*slots + 1)
	for _, a := range allowed {
		pairs += (2*len(a)+1)*(2*len(a)+1) + slots
	}
	if slots > 1<<14 || pairs > maxPairs {
		return fmt.Errorf("tagger: %d slots of %d labels are too many for one model", slots, len(allowed))
	}
	return nil
}

// prepare makes what follows from the fields that are stored. The rows may
// still be missing.
func (m *Model) prepare() {
	m.names = append(m.names[:0], "O")
	every := make([]int, len(m.slots))
	for i, s := range m.slots {
		m.names = append(m.names, "B-"+s, "I-"+s)
		every[i] = i
	}
	m.views = m.views[:0]
	m.byLabel = make(map[string]int, len(m.labels))
	for i, l := range m.labels {
		m.byLabel[l] = i
		m.views = append(m.views, newView(m.allowed[i], m.many[i], len(m.slots), hashString(l)))
	}
	m.views = append(m.views, newView(every, make([]bool, len(m.slots)), len(m.slots), 0))
}

// connect fills in the transitions and the dense rows of all views.
func (m *Model) connect() {
	for i := range m.views {
		v := &m.views[i]
		n := len(v.tags)
		row := make([]int32, n)
		for before, tag := range v.tags {
			clear(row)
			for _, key := range transitionKeys(v, tag) {
				m.score(v, key, row)
			}
			for k, x := range row {
				v.trans[k*n+before] = x
			}
		}
	}
	labelled := m.views[:len(m.labels)]
	tags := 0
	for i := range labelled {
		tags += len(labelled[i].tags)
	}
	shortest := 12
	for rows := m.countRows(shortest); rows > 0xffff || rows*tags > maxDense; rows = m.countRows(shortest) {
		shortest *= 2
	}
	number := 0
	for i := 0; i < len(m.cells); {
		row := m.cells[i : i+1+int(m.cells[i])]
		i += len(row)
		if len(row) <= shortest {
			continue
		}
		number++
		row[0] |= uint32(number) << 16
		for j := range labelled {
			labelled[j].addDense(row[1:])
		}
	}
}

// maxDense bounds the weights in all dense rows.
const maxDense = 1 << 20

// countRows returns how many rows have at least that many weights.
func (m *Model) countRows(shortest int) int {
	n := 0
	for i := 0; i < len(m.cells); i += 1 + int(m.cells[i]) {
		if int(m.cells[i]) >= shortest {
			n++
		}
	}
	return n
}

// addDense appends a dense row.
func (v *view) addDense(cells []uint32) {
	at := len(v.dense)
	v.dense = append(v.dense, make([]int16, len(v.tags))...)
	for _, c := range cells {
		if k := v.local[c>>16]; k >= 0 {
			v.dense[at+int(k)] = int16(c)
		}
	}
}

// transitionKeys are the features of the tag before.
func transitionKeys(v *view, before int) [2]uint64 {
	key := join(tagPrev, uint64(before))
	return [2]uint64{key, join(key, v.hash)}
}

// viewOf returns the view of a label; a label that is not known gets the view
// that allows everything.
func (m *Model) viewOf(label string) *view {
	if i, ok := m.byLabel[label]; ok {
		return &m.views[i]
	}
	return &m.views[len(m.views)-1]
}

// score adds the weights of one feature to sums, by the view's tags.
func (m *Model) score(v *view, key uint64, sums []int32) {
	at, ok := m.index.get(key)
	if !ok {
		return
	}
	head := m.cells[at]
	if number := int(head >> 16); number > 0 && v.dense != nil {
		n := len(sums)
		row := v.dense[(number-1)*n : number*n]
		for k, x := range row {
			sums[k] += int32(x)
		}
		return
	}
	for _, c := range m.cells[at+1 : at+1+int(head&0xffff)] {
		if k := v.local[c>>16]; k >= 0 {
			sums[k] += int32(int16(c))
		}
	}
}
