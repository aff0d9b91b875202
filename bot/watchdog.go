package bot

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"dragoman/internal/clock"
)

// watchEvery is at most how often the watchdog looks at the running requests.
const watchEvery = 200 * time.Millisecond

// watchdog looks after the requests that are running. A handler runs on its
// conversation's own goroutine, since a hop to another one and back costs more
// than most commands do. So one that takes too long can only be left behind:
// the conversation goes on in a new goroutine, and the old one ends when its
// handler returns at last.
type watchdog struct {
	bot *Bot

	mu      sync.Mutex
	running map[*errand]struct{}
	// timer wakes the watchdog while something is running, and stands still
	// while it is asleep.
	timer  clock.Timer
	asleep bool
}

// errand is one running request.
type errand struct {
	conversation *conversation
	message      *Message
	cmd          *Cmd
	ctx          context.Context // of the handler
	cancel       context.CancelFunc
	began        time.Time
	durable      bool // it is a transaction, of which nothing remains unless it is committed
	typing       bool // the sender was shown that we are at work
	over         bool // it was given up; guarded by watchdog.mu
}

// run runs f under watch. It does not return when f was given up: by then the
// conversation belongs to another goroutine.
func (w *watchdog) run(e *errand, f func()) {
	defer e.cancel()
	e.began = w.bot.clock.Now()
	w.enter(e)
	f()
	if !w.leave(e) {
		runtime.Goexit()
	}
}

// enter puts an errand on the watch, unless it was given up.
func (w *watchdog) enter(e *errand) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.over {
		return false
	}
	w.running[e] = struct{}{}
	if w.asleep {
		w.asleep = false
		w.timer.Reset(w.every())
	}
	return true
}

// leave takes an errand off the watch, and reports false when it was given up.
func (w *watchdog) leave(e *errand) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, e)
	return !e.over
}

// every is how often the watchdog looks.
func (w *watchdog) every() time.Duration { return min(watchEvery, w.bot.cfg.Overrun/4) }

// prepare readies the watchdog, asleep.
func (w *watchdog) prepare() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = w.bot.clock.NewTimer(w.every())
	w.timer.Stop()
	w.asleep = true
}

// watch looks after the errands until ctx ends. While none is running it
// sleeps.
func (w *watchdog) watch(ctx context.Context) {
	defer w.timer.Stop()
	for {
		select {
		case <-w.timer.C():
			w.look()
		case <-ctx.Done():
			return
		}
	}
}

// look shows typing for what takes longer than a moment, and gives up what
// takes too long or was cancelled at the stop of the bot.
func (w *watchdog) look() {
	now := w.bot.clock.Now()
	var slow []*errand
	over := make(map[*errand]error)
	w.mu.Lock()
	for e := range w.running {
		age := now.Sub(e.began)
		switch {
		case e.ctx.Err() != nil:
			over[e] = e.ctx.Err()
		case age >= w.bot.cfg.Overrun:
			over[e] = overrunError{w.bot.cfg.Overrun}
		case age >= typingAfter && !e.typing:
			e.typing = true
			slow = append(slow, e)
		}
	}
	if w.asleep = len(w.running) == 0; !w.asleep {
		w.timer.Reset(w.every())
	}
	w.mu.Unlock()
	for e, reason := range over {
		w.giveUp(e, reason)
	}
	for _, e := range slow {
		w.showTyping(e)
	}
}

// giveUp answers in the place of an errand and lets its conversation go on.
func (w *watchdog) giveUp(e *errand, reason error) {
	w.mu.Lock()
	_, watched := w.running[e]
	delete(w.running, e)
	e.over = watched
	w.mu.Unlock()
	if !watched {
		return // it has just ended by itself, or is being committed
	}
	e.cancel()
	c := e.conversation
	go func() {
		c.conclude(e.message, w.bot.unfinished(e, reason))
		c.live()
	}()
}

// unfinished is what comes of an errand that was given up.
func (b *Bot) unfinished(e *errand, reason error) outcome {
	switch {
	case !e.durable:
		return said(b.explain(e.cmd.name, reason))
	case errors.Is(reason, context.Canceled):
		reason = ErrStopped
	}
	return b.undone(e.cmd, reason)
}

// showTyping does not wait: it is a courtesy, and the errand may end first.
func (w *watchdog) showTyping(e *errand) {
	t, ok := w.bot.transports[e.message.Transport].(Typist)
	if !ok {
		return
	}
	w.bot.router.wg.Go(func() {
		if err := t.Typing(e.ctx, e.message, true); err != nil {
			w.bot.log.Debug("typing was not shown", "err", err)
		}
	})
}
