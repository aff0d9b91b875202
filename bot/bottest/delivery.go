package bottest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dragoman/bot"
)

const (
	// firstPause and longestPause are between two tries of what did not
	// arrive.
	firstPause   = time.Second
	longestPause = 15 * time.Second
	// lastTries is how long Run may take to deliver what there is at its end.
	lastTries = time.Second
	// batch is how much a bot.Courier carries at once.
	batch = 32
)

// lane delivers to one destination. Its goroutine exists while there is
// something to deliver and somebody who runs.
type lane struct {
	waiting []*entry
	driving bool
	opened  chan struct{} // holds one: the destination can be reached again
}

// Run implements bot.Outbox.
func (l *Ledger) Run(ctx context.Context, transports map[string]bot.Transport) error {
	wire, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	var lanes sync.WaitGroup
	if err := l.begins(transports, func(to bot.Destination, n *lane) {
		lanes.Go(func() { l.deliver(ctx, wire, transports[to.Transport], n) })
	}); err != nil {
		return err
	}
	for name, t := range transports {
		if c, ok := t.(bot.Courier); ok {
			c.Opened(func(to bot.Address) { l.open(name, to) })
		}
	}
	<-ctx.Done()
	defer time.AfterFunc(lastTries, hangUp).Stop()
	l.mu.Lock()
	l.run = nil
	l.mu.Unlock()
	lanes.Wait()
	return nil
}

func (l *Ledger) begins(transports map[string]bot.Transport, start func(bot.Destination, *lane)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run != nil {
		return errors.New("bottest: a Ledger is run by two bots at once")
	}
	l.run, l.transports = start, transports
	for to, n := range l.lanes {
		l.drive(to, n)
	}
	return nil
}

// open has a destination tried at once.
func (l *Ledger) open(transport string, to bot.Address) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at, n := range l.lanes {
		if at.Transport == transport && at.To == to {
			select {
			case n.opened <- struct{}{}:
			default:
			}
		}
	}
}

// queue puts an entry behind those to its destination. The caller holds the
// lock.
func (l *Ledger) queue(e *entry) {
	to := e.out.Destination
	to.From = ""
	n := l.lanes[to]
	if n == nil {
		n = &lane{opened: make(chan struct{}, 1)}
		l.lanes[to] = n
	}
	e.fate = 0
	n.waiting = append(n.waiting, e)
	l.drive(to, n)
}

// drive starts the lane if it is needed. The caller holds the lock.
func (l *Ledger) drive(to bot.Destination, n *lane) {
	if l.run != nil && !n.driving && len(n.waiting) > 0 {
		n.driving = true
		l.run(to, n)
	}
}

// deliver sends what waits in a lane, in order, until nothing does, or ctx has
// ended and a try fails. wire ends a little later than ctx, so that the last
// messages are still sent.
func (l *Ledger) deliver(ctx, wire context.Context, t bot.Transport, n *lane) {
	pause := firstPause
	for {
		outs, ok := l.next(n)
		if !ok {
			return
		}
		var fates []bot.Fate
		var changed <-chan struct{}
		switch c, courier := t.(bot.Courier); {
		case !courier:
			fates = sendOne(wire, t, outs[0])
		default:
			var up bool
			if up, changed = c.Line(); up {
				fates, changed = c.Carry(wire, outs), nil
			}
		}
		if l.settle(n, fates) {
			pause = firstPause
			continue
		}
		if !l.rest(ctx, n, pause, changed) {
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// sendOne is Carry for a transport that cannot say more than that it took a
// message.
func sendOne(ctx context.Context, t bot.Transport, out bot.Outgoing) []bot.Fate {
	err := bot.ErrNoTransport
	if t != nil {
		err = t.Send(ctx, out)
	}
	if err != nil {
		return []bot.Fate{{State: bot.Returned, Err: err}}
	}
	return []bot.Fate{{State: bot.Arrived}}
}

// next is what a lane has to deliver. It reports false, and the lane's goroutine
// ends, when there is nothing.
func (l *Ledger) next(n *lane) ([]bot.Outgoing, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(n.waiting) == 0 {
		n.driving = false
		return nil, false
	}
	var outs []bot.Outgoing
	for _, e := range n.waiting[:min(len(n.waiting), batch)] {
		outs = append(outs, e.out)
	}
	return outs, true
}

// settle notes the fates of the first in a lane, and reports whether all of
// them are decided.
func (l *Ledger) settle(n *lane, fates []bot.Fate) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	var left, doubted []*entry
	for i, e := range n.waiting {
		if i >= len(fates) {
			left = append(left, e)
			continue
		}
		e.fate = fates[i].State
		switch e.fate {
		case bot.Arrived, bot.Refused:
			e.move()
			continue
		case bot.InDoubt:
			if !e.out.Room && e.out.Parcel == nil {
				e.move()
				doubted = append(doubted, e)
				continue
			}
			e.out.Tried = l.clock.Now()
		}
		left = append(left, e)
	}
	decided := len(n.waiting)-len(left) >= len(fates) && len(fates) > 0
	if !decided { // what is behind is not sent soon
		for _, e := range left {
			e.move()
		}
	}
	n.waiting = left
	for _, e := range doubted {
		l.confess(e)
	}
	return decided
}

// confess tells a person openly what they may have missed, once. The caller
// holds the lock.
func (l *Ledger) confess(e *entry) {
	if e.repetition != nil || e.repeats {
		return
	}
	out := e.out
	out.ID += " again"
	out.Reply = bot.Say("Possibly again, since the connection broke: " + e.out.Reply.Plain())
	e.repetition = &entry{out: out, repeats: true, moved: make(chan struct{})}
	l.queue(e.repetition)
}

// rest waits until another try makes sense: at the end of the pause, when the
// destination opens, or, with a line that is down, when that changes. It reports
// false, and the lane's goroutine ends, when ctx does.
func (l *Ledger) rest(ctx context.Context, n *lane, pause time.Duration, changed <-chan struct{}) bool {
	var over <-chan time.Time
	if changed == nil {
		t := l.clock.NewTimer(pause)
		defer t.Stop()
		over = t.C()
	}
	select {
	case <-over:
	case <-n.opened:
	case <-changed:
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		n.driving = false
		if len(n.waiting) > 0 {
			to := n.waiting[0].out.Destination
			to.From = ""
			l.drive(to, n) // for another who runs by now
		}
		return false
	}
	return true
}

// move says that the message was tried, or will not be soon.
func (e *entry) move() {
	if !e.tried {
		e.tried = true
		close(e.moved)
	}
}

// resend queues what was given up once more. The caller holds the lock.
func (l *Ledger) resend(e *entry) {
	switch {
	case e == nil:
	case e.fate == bot.InDoubt && e.repetition != nil:
		l.resend(e.repetition)
	case e.fate == bot.Refused, e.fate == bot.InDoubt && e.repeats:
		l.queue(e)
	}
}

// check refuses what no transport could deliver.
func (l *Ledger) check(out bot.Outgoing) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.transports != nil && l.transports[out.Transport] == nil {
		return fmt.Errorf("bottest: transport %q: %w", out.Transport, bot.ErrNoTransport)
	}
	return nil
}
