package bot

import (
	"context"
	"runtime"
	"sync"
	"time"
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
}

// errand is one running request.
type errand struct {
	conversation *conversation
	message      *Message
	cmd          *Cmd
	ctx          context.Context // of the handler
	cancel       context.CancelFunc
	began        time.Time
	typing       bool // the sender was shown that we are at work
}

// run runs f under watch. It does not return when f was given up: by then the
// conversation belongs to another goroutine.
func (w *watchdog) run(e *errand, f func()) {
	defer e.cancel()
	e.began = w.bot.clock.Now()
	w.mu.Lock()
	w.running[e] = struct{}{}
	w.mu.Unlock()
	f()
	if !w.release(e) {
		runtime.Goexit()
	}
}

// release takes an errand off the watch, and reports false when it was off
// already.
func (w *watchdog) release(e *errand) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, watched := w.running[e]
	delete(w.running, e)
	return watched
}

// watch looks after the errands until ctx ends.
func (w *watchdog) watch(ctx context.Context) {
	every := min(watchEvery, w.bot.cfg.Overrun/4)
	t := w.bot.clock.NewTimer(every)
	defer t.Stop()
	for {
		select {
		case <-t.C():
			t.Reset(every)
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
	if !w.release(e) {
		return // it has just ended by itself
	}
	e.cancel()
	c := e.conversation
	go func() {
		c.conclude(e.message, w.bot.explain(e.cmd.name, reason))
		c.live()
	}()
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
