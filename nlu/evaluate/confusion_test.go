package evaluate

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestConfusion(t *testing.T) {
	c := NewConfusion(pairs("b:a a:a a:b a:b oos: oos:a zz:oos b:c"))
	if got, want := c.Labels(), []string{"a", "b", "c", "zz", "oos"}; !reflect.DeepEqual(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	if c.Count("a", "b") != 2 || c.Count("oos", "") != 1 || c.Count("", "oos") != 1 || c.Count("a", "zz") != 0 || c.Count("x", "a") != 0 {
		t.Error("the counts are wrong")
	}
	if c.Total("a") != 3 || c.Total("c") != 0 || c.Total("") != 2 || c.Total("x") != 0 {
		t.Error("the totals are wrong")
	}
	want := []Pair{{"a", "b", 2, 2.0 / 3}, {"b", "a", 1, 0.5}, {"b", "c", 1, 0.5}, {"zz", "oos", 1, 1}, {"oos", "a", 1, 0.5}}
	if got := c.Pairs(-1); !reflect.DeepEqual(got, want) {
		t.Errorf("pairs %v, want %v", got, want)
	}
	if got := c.Pairs(2); !reflect.DeepEqual(got, want[:2]) {
		t.Errorf("two pairs: %v", got)
	}
}

// many returns predictions of n labels, every third of which is confused.
func many(n int) []Prediction {
	var ps []Prediction
	for i := range n {
		for k := range 12 {
			p := Prediction{Want: fmt.Sprintf("intent_%04d_é", i)}
			p.Got = p.Want
			if i%3 == 0 && k > i%11 {
				p.Got = fmt.Sprintf("intent_%04d_é", (i+k)%n)
			}
			ps = append(ps, p)
		}
	}
	return append(ps, pairs("oos: oos:intent_0001_é")...)
}

func TestPNG(t *testing.T) {
	for _, n := range []int{1, 8, 60, 300, 700} {
		c := NewConfusion(many(n))
		var a, b bytes.Buffer
		if err := c.WritePNG(&a); err != nil {
			t.Fatal(err)
		}
		if err := NewConfusion(many(n)).WritePNG(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%d labels: two pictures of the same counts differ, %v", n, err)
		}
		img, err := png.Decode(&a)
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X < n || size.Y < n || size.X > 4500 || size.Y > 4500 {
			t.Errorf("%d labels make a picture of %v", n, size)
		}
	}
}

func TestPNGShowsWhatIsConfused(t *testing.T) {
	c := NewConfusion(pairs("a:a a:b b:b"))
	var buf bytes.Buffer
	if err := c.WritePNG(&buf); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&buf)
	if err != nil {
		t.Fatal(err)
	}
	p := newPicture(c.labels)
	corner := func(row, column int) (r, g, b uint32) {
		r, g, b, _ = img.At(p.left+column*p.cell, p.top+row*p.cell).RGBA()
		return r >> 8, g >> 8, b >> 8
	}
	if r, _, b := corner(0, 0); b != 255 || r >= 235 {
		t.Errorf("a for a is not blue: %d, %d", r, b)
	}
	if r, g, _ := corner(0, 1); r != 255 || g >= 225 {
		t.Errorf("b for a is not red: %d, %d", r, g)
	}
	right, _, _ := corner(1, 1)
	half, _, _ := corner(0, 0)
	if right >= half {
		t.Errorf("all of a row (%d) is not darker than half of it (%d)", right, half)
	}
	if r, g, b := corner(1, 0); r != g || g != b {
		t.Errorf("an empty cell has a colour: %d %d %d", r, g, b)
	}
}

func TestPNGRefuses(t *testing.T) {
	if err := NewConfusion(nil).WritePNG(io.Discard); err == nil {
		t.Error("a picture of nothing is drawn")
	}
	if err := NewConfusion(many(maxPicture + 1)).WritePNG(io.Discard); err == nil || !strings.Contains(err.Error(), "2002") {
		t.Errorf("a picture of too many labels: %v", err)
	}
}

// Every character is drawn, and none like another.
func TestGlyphsDiffer(t *testing.T) {
	if len(glyphs) != ('~'-' '+1)*glyphWidth {
		t.Fatalf("there are %d columns", len(glyphs))
	}
	seen := map[string]byte{}
	for c := byte(' '); c <= '~'; c++ {
		columns := glyphs[int(c-' ')*glyphWidth:][:glyphWidth]
		if other, ok := seen[columns]; ok {
			t.Errorf("%c looks like %c", c, other)
		}
		seen[columns] = c
		if c > ' ' && strings.Trim(columns, "\x00") == "" {
			t.Errorf("%c is empty", c)
		}
	}
	glyph(0x80, func(int, int) { t.Error("what is not ASCII is drawn") })
	var l [glyphHeight]string
	for y := range l {
		l[y] = strings.Repeat(" ", glyphWidth)
	}
	glyph('L', func(x, y int) { l[y] = l[y][:x] + "#" + l[y][x+1:] })
	if want := [glyphHeight]string{"#    ", "#    ", "#    ", "#    ", "#    ", "#    ", "#####"}; l != want {
		t.Errorf("L is\n%s", strings.Join(l[:], "\n"))
	}
}

func TestCaptions(t *testing.T) {
	for label, want := range map[string]string{
		"get-status":               "get-status",
		"café":                     "caf?",
		strings.Repeat("long", 10): strings.Repeat("long", 10)[:maxCaption-2] + "..",
	} {
		if got := captionOf(label); got != want {
			t.Errorf("%q: %q, want %q", label, got, want)
		}
	}
}
