// Package console is the bot in a terminal, or at the end of a pipe: each line
// is a direct message, and its answer is printed before the next is read.
//
// It knows one person, whoever holds the terminal, and no rooms. It edits no
// lines and keeps no history of them: the terminal's own line editing is all
// there is.
package console

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// Config says where to read and write, and as whom.
type Config struct {
	In  io.Reader
	Out io.Writer
	// Prompt is printed before each line is read, empty when nobody watches.
	Prompt string
	// Person is who types.
	Person bot.Person
	// Ended is called once, when the input has ended and its last line was
	// answered: the place to cancel the context of Bot.Run. Nil leaves the bot
	// running.
	Ended func()
	// Clock is the source of time; nil means the system's.
	Clock clock.Clock
}

// Transport implements bot.Transport.
type Transport struct {
	cfg    Config
	screen *Screen
	// session tells our lines from those of earlier runs, which a journal may
	// know.
	session string

	mu       sync.Mutex
	asked    *bot.Message  // the line last read, until the core is done with it
	answered chan struct{} // closed then
}

// New makes a Transport.
func New(cfg Config) *Transport {
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Ended == nil {
		cfg.Ended = func() {}
	}
	return &Transport{cfg: cfg, screen: NewScreen(cfg.Out, cfg.Prompt), session: rand.Text()}
}

// Name implements bot.Transport.
func (*Transport) Name() string { return "console" }

// Run reads lines until the input or ctx ends. It returns an error when the
// input cannot be read or the output not written. The goroutine that waits for
// a terminal may outlive it, see [Lines].
func (t *Transport) Run(ctx context.Context, in bot.Inbox) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	lines := Lines(reading, t.cfg.In)
	for n := 1; ; n++ {
		if err := t.screen.Ask(); err != nil {
			return fmt.Errorf("cannot write: %w", err)
		}
		select {
		case line, ok := <-lines:
			if !ok {
				err := t.screen.Leave()
				t.cfg.Ended()
				<-ctx.Done()
				return err
			}
			t.screen.Entered()
			if err := t.take(ctx, in, n, line); err != nil {
				return err
			}
		case <-ctx.Done():
			return t.screen.Leave()
		}
	}
}

// take deals with one line. Its error is one that ends the conversation.
func (t *Transport) take(ctx context.Context, in bot.Inbox, n int, line Line) error {
	switch {
	case line.Err != nil:
		return fmt.Errorf("cannot read the next line: %w", line.Err)
	case line.Long:
		return t.screen.Print(fmt.Sprintf("That line is longer than %d bytes and was skipped.", MaxLine))
	case strings.TrimSpace(line.Text) == "":
		return nil
	}
	if err := t.ask(ctx, in, n, line.Text); err != nil {
		return t.screen.Print(err.Error())
	}
	return nil
}

// ask hands one line to the bot and waits for the answer.
func (t *Transport) ask(ctx context.Context, in bot.Inbox, n int, text string) error {
	m := &bot.Message{
		ID: t.session + strconv.Itoa(n), Unique: true, Transport: t.Name(),
		From: t.cfg.Person.Account, To: "bot", Private: true, Addressed: true,
		Sender: t.cfg.Person, Text: text, At: t.cfg.Clock.Now(),
	}
	answered := make(chan struct{})
	t.mu.Lock()
	t.asked, t.answered = m, answered
	t.mu.Unlock()
	if err := in.Deliver(m); err != nil {
		return err
	}
	select {
	case <-answered:
	case <-ctx.Done():
	}
	return nil
}

// Concluded implements bot.Concluder. It comes after a line that was answered
// with silence, too.
func (t *Transport) Concluded(m *bot.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m == t.asked {
		t.asked = nil
		close(t.answered)
	}
}

// Send implements bot.Transport. What answers no line, a notice, comes when it
// comes.
func (t *Transport) Send(_ context.Context, out bot.Outgoing) error {
	return t.screen.Print(out.Reply.Plain())
}
