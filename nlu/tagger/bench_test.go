package tagger

import (
	"bytes"
	"context"
	"testing"
)

// BenchmarkTag reads the validation sentences of SNIPS, of nine words each.
func BenchmarkTag(b *testing.B) {
	m := train(b, readSet(b, "snips/train.bio.tsv"))
	test := readSet(b, "snips/valid.bio.tsv")
	dst := make([]int, 0, 256)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		e := &test[i%len(test)]
		dst = m.Tag(dst[:0], e.Tokens, e.Label)
		i++
	}
}

// BenchmarkFind is BenchmarkTag with the probabilities.
func BenchmarkFind(b *testing.B) {
	m := smallModel(b)
	text := "please remind me to order new toner at 7"
	tokens := Tokenize(nil, text)
	marks := recognise(text, tokens)
	dst := make([]Slot, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = m.Find(dst[:0], text, tokens, "remind", marks...)
	}
}

func BenchmarkTrain(b *testing.B) {
	for name, set := range map[string]string{"300": "xsid_en/train.bio.tsv", "13000": "snips/train.bio.tsv"} {
		b.Run(name, func(b *testing.B) {
			examples := readSet(b, set)
			var m *Model
			for b.Loop() {
				var err error
				if m, err = Train(context.Background(), examples, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			var stored bytes.Buffer
			if _, err := m.WriteTo(&stored); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(stored.Len())/1e6, "MB-stored")
		})
	}
}
