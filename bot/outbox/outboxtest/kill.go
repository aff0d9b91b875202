package outboxtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dragoman/bot"
)

// kills kills the process before and after every message of a batch, and once
// more in the middle of a cause, and looks at what the world got in the end.
func kills(t *testing.T, fresh func(t testing.TB) Storage) {
	const n = 4
	makes := map[string]func(i int) bot.Outgoing{
		"chat":   func(i int) bot.Outgoing { return chat("dest", fmt.Sprint("id", i), fmt.Sprint(i)) },
		"room":   func(i int) bot.Outgoing { return room("dest", fmt.Sprint("id", i), fmt.Sprint(i)) },
		"parcel": func(i int) bot.Outgoing { return parcel("dest", fmt.Sprint("id", i)) },
	}
	for kind, makeOne := range makes {
		for at := range n {
			for when, fault := range map[string]Fault{"before": DieBefore, "after": DieAfter} {
				t.Run(fmt.Sprintf("%s %s message %d", kind, when, at), func(t *testing.T) {
					t.Parallel()
					r := newRig(t, fresh(t))
					if r.Kill == nil {
						t.Skip("nothing outlives the process of this outbox")
					}
					killed := r.dieAt(at, fault)
					for i := range n {
						key := fmt.Sprint("cause", i)
						_, _ = r.Once(r.ctx, key, time.Hour, func(ctx context.Context) error { return r.Add(ctx, makeOne(i)) })
					}
					<-killed
					r.restart()
					for i := range n { // whoever got no answer asks again
						if _, err := r.Once(r.ctx, fmt.Sprint("cause", i), time.Hour, func(ctx context.Context) error { return r.Add(ctx, makeOne(i)) }); err != nil {
							t.Fatal(err)
						}
					}
					if kind == "chat" {
						r.toldOpenly(n)
					} else {
						r.toldOnce(n)
					}
				})
			}
		}
	}
}

// dieAt has the process killed at one message to dest. The channel is closed
// when it is dead.
func (r *rig) dieAt(message int, fault Fault) <-chan struct{} {
	killed := make(chan struct{})
	cut, kill := r.Cut, r.Kill
	r.world.OnDeath(func() {
		cut()
		go func() { // it waits for this very courier
			defer close(killed)
			kill()
		}()
	})
	r.world.Plan("dest", append(make([]Fault, message), fault)...)
	return killed
}

// toldOnce checks that all arrived, each once and in order.
func (r *rig) toldOnce(n int) {
	r.Helper()
	r.await("all messages", func() bool { return len(r.world.Got("dest")) >= n })
	r.add(room("dest", "end", "end"))
	r.await("the end", func() bool { return len(r.world.Got("dest")) > n })
	for i, out := range r.world.Got("dest")[:n] {
		if out.ID != fmt.Sprint("id", i) {
			r.Errorf("at place %d came %s", i, out.ID)
		}
	}
	if got := len(r.world.Got("dest")); got != n+1 {
		r.Errorf("%d messages, want %d", got, n+1)
	}
}

// toldOpenly checks that a person read each text, at most once as if for the
// first time and at most once openly as a repetition, the former in order.
func (r *rig) toldOpenly(n int) {
	r.Helper()
	plain, open := make([]int, n), make([]int, n)
	r.await("each text", func() bool {
		clear(plain)
		clear(open)
		for _, text := range r.world.Texts("dest") {
			for i := range n {
				if text == fmt.Sprint(i) {
					plain[i]++
				} else if openly(fmt.Sprint(i))(text) {
					open[i]++
				}
			}
		}
		for i := range n {
			if plain[i]+open[i] == 0 {
				return false
			}
		}
		return true
	})
	r.passes(10 * time.Second)
	var firsts []string
	for _, text := range r.world.Texts("dest") {
		if len(text) == 1 {
			firsts = append(firsts, text)
		}
	}
	if !slices.IsSorted(firsts) || len(slices.Compact(slices.Clone(firsts))) != len(firsts) {
		r.Errorf("plainly told: %q", firsts)
	}
	if got := len(r.world.Got("dest")); got > 2*n || slices.Max(open) > 1 {
		r.Errorf("openly told %v times: %q", open, r.world.Texts("dest"))
	}
}
