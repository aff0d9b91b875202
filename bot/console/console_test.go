package console

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"dragoman/bot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a core that answers each message with its text, and some otherwise.
type echo struct {
	*Transport
	got []*bot.Message
}

func (e *echo) Deliver(m *bot.Message) error {
	switch m.Text {
	case "refuse":
		return bot.ErrBusy
	case "silence":
	default:
		_ = e.Send(context.Background(), bot.Outgoing{Reply: bot.Say("heard " + m.Text), About: m})
	}
	e.got = append(e.got, m)
	e.Concluded(m)
	return nil
}

// converse runs a Transport to the end of its input.
func converse(t *testing.T, cfg Config) (*echo, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg.Ended = cancel
	e := &echo{Transport: New(cfg)}
	err := e.Run(ctx, e)
	return e, err
}

func TestEachLineIsAnsweredBeforeTheNextIsRead(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	skipped := "That line is longer than 65536 bytes and was skipped.\n"
	for _, c := range []struct{ name, input, want string }{
		{"nothing", "", ""},
		{"one line", "a\n", "heard a\n"},
		{"a last line without its end", "a\nb", "heard a\nheard b\n"},
		{"the line ends of Windows", "a\r\nb\r\n", "heard a\nheard b\n"},
		{"empty lines", "\n \n\t\na\n\n", "heard a\n"},
		{"spaces are the core's business", " a \n", "heard  a \n"},
		{"silence", "silence\na\n", "heard a\n"},
		{"a core that refuses", "refuse\na\n", bot.ErrBusy.Error() + "\nheard a\n"},
		{"the longest line", long + "\na\n", "heard " + long + "\nheard a\n"},
		{"the longest line and the line ends of Windows", long + "\r\na\n", "heard " + long + "\nheard a\n"},
		{"a line that is too long", long + "x\na\n", skipped + "heard a\n"},
		{"a line that is far too long", strings.Repeat(long, 20) + "\na\n", skipped + "heard a\n"},
		{"a last line that is too long", "a\n" + long + "x", "heard a\n" + skipped},
	} {
		var out strings.Builder
		if _, err := converse(t, Config{In: strings.NewReader(c.input), Out: &out}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if out.String() != c.want {
			t.Errorf("%s: the output is %.200q, want %.200q", c.name, out.String(), c.want)
		}
		out.Reset()
		if _, err := converse(t, Config{In: iotest.OneByteReader(strings.NewReader(c.input)), Out: &out}); err != nil || out.String() != c.want {
			t.Errorf("%s, byte by byte: %v, %.200q", c.name, err, out.String())
		}
	}
}

func TestALineIsADirectMessageOfThePerson(t *testing.T) {
	john := bot.Person{Account: "john@chat.local", Handle: "john"}
	e, err := converse(t, Config{In: strings.NewReader("a\nb\n"), Out: io.Discard, Person: john})
	if err != nil || len(e.got) != 2 {
		t.Fatalf("%v, %d messages", err, len(e.got))
	}
	m := e.got[0]
	if m.Sender != john || m.From != john.Account || m.Transport != e.Name() || !m.Private || !m.Addressed || m.Room != "" || m.At.IsZero() {
		t.Errorf("the message is %+v", m)
	}
	again, err := converse(t, Config{In: strings.NewReader("a\n"), Out: io.Discard, Person: john})
	if err != nil {
		t.Fatal(err)
	}
	if next, later := e.got[1].ID, again.got[0].ID; !m.Unique || m.ID == "" || m.ID == next || m.ID == later {
		t.Errorf("ids are %q, %q and %q in another run: the core would take one for a repetition", m.ID, next, later)
	}
}

func TestAnInputThatFailsIsAnError(t *testing.T) {
	broken := errors.New("the disk is on fire")
	_, err := converse(t, Config{In: io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken)), Out: io.Discard})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

func TestAnOutputThatFailsIsAnError(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if _, err := converse(t, Config{In: strings.NewReader("\na\n"), Out: w, Prompt: "> "}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the error is %v", err)
	}
}

func TestRunEndsWithItsContextWhileALineIsAwaited(t *testing.T) {
	in, typing := io.Pipe()
	defer typing.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tr := New(Config{In: in, Out: io.Discard, Ended: func() { t.Error("the input has not ended") }})
	if err := tr.Run(ctx, &echo{Transport: tr}); err != nil {
		t.Error(err)
	}
}

// slow is a core that never answers.
type slow struct{ delivered chan struct{} }

func (s slow) Deliver(*bot.Message) error {
	close(s.delivered)
	return nil
}

func TestRunEndsWithItsContextWhileAnAnswerIsAwaited(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	core := slow{make(chan struct{})}
	go func() {
		<-core.delivered
		cancel()
	}()
	if err := New(Config{In: strings.NewReader("a\nb\n"), Out: io.Discard}).Run(ctx, core); err != nil {
		t.Error(err)
	}
}

func TestTheEndOfSomethingElseAnswersNothing(t *testing.T) {
	tr := New(Config{Out: io.Discard})
	m := &bot.Message{ID: "1"}
	tr.asked, tr.answered = m, make(chan struct{})
	tr.Concluded(&bot.Message{ID: "1"})
	select {
	case <-tr.answered:
		t.Fatal("another message's end was taken for the line's")
	default:
	}
	tr.Concluded(m)
	<-tr.answered
	tr.Concluded(m) // a second one must not panic
}

func TestThePromptIsShownAgainAfterANotice(t *testing.T) {
	notice := bot.Outgoing{Reply: bot.Say("web1 has gone down.")}
	for _, c := range []struct{ name, prompt, want string }{
		{"at a terminal", "> ", "> heard a\n> \nweb1 has gone down.\n> heard b\n> \n"},
		{"at a pipe", "", "heard a\nweb1 has gone down.\nheard b\n"},
	} {
		in, typing := io.Pipe()
		out := newWrites()
		ctx, cancel := context.WithCancel(t.Context())
		e := &echo{Transport: New(Config{In: in, Out: out, Prompt: c.prompt, Ended: cancel})}
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx, e) }()
		io.WriteString(typing, "a\n")
		out.await("heard a\n" + c.prompt)
		if err := e.Send(ctx, notice); err != nil {
			t.Error(err)
		}
		io.WriteString(typing, "b\n")
		typing.Close()
		if err := <-done; err != nil || out.String() != c.want {
			t.Errorf("%s: %v, the screen is %q, want %q", c.name, err, out.String(), c.want)
		}
	}
}

func TestControlCharactersDoNotReachTheScreen(t *testing.T) {
	var out strings.Builder
	if err := NewScreen(&out, "").Print("a\x1b[2Jb\rc\x07d\u009be\tf\ng ☺"); err != nil {
		t.Fatal(err)
	}
	if want := "a\ufffd[2Jb\ufffdc\ufffdd\ufffde\tf\ng ☺\n"; out.String() != want {
		t.Errorf("the screen gets %q, want %q", out.String(), want)
	}
}

// writes is an output that can be awaited.
type writes struct {
	mu   sync.Mutex
	text string
	more *sync.Cond
}

func newWrites() *writes {
	w := new(writes)
	w.more = sync.NewCond(&w.mu)
	return w
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text += string(p)
	w.more.Broadcast()
	return len(p), nil
}

// await waits until the output ends in text.
func (w *writes) await(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !strings.HasSuffix(w.text, text) {
		w.more.Wait()
	}
}

func (w *writes) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text
}

// FuzzLines: whatever the input and however it comes, each line of it is there,
// but for its end, or is known to be too long.
func FuzzLines(f *testing.F) {
	f.Add("a\nb\r\n\n c", uint8(3), uint8(9))
	f.Add(strings.Repeat("y", 20)+"\n"+strings.Repeat("z", 21)+"\r\n\r", uint8(5), uint8(20))
	f.Fuzz(func(t *testing.T, input string, chunk, limit uint8) {
		var want []Line
		for part := range strings.Lines(input) {
			text := strings.TrimSuffix(strings.TrimSuffix(part, "\n"), "\r")
			if len(text) > int(limit) {
				want = append(want, Line{Long: true})
			} else {
				want = append(want, Line{Text: text})
			}
		}
		n := 0
		for line := range lines(t.Context(), chunks{strings.NewReader(input), 1 + int(chunk)}, int(limit)) {
			if n >= len(want) || line != want[n] {
				t.Fatalf("line %d is %+q", n, line.Text)
			}
			n++
		}
		if n != len(want) {
			t.Fatalf("%d lines came, want %d", n, len(want))
		}
	})
}

// chunks reads at most n bytes at a time.
type chunks struct {
	r io.Reader
	n int
}

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.n)]) }

// gone is a terminal whose window was closed.
type gone struct{}

func (gone) Read([]byte) (int, error) {
	return 0, &os.PathError{Op: "read", Path: "/dev/pts/1", Err: syscall.EIO}
}
func (gone) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/pts/1", Err: syscall.EIO}
}

func TestAClosedWindowIsTheEndAndNoFailure(t *testing.T) {
	for l := range Lines(t.Context(), gone{}) {
		t.Errorf("got the line %+v", l)
	}
	s := NewScreen(gone{}, "> ")
	_ = s.Ask() // says that nothing can be written
	if err := s.Leave(); err != nil {
		t.Errorf("Leave: %v", err)
	}
}
