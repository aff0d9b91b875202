package structured_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dragoman/nlu"
)

// What is given by name and quoted comes back as it was, whatever it is.
func TestAnyQuotedValueComesBack(t *testing.T) {
	p := parser(t)
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune(`ab Z9"'\“”„«»=-–?.!ß é…` + "\n\u200b")
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for range 20000 {
		var v strings.Builder
		for range 1 + r.IntN(12) {
			v.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		want := v.String()
		quoted := `"` + escape.Replace(want) + `"`
		for _, text := range []string{"note " + quoted, "note --text=" + quoted, "note --text " + quoted, "note text=" + quoted} {
			in, sure := p.Parse(text, "", nil)
			if got := in.Slots.Get("text"); !sure || got != want {
				t.Fatalf("%s\n got %q, sure %v\nwant %q (%v)", text, got, sure, want, in.Usage)
			}
		}
	}
}

// Every spelling of a name is the command, and every single typo of it is offered.
func TestEveryTypoOfALongNameIsOffered(t *testing.T) {
	p := parser(t)
	for _, name := range []string{"get-status", "list machines", "add machine"} {
		for i := range len(name) - 1 {
			for _, typo := range []string{
				name[:i] + name[i+1:],                                   // one missing
				name[:i] + "x" + name[i:],                               // one more
				name[:i] + string(name[i+1]) + name[i:i+1] + name[i+2:], // two swapped
				name[:i] + string(name[i]%26+'a') + name[i+1:],          // one wrong
				strings.ToUpper(name[:i]) + name[i:i+1] + "x" + name[i+1:] /* and case */} {
				in, sure := p.Parse(typo, "", nil)
				if sure || in.Usage != nil {
					continue // "list machines" without a letter may be another command
				}
				if got := strings.Join(p.Nearest(typo, ""), ","); !strings.Contains(got, name) {
					t.Errorf("%q: offers %q, not %s", typo, got, name)
				}
			}
		}
	}
}

// The time for 64 KiB is linear: far under a second for what would take hours
// if any part were quadratic with a large factor.
func TestLongInputsTakeLinearTime(t *testing.T) {
	p := parser(t)
	for _, piece := range []string{
		"a ", "'a ", "'a'a ", `"`, `\`, `\"`, "“", "„ ", "«", "x=\"", "--x ", "--name=", "-", "—", " ", "\u200b", "\u200b ",
		"e\u0301", "é ", "\xff", "get ", "get-", "list machines ", "?", "''", "'\\' ",
	} {
		for _, head := range []string{"", "get-status ", "add machine ", "say ops ", "note \""} {
			text := head + strings.Repeat(piece, nlu.MaxText/len(piece))
			begin := time.Now()
			p.Parse(text, "", nil)
			p.Nearest(text, "")
			if d := time.Since(begin); d > 500*time.Millisecond {
				t.Errorf("%q and %d times %q took %v", head, nlu.MaxText/len(piece), piece, d)
			}
		}
	}
}

func FuzzStructured(f *testing.F) {
	for _, s := range []string{
		"get-status machine1", `add machine --name="web 1" check=tcp`, "say ops hello", "watch 5m -3 3,5 ja",
		"get-status “web 1” ?", `note "a \" b`, "\u200bget\u00adstatus x", "list-machines!", "note 'a'b 'c'd",
	} {
		f.Add(s)
	}
	p := parser(f)
	f.Fuzz(func(t *testing.T, text string) {
		in, sure := p.Parse(text, "en", nil)
		again, sureAgain := p.Parse(text, "en", nil)
		if fmt.Sprint(in, sure) != fmt.Sprint(again, sureAgain) && in.Usage == nil {
			t.Fatalf("two readings of %q: %v and %v", text, in, again)
		}
		if sure && (in.Command == "" || in.Usage != nil || in.Score != 1) {
			t.Fatalf("%q: sure of %+v", text, in)
		}
		if in.Usage != nil && in.Usage.String() == "" {
			t.Fatalf("%q: a usage without words", text)
		}
		seen := make(map[string]bool)
		for _, v := range in.Slots {
			if seen[v.Slot] {
				t.Fatalf("%q: slot %s twice", text, v.Slot)
			}
			seen[v.Slot] = true
			if v.Start < 0 || v.End > len(text) || v.Start >= v.End {
				t.Fatalf("%q: slot %s has the span %d to %d", text, v.Slot, v.Start, v.End)
			}
			if utf8.ValidString(text) && !utf8.ValidString(v.Text) {
				t.Fatalf("%q: slot %s is not UTF-8: %q", text, v.Slot, v.Text)
			}
		}
		if every := in.Slots.Get("every"); every != "" {
			if _, err := time.ParseDuration(every); err != nil {
				t.Fatalf("%q: duration %v", text, err)
			}
		}
		if times := in.Slots.Get("times"); times != "" {
			if _, err := strconv.ParseInt(times, 10, 64); err != nil {
				t.Fatalf("%q: int %v", text, err)
			}
		}
		if n := len(p.Nearest(text, "en")); n > 3 {
			t.Fatalf("%q: %d offers", text, n)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	p := parser(b)
	for _, bb := range []struct{ name, text string }{
		{"one slot", "get-status machine1"},
		{"three slots", "add machine web1 tcp 127.0.0.1:22"},
		{"flags", `add machine --name "web 1" --check=tcp address=127.0.0.1:22`},
		{"no command", "what is the status of machine1"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(bb.text, "en", nil)
			}
		})
	}
}

func BenchmarkNearest(b *testing.B) {
	p := parser(b)
	b.ReportAllocs()
	for b.Loop() {
		p.Nearest("getstatus machine1", "en")
	}
}

func TestParseAllocatesTheValuesOnly(t *testing.T) {
	p := parser(t)
	for text, most := range map[string]float64{
		"get-status machine1":                      1,
		"add machine --name “web 1” check=tcp a:1": 1,
		"list machines":                            0,
		"what is the status of machine1":           0,
	} {
		if got := testing.AllocsPerRun(100, func() { p.Parse(text, "en", nil) }); got > most {
			t.Errorf("%q: %v allocations, want at most %v", text, got, most)
		}
	}
}
