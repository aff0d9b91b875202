package when

import (
	"strings"
	"testing"
	"time"
)

// 64 KiB of the worst that is known take milliseconds where time is linear, and
// many seconds where it is not. The limits leave room for the race detector and
// for a machine that others use as well.
func TestTimeIsLinear(t *testing.T) {
	at := monday10(t)
	for _, word := range []string{"1 ", "every ", "the ", "monday and ", "1/", "1:1 ", "from ", "5. ", "von 5 bis ", "de 5 a ",
		"twenty five ", "last ", "one hour ", "until ", "a.m.", "1h", "in ", "le 5 ", "dans ", "chaque lundi ", "lundi et mardi, ",
		"half past ", "quarter to ", "first monday of ", "end of ", "los lunes y ", "-", "x", "2026-12-05T", "wendesdya ", "since last ",
		"every(31.2(", "(25:00"} {
		limit := 1500 * time.Millisecond
		if word == "1 " || word == "every " {
			limit = 300 * time.Millisecond
		}
		for _, lang := range languages {
			text := strings.Repeat(word, 64<<10/len(word))
			best := time.Hour
			for tries := 0; tries < 5 && best > limit; tries++ {
				begin := time.Now()
				Find(nil, text, lang, at)
				best = min(best, time.Since(begin))
			}
			if best > limit {
				t.Errorf("64 KiB of %q in %q took %v", word, lang, best)
			}
			if testing.Verbose() && best > 50*time.Millisecond {
				t.Logf("64 KiB of %q in %q took %v", word, lang, best)
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	at := monday10(b)
	dst := make([]Expression, 0, 8)
	for _, c := range []struct{ name, lang, text string }{
		{"Nothing", "en", "please show me the status of the second machine in the cellar"},
		{"Date", "en", "set up an interview in meeting room A next friday at 3pm please"},
		{"German", "de", "erinnere mich am 5. Dezember um halb acht an den Termin"},
		{"Rule", "es", "reunión todos los lunes a las 9 hasta el 31 de diciembre"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst = Find(dst[:0], c.text, c.lang, at)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile("en", unsettled, append(englishNumbers(), englishRows...), englishNever)
	}
}
