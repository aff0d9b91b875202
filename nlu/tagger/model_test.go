package tagger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"dragoman/nlu"
)

func smallModel(t testing.TB) *Model { return train(t, markedExamples(t, fewExamples)) }

func encode(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if n, err := m.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo: %d bytes of %d, %v", n, b.Len(), err)
	}
	return b.Bytes()
}

func TestTrainingIsDeterministic(t *testing.T) {
	first := encode(t, smallModel(t))
	if !bytes.Equal(first, encode(t, smallModel(t))) {
		t.Error("the same examples gave another model")
	}
}

func TestTrainNamesTheBadExample(t *testing.T) {
	good := Example{Label: "a", Tokens: []string{"x"}, Tags: []string{"O"}}
	for want, bad := range map[string]Example{
		"example 2 has 2 tokens and 1 tags": {Tokens: []string{"x", "y"}, Tags: []string{"O"}},
		`example 2 has the tag "X-a"`:       {Tokens: []string{"x"}, Tags: []string{"X-a"}},
		`example 2 has the tag "B-"`:        {Tokens: []string{"x"}, Tags: []string{"B-"}},
		`example 2 has the tag ""`:          {Tokens: []string{"x"}, Tags: []string{""}},
		"example 2 has a mark of tokens 0":  {Tokens: []string{"x"}, Tags: []string{"O"}, Marks: []Mark{{"k", 0, 2}}},
		"example 2 has a mark of tokens 1":  {Tokens: []string{"x"}, Tags: []string{"O"}, Marks: []Mark{{"k", 1, 1}}},
	} {
		_, err := Train(context.Background(), []Example{good, bad}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTrainEndsWithItsContext(t *testing.T) {
	reason := errors.New("the bot is going down")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(reason)
	if m, err := Train(ctx, markedExamples(t, fewExamples), Options{}); m != nil || !errors.Is(err, reason) {
		t.Errorf("got %v, %v; want the reason of the cancellation", m, err)
	}
}

// A model of nothing knows no slot, and neither does the zero Model.
func TestModelsOfNothing(t *testing.T) {
	for name, m := range map[string]*Model{
		"zero":        {},
		"no examples": train(t, nil),
		"no tokens":   train(t, []Example{{Label: "a"}}),
		"no slots":    train(t, []Example{{Label: "a", Tokens: []string{"x"}, Tags: []string{"O"}}}),
	} {
		for _, label := range []string{"a", "b", ""} {
			if tags := m.Tag(nil, []string{"x", "y"}, label); !slices.Equal(tags, []int{0, 0}) {
				t.Errorf("%s: tags %v", name, tags)
			}
			if slots, p := m.Find(nil, "x y", Tokenize(nil, "x y"), label); len(slots) != 0 || p < 0 || p > 1 {
				t.Errorf("%s: slots %v, P %v", name, slots, p)
			}
			if tags := m.Tag(nil, nil, label); len(tags) != 0 {
				t.Errorf("%s: tags %v of no tokens", name, tags)
			}
		}
	}
}

func TestNameOfATagThatIsNone(t *testing.T) {
	m := smallModel(t)
	for _, tag := range []int{-1, 0, 1000} {
		if m.Name(tag) != "O" {
			t.Errorf("tag %d is %s", tag, m.Name(tag))
		}
	}
}

// An I that nothing opens begins a slot, as for Chunks.
func TestTrainTakesAnOpenInsideForABegin(t *testing.T) {
	e := Example{Label: "a", Tokens: []string{"call", "anna"}, Tags: []string{"O", "I-who"}}
	m := train(t, []Example{e, e, e})
	if got := tagNames(m, e.Tokens, "a"); !slices.Equal(got, []string{"O", "B-who"}) {
		t.Errorf("got %v", got)
	}
}

func TestALabelRestrictsTheTags(t *testing.T) {
	m := smallModel(t)
	tokens := strings.Fields("remind me to buy milk tomorrow")
	for _, name := range tagNames(m, tokens, "status") {
		if name != "O" && !strings.HasSuffix(name, "-machine") {
			t.Errorf("status has a tag %s", name)
		}
	}
	free := false
	for _, name := range tagNames(m, tokens, "no such label") {
		free = free || name != "O" && !strings.HasSuffix(name, "-machine")
	}
	if !free {
		t.Error("without a label no other slot is found")
	}
}

func TestFindGivesBytesOfTheText(t *testing.T) {
	m := smallModel(t)
	text := "  please tell  Zoë: that dinner’s ready"
	slots, p := m.Find(nil, text, Tokenize(nil, text), "message")
	var got []string
	for _, s := range slots {
		got = append(got, s.Slot+"="+text[s.Start:s.End])
		if s.P < p || s.P > 1 {
			t.Errorf("P %v of %v, %v of the whole", s.P, s, p)
		}
	}
	if want := []string{"person=Zoë", "text=dinner’s ready"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheRightLabelReadsSurer(t *testing.T) {
	m := smallModel(t)
	right, n := 0, 0
	for label, list := range unseenSentences {
		for _, marked := range list {
			e, err := nlu.ParseExample(marked)
			if err != nil {
				t.Fatal(err)
			}
			tokens := Tokenize(nil, e.Text)
			marks := recognise(e.Text, tokens)
			best, top := "", -1.0
			for _, l := range sortedKeys(unseenSentences) {
				slots, p := m.Find(nil, e.Text, tokens, l, marks...)
				if len(slots) > 0 && p > top {
					best, top = l, p
				}
			}
			n++
			if best == label {
				right++
			}
		}
	}
	t.Logf("%d of %d", right, n)
	if right*10 < n*7 {
		t.Errorf("the slots alone are surest under the right label in %d of %d", right, n)
	}
}

func TestTagAndFindAllocateNothing(t *testing.T) {
	m := smallModel(t)
	text := "please remind me to order new toner at 7"
	tokens := Tokenize(nil, text)
	words := Words(nil, text, tokens)
	marks := recognise(text, tokens)
	tags, slots := make([]int, 0, 64), make([]Slot, 0, 64)
	spare := make([]Token, 0, 64)
	for name, f := range map[string]func(){
		"Tokenize": func() { spare = Tokenize(spare[:0], text) },
		"Tag":      func() { tags = m.Tag(tags[:0], words, "remind", marks...) },
		"Find":     func() { slots, _ = m.Find(slots[:0], text, tokens, "remind", marks...) },
		"no label": func() { tags = m.Tag(tags[:0], words, "") },
	} {
		if n := testing.AllocsPerRun(200, f); n != 0 && !raceEnabled {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	m := smallModel(t)
	examples := markedExamples(t, unseenSentences)
	var want [][]int
	for _, e := range examples {
		want = append(want, m.Tag(nil, e.Tokens, e.Label, e.Marks...))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for i, e := range examples {
					if got := m.Tag(nil, e.Tokens, e.Label, e.Marks...); !slices.Equal(got, want[i]) {
						t.Errorf("%v: got %v, want %v", e.Tokens, got, want[i])
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// checkReading fails where what the model says of a text is not legal.
func checkReading(t *testing.T, m *Model, text, label string, marks []Mark) {
	t.Helper()
	tokens := Tokenize(nil, text)
	words := Words(nil, text, tokens)
	tags := m.Tag(nil, words, label, marks...)
	if len(tags) != len(tokens) {
		t.Fatalf("%q: %d tags of %d tokens", text, len(tags), len(tokens))
	}
	before := outside
	var chunks []Chunk
	var names []string
	for i, tag := range tags {
		if tag < 0 || tag >= len(m.names) && tag != outside {
			t.Fatalf("%q: tag %d", text, tag)
		}
		if isInside(tag) && before != tag && before != tag-1 {
			t.Errorf("%q: %s follows %s at %d", text, m.Name(tag), m.Name(before), i)
		}
		before = tag
		names = append(names, m.Name(tag))
	}
	chunks = Chunks(nil, names)
	slots, p := m.Find(nil, text, tokens, label, marks...)
	if len(slots) != len(chunks) || !(p >= 0 && p <= 1) {
		t.Fatalf("%q: %v with P %v, but the tags are %v", text, slots, p, names)
	}
	for i, s := range slots {
		c := chunks[i]
		if s.Slot != c.Type || s.Start != tokens[c.Start].Start || s.End != tokens[c.End-1].End || !(s.P >= p && s.P <= 1) {
			t.Errorf("%q: slot %v of chunk %v", text, s, c)
		}
	}
}

func FuzzReading(f *testing.F) {
	m := smallModel(f)
	for _, s := range []string{"is web1 still alive", "tell bob that tell anna that tell eva", "\xff add \x00 to", "", strings.Repeat("add milk to my list ", 40)} {
		f.Add(s, "add", 0, 2)
		f.Add(s, "", -5, 90)
	}
	f.Fuzz(func(t *testing.T, text, label string, start, end int) {
		if len(text) > 1<<12 {
			t.Skip()
		}
		checkReading(t, m, text, label, []Mark{{"machine", start, end}, {"time", end, start}, {"number", 1, 2}})
	})
}

// A person does not write ten thousand words, but a machine may.
func TestLongTexts(t *testing.T) {
	m := smallModel(t)
	for _, s := range []string{"add milk to my list and ", "tell bob that ", "x ", "a.b-c'd ", "web1"} {
		checkReading(t, m, strings.Repeat(s, 8_000/len(s)), "add", []Mark{{"machine", 0, 10_000}})
	}
}

func TestAStoredModelIsTheSame(t *testing.T) {
	m := smallModel(t)
	stored := encode(t, m)
	read, err := Read(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored, encode(t, read)) {
		t.Error("the model changed on its way")
	}
	for _, e := range markedExamples(t, unseenSentences) {
		for _, label := range []string{e.Label, ""} {
			text := strings.Join(e.Tokens, " ")
			tokens := Tokenize(nil, text)
			want, p := m.Find(nil, text, tokens, label, e.Marks...)
			got, q := read.Find(nil, text, tokens, label, e.Marks...)
			if !slices.Equal(got, want) || p != q {
				t.Errorf("%s: got %v %v, want %v %v", text, got, q, want, p)
			}
		}
	}
	for name, m := range map[string]*Model{"zero": {}, "no examples": train(t, nil)} {
		read, err := Read(bytes.NewReader(encode(t, m)))
		if err != nil || len(read.Tag(nil, []string{"x"}, "")) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADamagedModelIsAnError(t *testing.T) {
	stored := encode(t, smallModel(t))
	for i := 0; i < len(stored); i += 1 + len(stored)/500 {
		if _, err := Read(bytes.NewReader(stored[:i])); err == nil {
			t.Fatalf("no error of the first %d bytes", i)
		}
		bad := slices.Clone(stored)
		bad[i] ^= 4
		if _, err := Read(bytes.NewReader(bad)); err == nil {
			t.Fatalf("no error where byte %d is wrong", i)
		}
		sign(bad)
		if m, err := Read(bytes.NewReader(bad)); err == nil {
			checkReading(t, m, "tell bob that web1 is up", "message", nil)
		}
	}
	if _, err := Read(io.LimitReader(failing{}, 10)); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the error of the reader", err)
	}
}

var errDisk = errors.New("disk on fire")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errDisk }

// sign makes the checksum right.
func sign(b []byte) {
	if len(b) >= 4 {
		binary.LittleEndian.PutUint32(b[len(b)-4:], crc32.Checksum(b[:len(b)-4], castagnoli))
	}
}

func FuzzRead(f *testing.F) {
	tiny := train(f, []Example{
		{Label: "a", Tokens: []string{"call", "anna"}, Tags: []string{"O", "B-who"}},
		{Label: "b", Tokens: []string{"buy", "milk", "now"}, Tags: []string{"O", "B-what", "I-what"}},
	})
	f.Add(encode(f, tiny), uint16(20), byte(1))
	f.Add(encode(f, &Model{}), uint16(0), byte(0))
	f.Add([]byte(magic), uint16(0), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, at uint16, flip byte) {
		b = slices.Clone(b)
		if len(b) > 0 {
			b[int(at)%len(b)] ^= flip
		}
		sign(b)
		m, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		checkReading(t, m, "call anna and buy milk now", "a", nil)
		checkReading(t, m, "buy anna", "", []Mark{{"x", 1, 2}})
	})
}
