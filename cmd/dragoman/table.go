package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"dragoman/bot/outbox"
)

// none is what stands in the place of a table without rows.
const none = "There is none."

// table prints rows under a heading, or that there are none.
func table(out io.Writer, empty, head string, rows int, row func(n int) string) error {
	if rows == 0 {
		_, err := fmt.Fprintln(out, empty)
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	for n := range rows {
		fmt.Fprintln(w, row(n))
	}
	return w.Flush()
}

// newest says that a table may not be all there is.
func newest(out io.Writer, rows, limit int) error {
	if rows == 0 || rows < limit {
		return nil
	}
	_, err := fmt.Fprintf(out, "These are the newest %d; --limit shows more.\n", rows)
	return err
}

// moment is a time for a table, "-" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// oneLine is text for a cell: what people wrote must not draw on the terminal.
func oneLine(text string, width int) string {
	runes := []rune(outbox.Visible(strings.Join(strings.Fields(text), " ")))
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return cmp.Or(string(runes), "-")
}

// lines is text whole, for the last column: no line of it looks like a row.
func lines(text string) string {
	text = strings.ReplaceAll(outbox.Visible(text), "\t", " ")
	return cmp.Or(strings.ReplaceAll(text, "\n", "\n\t"), "-")
}
