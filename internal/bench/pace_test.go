package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// steady is a pace of one person who asks the echo two things in turns.
func steady(c component, to string) pace {
	return pace{Component: c, To: to, Questions: []string{"one", "two"}, Answers: []string{"one", "two"},
		People: 1, Rate: 100, For: 300 * time.Millisecond, Patience: 10 * time.Second}
}

// started is that pace without a connection.
func started(begin time.Time) *pacing {
	return &pacing{pace: steady(component{}, "x@y"), begin: begin, free: []int{0}, turns: make([]int, 1), due: make([]time.Time, 1)}
}

func TestALatencyCountsFromWhenTheQuestionWasDue(t *testing.T) {
	begin := time.Now()
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	g := started(begin)
	g.For = 30 * time.Millisecond // three questions, due at 0, 10 and 20 ms
	var out bytes.Buffer
	for _, step := range []struct {
		now    int // ms
		asks   int // questions on the wire by then
		answer string
		last   bool
	}{
		{0, 1, "", false},
		{15, 1, "", false}, // the second is due, but nobody is free
		{25, 1, "one", false},
		{25, 2, "two", false},
		{26, 3, "", true},
		{30, 3, "one", true},
	} {
		if last := g.ask(&out, at(step.now)); last != step.last {
			t.Errorf("at %d ms the last question was asked: %v, want %v", step.now, last, step.last)
		}
		if n := strings.Count(out.String(), "<message"); n != step.asks {
			t.Fatalf("at %d ms %d questions were asked, want %d", step.now, n, step.asks)
		}
		if step.answer == "" {
			continue
		}
		done, err := g.answer(0, []byte(step.answer), at(step.now))
		if err != nil || done != (step.now == 30) {
			t.Fatalf("the answer at %d ms: %v, %v", step.now, done, err)
		}
	}
	want := []time.Duration{25 * time.Millisecond, 15 * time.Millisecond, 10 * time.Millisecond}
	if !slices.Equal(g.took[0], want) {
		t.Errorf("the answers took %v, want %v", g.took[0], want)
	}
	r := g.result(at(30))
	if r.Answered != 3 || r.Max != want[0] || r.P50 != want[1] || r.WorstP99 != want[0] {
		t.Errorf("the result is %+v", r)
	}
}

func TestTheWorstStretchIsFound(t *testing.T) {
	begin := time.Now()
	g := started(begin)
	g.took = [][]time.Duration{{1, 2, 3}, {9, 1}, {2}}
	if r := g.result(begin.Add(time.Second)); r.WorstP99 != 9 || r.WorstFrom != stretch || r.Answered != 6 || r.perSecond() != 6 {
		t.Errorf("the result is %+v", r)
	}
}

func TestAnAnswerThatWasNotAskedForEndsAPace(t *testing.T) {
	for name, test := range map[string]struct {
		person int
		text   string
	}{
		"to nobody": {-1, "one"},
		"wrong":     {0, "two"},
	} {
		g := started(time.Now())
		g.ask(new(bytes.Buffer), g.begin)
		if _, err := g.answer(test.person, []byte(test.text), g.begin); err == nil {
			t.Errorf("an answer %s is taken", name)
		}
	}
	g := started(time.Now())
	if _, err := g.answer(0, []byte("one"), g.begin); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("an answer before the question: %v", err)
	}
}

func TestAPaceOverAServer(t *testing.T) {
	at := prosody(t)
	const address = "echo@" + echoDomain
	_, err := firstAnswer(t.Context(), at(loadDomain), address, question, func() error {
		playing(t, func(ctx context.Context) error { return echo(ctx, at(echoDomain)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := steady(at(loadDomain), address)
	p.People = 8
	r, err := p.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Answered != 30 || r.Elapsed < 290*time.Millisecond || r.P50 <= 0 || r.P50 > r.P99 || r.P99 > r.Max {
		t.Errorf("the result is %+v", r)
	}
}

func TestAPaceFails(t *testing.T) {
	at := prosody(t)
	const refusal = "><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
	for name, test := range map[string]struct {
		answer func(*link, stanza)
		want   string
	}{
		"of no answer": {func(*link, stanza) {}, "timeout"},
		"of a refusal": {func(l *link, s stanza) {
			l.write([]byte("<message type='error' from="), s.quoted("to"), []byte(" to="), s.quoted("from"), []byte(refusal))
		}, "resource-constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, answering(at(echoDomain), test.answer))
			p := steady(at(loadDomain), "x@"+echoDomain)
			p.Patience = 300 * time.Millisecond
			_, err := p.run(t.Context())
			for err != nil && strings.Contains(err.Error(), "remote-server") { // the peer has not connected yet
				_, err = p.run(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the pace returns %v, want %q", err, test.want)
			}
		})
	}
	if _, err := (pace{Rate: 1, People: 1, Questions: []string{"x"}}).run(t.Context()); err == nil {
		t.Error("a pace without answers is kept")
	}
}

func TestTheTableOfASoak(t *testing.T) {
	k := soak{rate: 500, people: 1000}
	w := watched{paced: paced{Answered: 1000, Elapsed: 2 * time.Second, P50: time.Millisecond, P99: 251 * time.Millisecond},
		cpu: time.Second, peak: 100 << 20}
	var out strings.Builder
	missed, err := k.print(&out, w)
	if err != nil || missed != 1 {
		t.Errorf("%d bars are missed, want that of the latency; %v", missed, err)
	}
	table := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"answered/s 500 at least 495: met", "p99 ms 251.0 at most 250: MISSED", "peak RSS, MiB 100.0 at most 128: met", "CPU per command, µs 1000",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("there is no %q in\n%s", want, out.String())
		}
	}
	w.Elapsed = 3 * time.Second
	if missed, _ := k.print(&out, w); missed != 2 {
		t.Errorf("at 333 answers/s %d bars are missed, want 2", missed)
	}
}
