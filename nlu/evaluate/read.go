package evaluate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"dragoman/nlu"
)

// OOS is the label of an utterance that is out of scope.
const OOS = "oos"

// MaxLine is the longest line of a file in bytes, without its end.
const MaxLine = 64 << 10

// Sample is one labelled utterance.
type Sample struct {
	Label string
	Text  string
	Line  int // of the file, from 1
}

// Tagged is one labelled utterance with a BIO tag for each of its tokens.
type Tagged struct {
	Label  string
	Tokens []string
	Tags   []string // as many as Tokens: "O", "B-playlist", "I-playlist"
	Line   int      // of the file, from 1
}

// ReadTSV reads lines of the form "label<TAB>text" in UTF-8. A byte order
// mark, CRLF, blank lines and empty texts, which real data has, are fine. An
// error names the line that it is in.
func ReadTSV(r io.Reader) ([]Sample, error) {
	var samples []Sample
	err := eachLine(r, func(line int, text string) error {
		label, text, err := cutLabel(text)
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		if strings.Contains(text, "\t") {
			return errors.New("there are more than two columns: is it a file with slots (label, tokens, tags)?")
		}
		samples = append(samples, Sample{Label: label, Text: text, Line: line})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return samples, nil
}

// ReadBIO reads lines of the form "label<TAB>tokens<TAB>tags", where tokens and
// tags are separated by spaces and there are as many of them. What a line may
// be otherwise is as for ReadTSV. Tags in an order that makes no sense, such as
// O I-x, are fine: they are read as conlleval does.
func ReadBIO(r io.Reader) ([]Tagged, error) {
	var samples []Tagged
	err := eachLine(r, func(line int, text string) error {
		label, rest, err := cutLabel(text)
		if err != nil {
			return err
		}
		left, right, ok := strings.Cut(rest, "\t")
		if !ok {
			return errors.New("there is no second tab: expected label, tokens and tags")
		}
		s := Tagged{Label: label, Tokens: strings.Fields(left), Tags: strings.Fields(right), Line: line}
		if len(s.Tokens) != len(s.Tags) {
			return fmt.Errorf("there are %d tokens but %d tags", len(s.Tokens), len(s.Tags))
		}
		for _, tag := range s.Tags {
			if tag != "O" && tag != "B" && tag != "I" && !strings.HasPrefix(tag, "B-") && !strings.HasPrefix(tag, "I-") {
				return fmt.Errorf("%q is no tag: expected O, B-slot or I-slot", nlu.Cut(tag))
			}
		}
		samples = append(samples, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return samples, nil
}

// cutLabel returns the label of a line and what follows it.
func cutLabel(text string) (label, rest string, err error) {
	label, rest, ok := strings.Cut(text, "\t")
	label = strings.TrimSpace(label)
	switch {
	case !ok:
		return "", "", fmt.Errorf("there is no tab in %q: expected label and text", nlu.Cut(text))
	case label == "":
		return "", "", errors.New("the label is empty")
	}
	return label, rest, nil
}

// eachLine calls do for every line that is not blank.
func eachLine(r io.Reader, do func(line int, text string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), MaxLine+2) // room for the CRLF
	n := 0
	for s.Scan() {
		n++
		text := s.Text()
		if n == 1 {
			text = strings.TrimPrefix(text, "\uFEFF")
		}
		switch {
		case len(text) > MaxLine:
			return fmt.Errorf("line %d: it is longer than %d bytes", n, MaxLine)
		case !utf8.ValidString(text):
			return fmt.Errorf("line %d: it is not UTF-8", n)
		case strings.TrimSpace(text) == "":
			continue
		}
		if err := do(n, text); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := s.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("line %d: it is longer than %d bytes", n+1, MaxLine)
	case err != nil:
		return fmt.Errorf("after line %d: %w", n, err)
	}
	return nil
}
