package nlu

import (
	"fmt"
	"strings"
)

// Span is a part of a text that fills a slot.
type Span struct {
	Slot       string // the name of the slot
	Start, End int    // bytes of the text
}

// Example is a sentence that means a command. Stages that learn are trained on
// them; unlike a template, an example stands for all that is said like it.
type Example struct {
	Text   string // as a person would write it, without marks
	Slots  []Span // the parts that fill slots, in their order
	Source string // where it is written, "skills.yaml:41"; empty for one in code
}

// ParseExample reads an example whose slots are marked like links in Markdown:
//
//	add [the album](music_item) to [my list](playlist)
//
// A backslash makes the next character an ordinary one. Brackets that no
// parenthesis follows are ordinary too. The error says what is wrong and where.
func ParseExample(marked string) (Example, error) {
	var e Example
	var text strings.Builder
	open := -1 // where in text the marked part began
	for i := 0; i < len(marked); i++ {
		switch c := marked[i]; {
		case c == '\\' && i+1 < len(marked):
			i++
			text.WriteByte(marked[i])
		case c == '[' && closes(marked[i:]):
			if open >= 0 {
				return Example{}, fmt.Errorf("nlu: example %q, column %d: a slot inside of a slot", Cut(marked), i+1)
			}
			open = text.Len()
		case c == ']' && open >= 0:
			if i+1 >= len(marked) || marked[i+1] != '(' {
				return Example{}, fmt.Errorf("nlu: example %q, column %d: expected (slot) after ]", Cut(marked), i+2)
			}
			name, _, ok := strings.Cut(marked[i+2:], ")")
			if !ok || name == "" || open == text.Len() {
				return Example{}, fmt.Errorf("nlu: example %q, column %d: expected [words](slot)", Cut(marked), i+1)
			}
			e.Slots = append(e.Slots, Span{Slot: name, Start: open, End: text.Len()})
			open = -1
			i += len(name) + 2
		default:
			text.WriteByte(c)
		}
	}
	e.Text = text.String()
	if strings.TrimSpace(e.Text) == "" {
		return Example{}, fmt.Errorf("nlu: an example is empty")
	}
	return e, nil
}

// closes reports whether the bracket that s begins with is closed by "](".
func closes(s string) bool {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ']':
			return i+1 < len(s) && s[i+1] == '('
		}
	}
	return false
}
