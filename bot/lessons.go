package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
	"dragoman/nlu/structured"
)

// Lesson is a phrase that somebody taught the bot, and the command line that it
// means.
type Lesson struct {
	Phrase string
	Line   string
	Lang   string // of the phrase, or empty when unknown
}

// Lessons is where the bot finds what it was taught, and what hears of that
// which it does not understand.
type Lessons interface {
	// Lessons are those that count now.
	Lessons(ctx context.Context) ([]Lesson, error)
	// Missed hears that a message was not understood at all. What it returns
	// is added to the answer; it may be nothing.
	Missed(ctx context.Context, m *Message, phrase string) string
}

// Study makes the bot learn from lessons. It must not be called once Run has
// begun.
func (b *Bot) Study(l Lessons) { b.lessons = l }

// Relearn makes lessons count that have changed. The phrases themselves count
// when it returns; what is like them is learned while the bot runs, and until
// that is done it understands as before.
func (b *Bot) Relearn() {
	ctx, cancel := b.within(context.Background(), recallWait)
	defer cancel()
	if _, err := b.install(ctx, nil); err != nil {
		b.log.Error("the lessons could not be read; the bot understands as before", "err", err)
	}
	select {
	case b.relearn <- struct{}{}:
	default: // it is going to, anyway
	}
}

// recallWait bounds how long somebody who teaches waits for the store.
const recallWait = 2 * time.Second

// learning learns anew whenever there is a reason to, until ctx ends.
func (b *Bot) learning(ctx context.Context) {
	for {
		select {
		case <-b.relearn:
			if err := b.Learn(ctx); err != nil && ctx.Err() == nil {
				b.log.Error("the bot could not learn; it understands as before", "err", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Reads returns what a command line means: the name of a command and values
// that fit, as somebody would type them. The error is for people.
func (b *Bot) Reads(line string) (nlu.Intent, error) {
	in, sure := b.understood.Load().exact.Parse(strings.TrimSpace(line), "", nil)
	switch {
	case in.Usage != nil:
		return nlu.Intent{}, errors.New(in.Usage.String())
	case sure && b.commands[in.Command].typed:
		return nlu.Intent{}, fmt.Errorf("%s has to be typed by whom it is about", in.Command)
	case !sure:
		return nlu.Intent{}, fmt.Errorf("“%s” is no command", excerpt(line, 60))
	}
	return in, nil
}

// taught is the stage that knows the lessons word by word.
type taught struct {
	exact   *structured.Parser
	phrases map[string]string // from nlu.Key of the phrase to its line
}

// Name implements nlu.Stage.
func (taught) Name() string { return "taught" }

// Parse implements nlu.Stage.
func (t taught) Parse(text, lang string, into nlu.Values) (nlu.Intent, bool) {
	if len(t.phrases) == 0 || len(text) > maxText {
		return nlu.Intent{}, false
	}
	var buf [256]byte
	line, ok := t.phrases[string(nlu.AppendKey(buf[:0], nlu.TrimEnd(text)))]
	if !ok {
		return nlu.Intent{}, false
	}
	in, sure := t.exact.Parse(line, lang, into)
	in.Stage, in.Why = t.Name(), "was taught to mean "+line
	for i := range in.Slots {
		in.Slots[i].Start, in.Slots[i].End = 0, 0 // nobody wrote them here
	}
	return in, sure
}

// newTaught knows those of the lessons that are still about a command.
func (b *Bot) newTaught(exact *structured.Parser, lessons []Lesson) taught {
	t := taught{exact: exact, phrases: make(map[string]string, len(lessons))}
	for _, l := range lessons {
		if in, sure := exact.Parse(l.Line, "", nil); !sure || in.Usage != nil {
			b.log.Warn("a lesson is about a command that there is no more", "phrase", l.Phrase, "line", l.Line)
			continue
		}
		t.phrases[nlu.Key(nlu.TrimEnd(l.Phrase))] = l.Line
	}
	return t
}

// examples are the lessons as sentences to learn from, by command and language:
// those whose phrase has all that their line has. "How is the old lady" says
// nothing of web1, so nothing that is like it can mean web1 either.
func (t taught) examples(lessons []Lesson) []nlu.Phrase {
	var out []nlu.Phrase
	for _, l := range lessons {
		in, sure := t.exact.Parse(l.Line, l.Lang, nil)
		if !sure || in.Usage != nil {
			continue
		}
		if spans, ok := marked(l.Phrase, in.Slots); ok {
			e := nlu.Example{Text: l.Phrase, Slots: spans, Source: "a lesson"}
			out = append(out, nlu.Phrase{Command: in.Command, Lang: l.Lang, Example: e, Source: e.Source})
		}
	}
	return out
}

// marked finds each value in a phrase, and reports whether all are there.
func marked(phrase string, values nlu.Values) (spans []nlu.Span, ok bool) {
	for _, v := range values {
		free := slices.DeleteFunc(starts(phrase, v.Text), func(i int) bool {
			return slices.ContainsFunc(spans, func(s nlu.Span) bool { return i < s.End && s.Start < i+len(v.Text) })
		})
		if len(free) == 0 {
			return nil, false
		}
		spans = append(spans, nlu.Span{Slot: v.Slot, Start: free[0], End: free[0] + len(v.Text)})
	}
	slices.SortFunc(spans, func(a, b nlu.Span) int { return a.Start - b.Start })
	return spans, true
}

// starts are the bytes at which a value stands in a phrase as words of its own.
func starts(phrase, value string) (list []int) {
	for i := range phrase {
		end := i + len(value)
		if value == "" || end > len(phrase) || !strings.EqualFold(phrase[i:end], value) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(phrase[:i])
		after, _ := utf8.DecodeRuneInString(phrase[end:])
		if !inWord(before) && !inWord(after) {
			list = append(list, i)
		}
	}
	return list
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
