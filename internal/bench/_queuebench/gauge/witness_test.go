package gauge

import (
	"strings"
	"testing"
)

func TestTheWitnessSaysWhatMakesAFigureWorthless(t *testing.T) {
	for name, test := range map[string]struct {
		groups int
		ran    []int
		want   string // empty: nothing is wrong
	}{
		"all once, in order":              {2, []int{0, 1, 2, 3}, ""},
		"groups among each other":         {2, []int{1, 3, 0, 2}, ""},
		"any order where none was asked":  {0, []int{3, 1, 0, 2}, ""},
		"out of order":                    {2, []int{2, 0, 1, 3}, "1 jobs ran after a later one"},
		"one twice, and therefore one no": {0, []int{0, 1, 1, 2}, "2 of 4 jobs did not run once"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(4, test.groups)
			for _, n := range test.ran {
				w.ran(n)
			}
			select {
			case <-w.all:
			default:
				t.Error("four jobs ran, and the witness waits for more")
			}
			err := w.verdict()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("the verdict is %v, want %q", err, test.want)
			}
		})
	}
}
