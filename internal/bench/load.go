package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dragoman/internal/bench/stats"
)

// load asks one peer the same question for a while: Window questions are under
// way at any time, each of another person, and every answer sends the next
// question. It is what standard input of the hidden argument load says.
type load struct {
	Component component
	To        string // whom to ask
	Text      string // what to ask
	Expect    string // what every answer must contain
	People    int    // who ask, in turn; at least Window
	Window    int
	For       time.Duration
	Patience  time.Duration // how long to wait for any one answer
}

// result is what a load found. Latencies are from the question's being written
// to the answer's being read.
type result struct {
	Answered           int
	Elapsed            time.Duration // from the first question to the last answer
	P50, P90, P99, Max time.Duration
}

// perSecond is the rate of answers.
func (r result) perSecond() float64 { return float64(r.Answered) / r.Elapsed.Seconds() }

// loading is a load under way. One goroutine does it all: Window bounds what
// is in flight, so that writing never waits for reading.
type loading struct {
	load
	link  *link
	run   string      // makes the ids of this run unlike those of any other
	free  chan int    // people with nothing under way, who waited longest first
	asked []time.Time // when a person asked; zero when nothing is under way
	sent  int
	took  []time.Duration
}

// run returns an error when a single answer is missing, wrong or surplus: the
// figures would mean nothing.
func (l load) run(ctx context.Context) (result, error) {
	if l.Window < 1 || l.Window > l.People {
		return result{}, fmt.Errorf("a load of %d people cannot keep %d questions under way", l.People, l.Window)
	}
	k, err := dial(ctx, l.Component)
	if err != nil {
		return result{}, err
	}
	defer k.close()
	k.patience = l.Patience
	g := &loading{load: l, link: k, run: rand.Text()[:8], free: make(chan int, l.People), asked: make([]time.Time, l.People)}
	for person := range l.People {
		g.free <- person
	}
	begin := time.Now()
	for range l.Window {
		g.ask()
	}
	end := begin
	for len(g.took) < g.sent {
		if end, err = g.answer(); err != nil {
			return result{}, fmt.Errorf("%s after %d of %d answers: %w", l.To, len(g.took), g.sent, err)
		}
		if end.Sub(begin) < l.For {
			g.ask()
		}
	}
	slices.Sort(g.took)
	return result{Answered: len(g.took), Elapsed: end.Sub(begin),
		P50: stats.Percentile(g.took, 50), P90: stats.Percentile(g.took, 90), P99: stats.Percentile(g.took, 99), Max: stats.Percentile(g.took, 100)}, nil
}

func (g *loading) ask() {
	person := <-g.free
	g.sent++
	fmt.Fprintf(g.link.w, "<message type='chat' from='p%d@%s/load' to='%s' id='%s-%d'><body>%s</body></message>",
		person, g.Component.Domain, g.To, g.run, g.sent, g.Text)
	g.asked[person] = time.Now()
}

// answer waits for the next answer, and returns when it came.
func (g *loading) answer() (time.Time, error) {
	for {
		s, err := g.link.next()
		now := time.Now()
		if err != nil {
			return now, err
		}
		if s.asks() {
			g.link.refuse(s)
			continue
		}
		text, ok := s.body()
		person := personOf(s, len(g.asked))
		switch {
		case !s.is("message") || person < 0:
			continue
		case s.hasType("error"):
			return now, fmt.Errorf("refused: %s", s.excerpt())
		case !ok: // a chat state, a receipt
			continue
		case !bytes.Contains(text, []byte(g.Expect)):
			return now, fmt.Errorf("a wrong answer: %s", s.excerpt())
		case g.asked[person].IsZero():
			return now, fmt.Errorf("an answer too many: %s", s.excerpt())
		}
		g.took = append(g.took, now.Sub(g.asked[person]))
		g.asked[person] = time.Time{}
		g.free <- person
		return now, nil
	}
}

// personOf is who of so many people a stanza is for, or -1.
func personOf(s stanza, people int) int {
	v := s.quoted("to")
	number, _, ok := bytes.Cut(v[1:], []byte("@"))
	if !ok || len(number) < 2 || number[0] != 'p' {
		return -1
	}
	n, err := strconv.Atoi(string(number[1:]))
	if err != nil || n < 0 || n >= people {
		return -1
	}
	return n
}
