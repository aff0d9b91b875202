package console

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// Screen writes whole texts to a terminal or a pipe. On a terminal, where it
// has a prompt, a text that comes while the prompt waits gets a line of its own
// and the prompt is shown again after it, so that what a person is typing is
// neither torn apart nor lost. Its methods may be called from any goroutine.
type Screen struct {
	out    io.Writer
	prompt string

	mu      sync.Mutex
	waiting bool // the cursor stands behind the prompt
}

// NewScreen makes a Screen. An empty prompt means that nobody types: a pipe.
func NewScreen(out io.Writer, prompt string) *Screen {
	return &Screen{out: out, prompt: prompt}
}

// Ask shows the prompt.
func (s *Screen) Ask() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prompt == "" || s.waiting {
		return nil
	}
	s.waiting = true
	_, err := io.WriteString(s.out, s.prompt)
	return err
}

// Entered notes that the person has ended a line, and so the cursor's.
func (s *Screen) Entered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
}

// Print writes text and ends the line. Control characters, which could paint
// over the screen, are replaced by U+FFFD: the text may be a stranger's.
func (s *Screen) Print(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	text = printable(text)
	if s.waiting {
		_, err := fmt.Fprintf(s.out, "\n%s\n%s", text, s.prompt)
		return err
	}
	_, err := fmt.Fprintln(s.out, text)
	return err
}

// Leave ends the line of a prompt that will get no answer any more.
func (s *Screen) Leave() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.waiting {
		return nil
	}
	s.waiting = false
	if _, err := fmt.Fprintln(s.out); !hungUp(err) {
		return err
	}
	return nil
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
