package classify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math"
)

// magic begins a stored model. The number goes up whenever the features or the
// layout change: a model of another version is trained again, never converted.
const magic = "dragoman classify 2\n"

// maxLabels and maxFeatures are far above what can be trained in reason. They
// keep a damaged file from asking for memory.
const (
	maxLabels   = 1 << 16
	maxFeatures = 1 << 26
	maxBody     = 1 << 32
)

const headerSize = len(magic) + 8 // and the length of what follows

// ErrFormat is what the errors of Read wrap when the bytes are no model of this
// version. The cure is to train again.
var ErrFormat = errors.New("not a stored model of this version")

// WriteTo writes the model in a form that Read takes. It returns how many bytes
// were written.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	b := make([]byte, headerSize, headerSize+8*len(m.rows.words)+12*len(m.weight)+1<<12)
	for _, n := range []int{m.stats.Examples, m.stats.Rounds, m.stats.Judged, len(m.labels), len(m.weight)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, l := range m.labels {
		b = appendString(b, l)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(m.spelling.words)))
	for _, w := range m.spelling.words {
		b = appendString(b, string(w))
	}
	b = m.judge.append(b)
	b = appendFloat(b, m.sharp)
	b = appendFloat(b, float64(m.unknown))
	for _, x := range m.rows.step {
		b = appendFloat(b, float64(x))
	}
	hashes := make([]uint64, len(m.weight))
	for _, s := range m.vocab.slots {
		if s.id != 0 {
			hashes[s.id-1] = s.hash
		}
	}
	for _, h := range hashes {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	for _, x := range m.weight {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	for _, x := range m.rows.words {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	copy(b, magic)
	binary.LittleEndian.PutUint64(b[len(magic):], uint64(len(b)-headerSize))
	b = binary.LittleEndian.AppendUint64(b, checksum(b[headerSize:]))
	n, err := w.Write(b)
	if err != nil {
		return int64(n), fmt.Errorf("classify: writing the model: %w", err)
	}
	return int64(n), nil
}

func (j *judge) append(b []byte) []byte {
	off := byte(0)
	if j.off {
		off = 1
	}
	b = append(b, off)
	b = appendFloat(b, j.threshold)
	b = appendFloat(b, j.bias)
	for i := range j.weight {
		b = appendFloat(b, j.weight[i])
		b = appendFloat(b, j.mean[i])
		b = appendFloat(b, j.scale[i])
	}
	return b
}

func appendString(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func appendFloat(b []byte, x float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
}

// Read reads what WriteTo wrote and nothing after it. When it is damaged or of
// another version, the error is an ErrFormat.
func Read(r io.Reader) (*Model, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, unreadable(err)
	}
	n := binary.LittleEndian.Uint64(head[len(magic):])
	if string(head[:len(magic)]) != magic || n > maxBody {
		return nil, fmt.Errorf("classify: reading a model: %w", ErrFormat)
	}
	// ReadAll takes memory as bytes come, whatever the header promises.
	b, err := io.ReadAll(io.LimitReader(r, int64(n)+8))
	if err != nil {
		return nil, unreadable(err)
	}
	if uint64(len(b)) != n+8 || checksum(b[:n]) != binary.LittleEndian.Uint64(b[n:]) {
		return nil, fmt.Errorf("classify: reading a model: %w: it is damaged", ErrFormat)
	}
	d := decoder{b: b[:n]}
	m := d.model()
	if d.bad || len(d.b) > 0 {
		return nil, fmt.Errorf("classify: reading a model: %w: its parts don't fit", ErrFormat)
	}
	return m, nil
}

func unreadable(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("classify: reading a model: %w: it ends early", ErrFormat)
	}
	return fmt.Errorf("classify: reading a model: %w", err)
}

func checksum(b []byte) uint64 { return crc64.Checksum(b, crc64.MakeTable(crc64.ECMA)) }

// decoder takes values off the front of b. Once something is wrong, bad is set
// and all values are zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) model() *Model {
	m := &Model{stats: Stats{Examples: d.count(math.MaxInt32), Rounds: d.count(math.MaxInt32), Judged: d.count(math.MaxInt32),
		Labels: d.count(maxLabels), Features: d.count(maxFeatures)}}
	k, n := m.stats.Labels, m.stats.Features
	m.rows.stride = (k + group - 1) / group * 4
	// All that follows takes at least this much, so that no length is believed
	// before it is known to be there.
	if k == 0 || len(d.b) < 4*k+n*(12+8*m.rows.stride) {
		d.bad = true
		return m
	}
	for range k {
		m.labels = append(m.labels, d.text())
	}
	m.spelling = newSpelling(d.words())
	d.judge(&m.judge)
	m.sharp, m.unknown = d.float(), float32(d.float())
	for i := range m.rows.step {
		m.rows.step[i] = float32(d.float())
	}
	if d.bad || len(d.b) != n*(12+8*m.rows.stride) {
		d.bad = true
		return m
	}
	m.vocab = newVocabulary(n)
	for i := range n {
		d.bad = d.bad || int(m.vocab.add(d.uint64())) != i
	}
	m.weight = make([]float32, n)
	for i := range m.weight {
		m.weight[i] = math.Float32frombits(d.uint32())
	}
	m.rows.words = make([]uint64, n*m.rows.stride)
	for i := range m.rows.words {
		m.rows.words[i] = d.uint64()
	}
	return m
}

func (d *decoder) words() [][]rune {
	n := d.count(uint64(len(d.b) / 4))
	words := make([][]rune, 0, n)
	for range n {
		words = append(words, []rune(d.text()))
	}
	return words
}

func (d *decoder) judge(j *judge) {
	if b := d.take(1); b != nil {
		j.off = b[0] != 0
	}
	j.threshold, j.bias = d.float(), d.float()
	for i := range j.weight {
		j.weight[i], j.mean[i], j.scale[i] = d.float(), d.float(), d.float()
	}
}

func (d *decoder) take(n int) []byte {
	if d.bad || n > len(d.b) {
		d.bad = true
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

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

func (d *decoder) float() float64 {
	x := math.Float64frombits(d.uint64())
	d.bad = d.bad || math.IsNaN(x) || math.IsInf(x, 0)
	return x
}

// count reads a number from 0 to most.
func (d *decoder) count(most uint64) int {
	n := d.uint64()
	if n > most {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.uint32()
	if uint64(n) > uint64(len(d.b)) {
		d.bad = true
		return ""
	}
	return string(d.take(int(n)))
}
