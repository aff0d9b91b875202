package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dragoman/internal/bench/stats"
	"dragoman/internal/counterpart"
)

// TestMain is also the program itself, because the benchmark calls its own
// file as echo and load.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == asEcho || os.Args[1] == asLoad) {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

const testSecret = "s3cret"

// prosody is a server with the components of the benchmark.
func prosody(t *testing.T) func(domain string) component {
	s := counterpart.Prosody(t, counterpart.Options{Components: map[string]string{
		loadDomain: testSecret, echoDomain: testSecret, botDomain: testSecret,
	}})
	return func(domain string) component { return component{s.Component(domain), domain, testSecret} }
}

// playing runs a peer until the test ends.
func playing(t *testing.T, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// askFor is a short load of whoever is at the address.
func askFor(c component, to string) load {
	return load{Component: c, To: to, Text: question, Expect: question, People: 8, Window: 4,
		For: 200 * time.Millisecond, Patience: 10 * time.Second}
}

func TestEchoAnswersTheLoad(t *testing.T) {
	at := prosody(t)
	const address = "echo@" + echoDomain
	_, err := firstAnswer(t.Context(), at(loadDomain), address, question, func() error {
		playing(t, func(ctx context.Context) error { return echo(ctx, at(echoDomain)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, window := range []int{1, 4, 8} {
		l := askFor(at(loadDomain), address)
		l.Window = window
		r, err := l.run(t.Context())
		if err != nil {
			t.Fatalf("%d in flight: %v", window, err)
		}
		if r.Answered <= window || r.Elapsed < l.For {
			t.Errorf("%d in flight: %d answers in %v", window, r.Answered, r.Elapsed)
		}
		if r.P50 <= 0 || r.P50 > r.P90 || r.P90 > r.P99 || r.P99 > r.Max || r.Max > r.Elapsed {
			t.Errorf("%d in flight: percentiles %v %v %v %v", window, r.P50, r.P90, r.P99, r.Max)
		}
		// As many as are in flight wait at any time (Little's law), so the
		// rate bounds the mean latency, and half of all take no longer than
		// twice the mean.
		if mean := time.Duration(float64(window) / r.perSecond() * 1e9); r.P50 > 2*mean || r.Max < mean/2 {
			t.Errorf("%d in flight: median %v, most %v, but %.0f answers/s make a mean of %v", window, r.P50, r.Max, r.perSecond(), mean)
		}
	}
}

func TestNoIDComesTwiceInTwoRuns(t *testing.T) {
	at := prosody(t)
	seen := map[string]bool{} // of the peer's goroutine alone
	twice := make(chan string, 1)
	playing(t, answering(at(echoDomain), func(l *link, s stanza) {
		id := string(s.attr("id"))
		if seen[id] {
			select {
			case twice <- id:
			default:
			}
		}
		seen[id] = true
		reply(l, s, question)
	}))
	for range 2 {
		if _, err := untilThere(t, askFor(at(loadDomain), "x@"+echoDomain)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case id := <-twice:
		t.Errorf("the id %q came twice: a bot may take the second question for a repetition", id)
	default:
	}
}

// answering is a peer that does with each question, and with each refusal of
// its own requests, as f says.
func answering(c component, f func(*link, stanza)) func(context.Context) error {
	return func(ctx context.Context) error {
		l, err := dial(ctx, c)
		if err != nil {
			return err
		}
		defer l.drop()
		l.patience = 0
		for {
			s, err := l.next()
			if ctx.Err() != nil || errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if !s.hasType("error") == s.is("message") { // questions, and refusals of requests
				f(l, s)
			}
		}
	}
}

func reply(l *link, s stanza, text string) {
	l.write([]byte("<message type='chat' from="), s.quoted("to"), []byte(" to="), s.quoted("from"), []byte("><body>"+text+"</body></message>"))
}

// untilThere repeats a load that comes before its peer has connected.
func untilThere(t *testing.T, l load) (result, error) {
	for {
		r, err := l.run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "remote-server") {
			return r, err
		}
	}
}

func TestALoadFails(t *testing.T) {
	at := prosody(t)
	for name, test := range map[string]struct {
		answer func(*link, stanza)
		want   string
	}{
		"of a wrong answer":     {func(l *link, s stanza) { reply(l, s, "what?") }, "a wrong answer"},
		"of an answer too many": {func(l *link, s stanza) { reply(l, s, question); reply(l, s, question) }, "an answer too many"},
		"of no answer":          {func(*link, stanza) {}, "timeout"},
		"of a refusal": {func(l *link, s stanza) {
			l.write([]byte("<message type='error' from="), s.quoted("to"), []byte(" to="), s.quoted("from"),
				[]byte("><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"))
		}, "resource-constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, answering(at(echoDomain), test.answer))
			l := askFor(at(loadDomain), "x@"+echoDomain)
			l.Window, l.Patience = 1, 300*time.Millisecond
			if _, err := untilThere(t, l); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the load returns %v, want %q", err, test.want)
			}
		})
	}
}

func TestALoadRefusesRequestsAndCountsNoExtras(t *testing.T) {
	at := prosody(t)
	refused := make(chan struct{}, 1)
	playing(t, answering(at(echoDomain), func(l *link, s stanza) {
		if s.is("iq") {
			select {
			case refused <- struct{}{}:
			default:
			}
			return
		}
		for _, kind := range []string{"iq", "message"} {
			l.write([]byte("<"+kind+" type='get' id='q' from="), s.quoted("to"), []byte(" to="), s.quoted("from"),
				[]byte("><x xmlns='urn:x'/></"+kind+">"))
		}
		reply(l, s, question)
	}))
	r, err := untilThere(t, askFor(at(loadDomain), "x@"+echoDomain))
	if err != nil || r.Answered == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	select {
	case <-refused:
	case <-time.After(10 * time.Second):
		t.Error("a request was not refused")
	}
}

func TestALoadNeedsAPersonForEachQuestionInFlight(t *testing.T) {
	for _, window := range []int{0, 9} {
		l := askFor(component{}, "x@y")
		l.Window = window
		if _, err := l.run(t.Context()); err == nil {
			t.Errorf("8 people keep %d questions in flight", window)
		}
	}
}

func TestAWrongSecretIsRefused(t *testing.T) {
	at := prosody(t)
	c := at(loadDomain)
	c.Secret = "wrong"
	if _, err := dial(t.Context(), c); err == nil || !strings.Contains(err.Error(), "not-authorized") {
		t.Errorf("dial returns %v", err)
	}
}

func TestAPeerThatCannotStartIsNotAwaited(t *testing.T) {
	at := prosody(t)
	broken := errors.New("broken")
	if _, err := firstAnswer(t.Context(), at(loadDomain), "x@"+echoDomain, "", func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("firstAnswer returns %v", err)
	}
}

// buildBot builds the real program.
func buildBot(t *testing.T) (program string) {
	program = filepath.Join(t.TempDir(), "dragoman")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "dragoman/cmd/dragoman")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// TestTheWholeBenchmark measures the real bot, very briefly.
func TestTheWholeBenchmark(t *testing.T) {
	counterpart.Need(t, "prosody")
	program := buildBot(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each load under -race ends a second late
	var progress bytes.Buffer
	p := plan{bot: program, rounds: 2, busy: 100 * time.Millisecond, alone: 50 * time.Millisecond, starts: 2}
	s, err := perform(t.Context(), "prosody", self, p, &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, peer := range s.peers {
		if len(peer.rate) != 2 || len(peer.alone) != 2 || stats.SpreadOf(peer.rate).Least <= 0 || stats.SpreadOf(peer.alone).Least <= 0 || peer.peak <= 1e6 {
			t.Errorf("%s was measured as %+v", peer.name, peer)
		}
	}
	if len(s.peers) < 2 || s.peers[0].name != "echo" || s.peers[1].name != "dragoman" {
		t.Fatalf("measured were %d peers", len(s.peers))
	}
	if len(s.startNew) != 2 || len(s.startOld) != 2 || stats.SpreadOf(s.startNew).Least <= 0 {
		t.Errorf("starts took %v and %v", s.startNew, s.startOld)
	}
	if len(s.others) != 3 {
		t.Errorf("it rested %d times", len(s.others))
	}
	for i, found := range [][]os.DirEntry{left(t, s.dir), left(t, s.server.Dir)} {
		if found != nil {
			t.Errorf("folder %d is left behind: %v", i, found)
		}
	}
	if !strings.Contains(progress.String(), "prosody: round 2 of 2") {
		t.Errorf("progress says %q", progress.String())
	}
}

// TestASoakOfTheRealBot is a very short one.
func TestASoakOfTheRealBot(t *testing.T) {
	counterpart.Need(t, "prosody")
	k := soak{bot: buildBot(t), length: 300 * time.Millisecond, rate: 50, people: 10}
	w, err := k.run(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if w.Answered != 15 || w.P50 <= 0 || w.peak <= 1e6 {
		t.Errorf("the bot was seen as %+v", w)
	}
}

func left(t *testing.T, dir string) []os.DirEntry {
	found, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	return found
}
