package bot

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Reply is an answer or a notice as data; each surface renders it in its own
// way, and Plain is the rendering for those that have only text. The zero
// Reply says nothing, and nothing is sent.
type Reply struct {
	// Text is one or more lines of plain text.
	Text string
	// Table follows the text.
	Table *Table
	// Choices are the answers that a question expects.
	Choices []string
	// Private sends the reply to the person alone, also from a room.
	Private bool
}

// Table is rows of cells under optional headings. A row may be shorter than
// the headings.
type Table struct {
	Head []string
	Rows [][]string
}

// Say is a reply of plain text.
func Say(text string) Reply { return Reply{Text: text} }

// Sayf is a reply of formatted text. What people wrote belongs in args, never
// in format.
func Sayf(format string, args ...any) Reply { return Reply{Text: fmt.Sprintf(format, args...)} }

// IsZero reports whether the reply says nothing.
func (r Reply) IsZero() bool { return r.Text == "" && r.Table == nil && len(r.Choices) == 0 }

// Plain renders the whole reply as text: the table in aligned columns, the
// choices in one line.
func (r Reply) Plain() string {
	if r.Table == nil && len(r.Choices) == 0 {
		return r.Text
	}
	var parts []string
	if r.Text != "" {
		parts = append(parts, r.Text)
	}
	if r.Table != nil {
		parts = append(parts, r.Table.plain())
	}
	if len(r.Choices) > 0 {
		parts = append(parts, "("+strings.Join(r.Choices, " / ")+")")
	}
	return strings.Join(parts, "\n")
}

func (t *Table) plain() string {
	rows := t.Rows
	if len(t.Head) > 0 {
		rows = append([][]string{t.Head}, rows...)
	}
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		for j, cell := range row {
			b.WriteString(cell)
			if j < len(row)-1 {
				b.WriteString(strings.Repeat(" ", width[j]-utf8.RuneCountInString(cell)+2))
			}
		}
	}
	return b.String()
}
