package evaluate

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strconv"
)

const (
	maxPicture = 2000 // labels of a picture
	maxCaption = 28   // characters of a label that are drawn
	margin     = 8    // pixels around everything
)

// Places in the palette. After them come two ramps of shades.
const (
	white = iota
	black
	gray
	ramps
)

const shades = 100

// palette has a ramp of blue for what is right and one of red for what is not.
func palette() color.Palette {
	p := color.Palette{color.Gray{255}, color.Gray{0}, color.Gray{225}}
	for i := range shades {
		v := uint8(235 - 2*i)
		p = append(p, color.RGBA{v, v, 255, 255})
	}
	for i := range shades {
		v := uint8(225 - 2*i)
		p = append(p, color.RGBA{255, v, v, 255})
	}
	return p
}

// picture is a heat map while it is drawn.
type picture struct {
	*image.Paletted
	cell     int // pixels of a cell
	left     int // where the cells begin
	top      int
	captions bool
}

// WritePNG draws the counts as a heat map: a row for every label that was
// meant, a column for every label that was given, blue where they are the same
// and red where they differ, the darker the greater the share of the row.
// Labels and counts are drawn where they fit. The same counts give the same
// bytes. The error is the writer's, or says that there are more than 2,000
// labels or none.
func (c *Confusion) WritePNG(w io.Writer) error {
	n := len(c.labels)
	if n == 0 {
		return fmt.Errorf("evaluate: there is nothing to draw")
	}
	if n > maxPicture {
		return fmt.Errorf("evaluate: a picture of %d labels can't be read; it shows %d at most", n, maxPicture)
	}
	p := newPicture(c.labels)
	for i := range n {
		p.caption(i, c.labels[i])
		for j := range n {
			p.fill(i, j, gray)
		}
	}
	for at, count := range c.counts {
		shade := count * (shades - 1) / c.want[at.want]
		if at.want != at.got {
			shade += shades
		}
		p.fill(at.want, at.got, uint8(ramps+shade))
		p.number(at.want, at.got, count, shade%shades > shades/2)
	}
	p.text(margin, p.Rect.Max.Y-margin-glyphHeight, "rows: meant, columns: understood", black)
	return png.Encode(w, p)
}

// newPicture makes room for the labels: large cells for a few, small ones
// without captions for many.
func newPicture(labels []string) *picture {
	p := &picture{}
	switch n := len(labels); {
	case n <= 40:
		p.cell, p.captions = 24, true
	case n <= 250:
		p.cell, p.captions = 10, true
	case n <= 500:
		p.cell = 4
	default:
		p.cell = 2
	}
	p.left = margin
	if p.captions {
		for _, label := range labels {
			p.left = max(p.left, 2*margin+len(captionOf(label))*glyphAdvance)
		}
	}
	p.top = p.left
	side := p.cell * len(labels)
	legend := len("rows: meant, columns: understood")*glyphAdvance + margin
	p.Paletted = image.NewPaletted(image.Rect(0, 0, max(p.left+side, legend)+margin, p.top+side+2*margin+glyphHeight), palette())
	return p
}

// captionOf cuts a label to what is drawn of it.
func captionOf(label string) string {
	runes := []rune(label)
	if len(runes) > maxCaption {
		runes = append(runes[:maxCaption-2:maxCaption-2], '.', '.')
	}
	for i, r := range runes {
		if r < ' ' || r > '~' {
			runes[i] = '?'
		}
	}
	return string(runes)
}

// caption writes a label beside its row and, from bottom to top, above its
// column.
func (p *picture) caption(i int, label string) {
	if !p.captions {
		return
	}
	text := captionOf(label)
	middle := i*p.cell + (p.cell-glyphHeight)/2
	p.text(p.left-margin/2-len(text)*glyphAdvance, p.top+middle, text, black)
	p.upright(p.left+middle, p.top-margin/2, text, black)
}

// fill paints a cell and leaves a line around it where there is room.
func (p *picture) fill(row, column int, shade uint8) {
	x, y := p.left+column*p.cell, p.top+row*p.cell
	size := p.cell
	if size > 2 {
		size--
	}
	for dy := range size {
		for dx := range size {
			p.SetColorIndex(x+dx, y+dy, shade)
		}
	}
}

// number writes a count into its cell if it fits.
func (p *picture) number(row, column, count int, dark bool) {
	text := strconv.Itoa(count)
	width := len(text)*glyphAdvance - 1
	if width > p.cell-2 || glyphHeight > p.cell-2 {
		return
	}
	ink := uint8(black)
	if dark {
		ink = white
	}
	p.text(p.left+column*p.cell+(p.cell-width)/2, p.top+row*p.cell+(p.cell-glyphHeight)/2, text, ink)
}
