package entity_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/nlu/entity"
)

// manyNames returns n names of the kinds that people give to machines.
func manyNames(n int) []string {
	rng := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("al be ca don er fra gu hel in jo ka lum mer nor os pan qua ro sil tor ul ver wes xan yor zet")
	names := make([]string, n)
	for i := range names {
		var b strings.Builder
		for range 2 + rng.IntN(3) {
			b.WriteString(syllables[rng.IntN(len(syllables))])
		}
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "-%d", i)
		case 1:
			fmt.Fprintf(&b, " %s", syllables[rng.IntN(len(syllables))]+syllables[rng.IntN(len(syllables))])
		default:
			fmt.Fprintf(&b, "%d", i)
		}
		names[i] = b.String()
	}
	return names
}

func benchFind(b *testing.B, r *entity.Recognizer, text, lang string) {
	b.ReportAllocs()
	var dst []entity.Entity
	start := cpuTime()
	for b.Loop() {
		dst = r.Find(dst[:0], text, lang)
	}
	reportCPU(b, start)
}

// cpuTime is the processor time that this process has used. On a machine that
// others use too it says more than the wall clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func reportCPU(b *testing.B, start time.Duration) {
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		names := append(manyNames(n), "machine1", "web1", "Alpha Centauri")
		r := entity.New(entity.Options{Gazetteers: map[string][]string{
			entity.KindMachine: names, entity.KindPerson: {"John Doe", "Anna"}, entity.KindRoom: {"ops"}, entity.KindEvent: {"Interview"},
		}})
		b.Run(fmt.Sprintf("names=%d/exact", n), func(b *testing.B) {
			benchFind(b, r, "please tell me what the status of machine1 is right now", "en")
		})
		b.Run(fmt.Sprintf("names=%d/typos", n), func(b *testing.B) {
			benchFind(b, r, "plaese tell me waht teh statsu of mahcine1 and alpha centuri is rigth now", "en")
		})
		b.Run(fmt.Sprintf("names=%d/german", n), func(b *testing.B) {
			benchFind(b, r, "sag mir bitte wie es der Maschine web1 heute um drei geht", "de")
		})
		b.Run(fmt.Sprintf("names=%d/unknown-language", n), func(b *testing.B) {
			benchFind(b, r, "please tell me what the status of machine1 is right now", "")
		})
	}
}

func BenchmarkSet(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		names := manyNames(n)
		b.Run(fmt.Sprintf("names=%d", n), func(b *testing.B) {
			r := entity.New(entity.Options{})
			start := cpuTime()
			for b.Loop() {
				r.Set(entity.KindMachine, names...)
			}
			reportCPU(b, start)
		})
	}
}

func BenchmarkNew(b *testing.B) {
	start := cpuTime()
	for b.Loop() {
		entity.New(entity.Options{})
	}
	reportCPU(b, start)
}
