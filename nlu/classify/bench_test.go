package classify

import (
	"context"
	"fmt"
	"testing"
)

// ofLabels returns the examples of the first n labels.
func ofLabels(all []Example, n int) []Example {
	seen := map[string]bool{}
	var out []Example
	for _, e := range all {
		if seen[e.Label] = seen[e.Label] || len(seen) < n; seen[e.Label] {
			out = append(out, e)
		} else {
			delete(seen, e.Label)
		}
	}
	return out
}

func BenchmarkClassify(b *testing.B) {
	train, test := readTSV(b, "clinc150_full/train.tsv"), readTSV(b, "clinc150_full/valid.tsv")
	for _, n := range []int{30, 150} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := mustTrain(b, ofLabels(train, n), Options{})
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				m.Classify(test[i%len(test)].Text, nil)
				i++
			}
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	for _, c := range []struct {
		name, file string
		labels     int
		each       int
	}{
		{"20x15", "clinc150_full/train.tsv", 20, 15},
		{"2000", "clinc150_full/train.tsv", 150, 14},
		{"15000", "clinc150_full/train.tsv", 150, 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			have := map[string]int{}
			var examples []Example
			for _, e := range ofLabels(readTSV(b, c.file), c.labels) {
				if have[e.Label]++; have[e.Label] <= c.each {
					examples = append(examples, e)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Train(context.Background(), examples, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSumRows(b *testing.B) {
	for _, labels := range []int{30, 150} {
		b.Run(fmt.Sprint(labels), func(b *testing.B) {
			const features = 4096
			q := newRows(make([]float32, features*labels), make([]uint8, features), labels)
			ids, sums := make([]int32, 130), make([]int32, q.stride*lanes)
			for i := range ids {
				ids[i] = int32(mix(uint64(i)) % features)
			}
			for b.Loop() {
				q.sum(sums, ids)
			}
		})
	}
}
