package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"dragoman/internal/bench/stats"
)

// pace asks one peer at a steady rate, whether or not it keeps up: a question
// whose time has come and that finds everybody waiting for an answer keeps that
// time, so that its latency tells of the delay.
type pace struct {
	Component component
	To        string   // whom to ask
	Questions []string // what each person asks, one after the other and over again
	Answers   []string // what the answer to each must contain
	People    int
	Rate      int // questions per second
	For       time.Duration
	Patience  time.Duration // how long to wait for any one answer
}

// beat lies between two looks at which questions are due.
const beat = 2 * time.Millisecond

// stretch is how long a part of the run is whose percentile counts alone.
const stretch = 10 * time.Second

// paced is what a pace found. Latencies are from when the question was due to
// the answer's being read.
type paced struct {
	Answered           int
	Elapsed            time.Duration // from the first question to the last answer
	P50, P90, P99, Max time.Duration
	WorstP99           time.Duration // of all stretches
	WorstFrom          time.Duration // when that stretch began
}

// perSecond is the rate of answers.
func (p paced) perSecond() float64 { return float64(p.Answered) / p.Elapsed.Seconds() }

// pacing is a pace under way. One goroutine asks and one reads the answers.
type pacing struct {
	pace
	link  *link
	run   string // makes the ids of this run unlike those of any other
	begin time.Time

	mu    sync.Mutex
	free  []int // people with nothing under way, who waited longest first
	turns []int // how often each person asked
	due   []time.Time
	asked int
	took  [][]time.Duration // by the stretch in which they were due
	over  bool              // the last question was asked
}

// run returns an error when a single answer is missing, wrong or surplus.
func (p pace) run(ctx context.Context) (paced, error) {
	if p.Rate < 1 || p.People < 1 || len(p.Questions) == 0 || len(p.Questions) != len(p.Answers) {
		return paced{}, fmt.Errorf("a pace of %d people with %d questions and %d answers, %d per second, cannot be kept",
			p.People, len(p.Questions), len(p.Answers), p.Rate)
	}
	k, err := dial(ctx, p.Component)
	if err != nil {
		return paced{}, err
	}
	defer k.close()
	k.patience = p.Patience
	g := &pacing{pace: p, link: k, run: rand.Text()[:8], begin: time.Now(), turns: make([]int, p.People), due: make([]time.Time, p.People)}
	for person := range p.People {
		g.free = append(g.free, person)
	}
	asking, stop := context.WithCancel(ctx)
	asked := make(chan error, 1)
	go func() { asked <- g.askAll(asking) }()
	end, err := g.answers()
	stop()
	err = errors.Join(err, <-asked)
	if err != nil {
		return paced{}, fmt.Errorf("%s after %d of %d answers: %w", p.To, g.answered(), g.asked, err)
	}
	return g.result(end), nil
}

// askAll asks what is due at each beat. It writes to the connection itself,
// beside the buffer of the goroutine that reads; each write is whole stanzas.
func (g *pacing) askAll(ctx context.Context) error {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	var out bytes.Buffer
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		out.Reset()
		last = g.ask(&out, time.Now())
		if _, err := g.link.conn.Write(out.Bytes()); err != nil {
			return fmt.Errorf("ask %s: %w", g.To, err)
		}
	}
	return nil
}

// ask writes the questions that are due, and reports whether all were asked.
func (g *pacing) ask(out *bytes.Buffer, now time.Time) (last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := int(g.For.Seconds() * float64(g.Rate))
	for len(g.free) > 0 && g.asked < all {
		due := g.begin.Add(time.Duration(g.asked) * time.Second / time.Duration(g.Rate))
		if due.After(now) {
			break
		}
		person := g.free[0]
		g.free = g.free[1:]
		g.asked++
		fmt.Fprintf(out, "<message type='chat' from='p%d@%s/load' to='%s' id='%s-%d'><body>%s</body></message>",
			person, g.Component.Domain, g.To, g.run, g.asked, g.Questions[g.turns[person]%len(g.Questions)])
		g.due[person] = due
	}
	g.over = g.asked == all
	return g.over
}

// answers reads until every question has its answer, and returns when the last
// came.
func (g *pacing) answers() (time.Time, error) {
	for {
		s, err := g.link.next()
		now := time.Now()
		if err != nil {
			return now, err
		}
		if s.asks() {
			g.link.refuse(s)
			// A full buffer would go out in the middle of a stanza, and the
			// other goroutine's questions would land there.
			if err := g.link.w.Flush(); err != nil {
				return now, err
			}
			continue
		}
		if !s.is("message") {
			continue
		}
		if s.hasType("error") {
			return now, fmt.Errorf("refused: %s", s.excerpt())
		}
		text, ok := s.body()
		if !ok { // a chat state, a receipt
			continue
		}
		done, err := g.answer(personOf(s, g.People), text, now)
		if err != nil {
			return now, fmt.Errorf("%w: %s", err, s.excerpt())
		}
		if done {
			return now, nil
		}
	}
}

// answer notes the answer to a person's question, and reports whether it was
// the last of all.
func (g *pacing) answer(person int, text []byte, now time.Time) (done bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case person < 0:
		return false, errors.New("an answer to nobody")
	case g.due[person].IsZero():
		return false, errors.New("an answer too many")
	case !bytes.Contains(text, []byte(g.Answers[g.turns[person]%len(g.Answers)])):
		return false, errors.New("a wrong answer")
	}
	due := g.due[person]
	g.due[person] = time.Time{}
	g.turns[person]++
	g.free = append(g.free, person)
	part := int(due.Sub(g.begin) / stretch)
	for len(g.took) <= part {
		g.took = append(g.took, nil)
	}
	g.took[part] = append(g.took[part], now.Sub(due))
	return g.over && len(g.free) == g.People, nil
}

func (g *pacing) answered() (n int) {
	for _, part := range g.took {
		n += len(part)
	}
	return n
}

func (g *pacing) result(end time.Time) paced {
	p := paced{Answered: g.answered(), Elapsed: end.Sub(g.begin)}
	for i, part := range g.took {
		slices.Sort(part)
		if worst := stats.Percentile(part, 99); worst > p.WorstP99 {
			p.WorstP99, p.WorstFrom = worst, time.Duration(i)*stretch
		}
	}
	all := slices.Sorted(slices.Values(slices.Concat(g.took...)))
	p.P50, p.P90, p.P99, p.Max = stats.Percentile(all, 50), stats.Percentile(all, 90), stats.Percentile(all, 99), stats.Percentile(all, 100)
	return p
}
