package tagger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// magic begins every encoded model. The number is the version of the format
// and of the features: a model is good only for the code that made it.
const magic = "dragoman tagger 1\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteTo writes the model for Read. It implements io.WriterTo.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	b := []byte(magic)
	for _, n := range []int{m.anchor, int(m.unit), m.lexicon.longest} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = appendStrings(b, m.slots)
	b = appendStrings(b, m.labels)
	for i, slots := range m.allowed {
		b = binary.AppendUvarint(b, uint64(len(slots)))
		for _, s := range slots {
			b = binary.AppendUvarint(b, uint64(s))
		}
		for _, many := range m.many[i] {
			b = append(b, 0)
			if many {
				b[len(b)-1] = 1
			}
		}
	}
	b = m.lexicon.words.append(b)
	b = m.lexicon.phrases.append(b)
	b = binary.AppendUvarint(b, uint64(len(m.index.slots)))
	for _, s := range m.index.slots {
		b = binary.LittleEndian.AppendUint32(b, s.tag)
		b = binary.LittleEndian.AppendUint32(b, s.value)
	}
	b = binary.AppendUvarint(b, uint64(len(m.cells)))
	for i := 0; i < len(m.cells); {
		n := m.cells[i] & 0xffff
		b = binary.LittleEndian.AppendUint32(b, n)
		for _, c := range m.cells[i+1 : i+1+int(n)] {
			b = binary.LittleEndian.AppendUint32(b, c)
		}
		i += 1 + int(n)
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	n, err := w.Write(b)
	if err != nil {
		err = fmt.Errorf("tagger: writing a model: %w", err)
	}
	return int64(n), err
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func (c *census) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(c.entries)))
	for _, e := range c.entries {
		b = binary.LittleEndian.AppendUint64(b, e.hash)
		b = binary.LittleEndian.AppendUint32(b, e.kind)
		b = binary.LittleEndian.AppendUint32(b, e.count)
	}
	return b
}

var errDamaged = errors.New("tagger: the stored model is damaged or of another version; train it again")

// Read reads a model that WriteTo wrote. It reads r to its end. Anything else
// than such a model is an error, and costs no more memory than a few times
// what was read and what the largest model may have.
func Read(r io.Reader) (*Model, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("tagger: reading a model: %w", err)
	}
	body := len(b) - 4
	if body < len(magic) || string(b[:len(magic)]) != magic ||
		crc32.Checksum(b[:body], castagnoli) != binary.LittleEndian.Uint32(b[body:]) {
		return nil, errDamaged
	}
	d := &decoder{rest: b[len(magic):body]}
	m := &Model{}
	m.anchor = d.number(math.MaxInt32)
	m.unit = int32(d.number(math.MaxInt32))
	m.lexicon.longest = d.number(math.MaxInt32)
	m.slots = d.strings()
	m.labels = d.strings()
	for range m.labels {
		slots := d.ascending(len(m.slots))
		many := make([]bool, len(slots))
		for i := range many {
			many[i] = d.number(1) == 1
		}
		m.allowed, m.many = append(m.allowed, slots), append(m.many, many)
	}
	m.lexicon.words = d.census()
	m.lexicon.phrases = d.census()
	m.index.slots = make([]slot, d.length(8))
	for i := range m.index.slots {
		m.index.slots[i] = slot{d.uint32(), d.uint32()}
	}
	m.cells = make([]uint32, d.length(4))
	for i := range m.cells {
		m.cells[i] = d.uint32()
	}
	if d.bad || len(d.rest) != 0 || !m.sound() {
		return nil, errDamaged
	}
	m.prepare()
	m.connect()
	return m, nil
}

// sound reports whether nothing in a decoded model leads out of bounds, or
// around in circles.
func (m *Model) sound() bool {
	if checkSize(len(m.slots), m.allowed) != nil {
		return false
	}
	for _, e := range m.lexicon.words.entries {
		if int64(e.kind) >= int64(2*len(m.slots)+1) {
			return false
		}
	}
	for _, e := range m.lexicon.phrases.entries {
		if e.kind != prefix && int64(e.kind) >= int64(len(m.slots)) {
			return false
		}
	}
	starts := make([]bool, len(m.cells))
	for i := 0; i < len(m.cells); {
		starts[i] = true
		end := i + 1 + int(m.cells[i])
		if end > len(m.cells) || m.cells[i] > 0xffff {
			return false
		}
		for _, c := range m.cells[i+1 : end] {
			if int(c>>16) > 2*len(m.slots) {
				return false
			}
		}
		i = end
	}
	used := 0
	for _, s := range m.index.slots {
		if s.value == 0 {
			continue
		}
		used++
		if int(s.value) > len(starts) || !starts[s.value-1] {
			return false
		}
	}
	n := len(m.index.slots)
	return n&(n-1) == 0 && (n == 0 || used < n)
}

// decoder takes numbers off a byte slice. After the first thing that is wrong
// it is bad and gives zeros.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n > len(d.rest) {
		d.bad = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

// number returns the next number, which must not be above limit.
func (d *decoder) number(limit int) int {
	x, n := binary.Uvarint(d.rest)
	if d.bad || n <= 0 || x > uint64(limit) {
		d.bad = true
		return 0
	}
	d.rest = d.rest[n:]
	return int(x)
}

// length returns how many things of at least size bytes follow.
func (d *decoder) length(size int) int { return d.number(len(d.rest) / size) }

func (d *decoder) uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) strings() []string {
	list := make([]string, d.length(1))
	for i := range list {
		list[i] = string(d.take(d.length(1)))
	}
	return list
}

// ascending returns a list of different numbers below limit.
func (d *decoder) ascending(limit int) []int {
	n := d.length(1)
	if n > limit {
		d.bad = true
		return nil
	}
	list := make([]int, n)
	for i := range list {
		list[i] = d.number(limit - 1)
		if i > 0 && list[i] <= list[i-1] {
			d.bad = true
		}
	}
	return list
}

func (d *decoder) census() census {
	c := census{entries: make([]entry, d.length(16))}
	for i := range c.entries {
		e := entry{d.uint64(), d.uint32(), d.uint32()}
		c.entries[i] = e
		if i > 0 && compareEntries(c.entries[i-1], e) >= 0 {
			d.bad = true
		}
	}
	c.reindex()
	return c
}
