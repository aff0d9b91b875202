package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
)

// knockEvery is how often a peer that starts is asked.
const knockEvery = 10 * time.Millisecond

// firstAnswer starts a peer and returns how long it took from then to its
// first right answer to a question that is asked over and over from the
// beginning. Refusals by the server, which does not know the peer yet, and
// answers that don't contain expect are none.
func firstAnswer(ctx context.Context, asker component, to, expect string, start func() error) (_ time.Duration, err error) {
	l, err := dial(ctx, asker)
	if err != nil {
		return 0, err
	}
	defer l.close()
	l.patience = firstLimit
	// A name of its own: an earlier process may have answered an earlier run
	// so late that this one gets it, and a load that follows knows no such
	// person.
	self := "first-" + strings.ToLower(rand.Text()[:8]) + "@" + asker.Domain
	began := time.Now()
	knocking, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	defer func() {
		stop()
		if e := <-done; err == nil {
			err = e
		}
	}()
	if err := start(); err != nil {
		done <- nil
		return 0, err
	}
	go func() { done <- knock(knocking, l, self, to) }()
	for {
		s, err := l.next()
		took := time.Since(began)
		if err == nil && took > firstLimit {
			err = errors.New("only refusals and wrong answers came")
		}
		switch {
		case err != nil:
			return 0, fmt.Errorf("no answer from %s within %v: %w", to, firstLimit, err)
		case s.asks():
			l.refuse(s)
		case s.is("message") && !s.hasType("error") && bytes.HasPrefix(s.attr("to"), []byte(self)):
			if text, ok := s.body(); ok && bytes.Contains(text, []byte(expect)) {
				return took, nil
			}
		}
	}
}

// firstLimit bounds the wait for a peer that starts; Errbot takes seconds.
const firstLimit = 60 * time.Second

// knock writes to the connection itself, beside the buffer of the goroutine
// that reads; each write is one whole stanza.
func knock(ctx context.Context, l *link, self, to string) error {
	run := rand.Text()[:8]
	tick := time.NewTicker(knockEvery)
	defer tick.Stop()
	for i := 0; ; i++ {
		_, err := fmt.Fprintf(l.conn, "<message type='chat' from='%s/load' to='%s' id='%s-%d'><body>%s</body></message>",
			self, to, run, i, question)
		if err != nil {
			return fmt.Errorf("ask %s: %w", to, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
