package bot

import (
	"context"
	"sync"
	"time"
)

// Bounds of the router. Together they bound its memory whatever people send.
const (
	// inboxLen is how many messages of one conversation may wait.
	inboxLen = 128
	// maxConversations is how many conversations may be open at once.
	maxConversations = 20_000
	// linger is how long an idle conversation keeps its goroutine, and
	// lingerCrowded how long when more than half of them are open: strangers
	// must not keep newcomers out by having said hello.
	linger        = 30 * time.Second
	lingerCrowded = time.Second
	// lastWords is how long those whose request was cancelled at the stop
	// may be told so.
	lastWords = time.Second
)

// router gives each conversation its goroutine. A message is queued under the
// router's lock, and a conversation retires under it, so none falls between.
type router struct {
	bot *Bot

	mu   sync.Mutex
	open map[string]*conversation // nil while nothing is taken
	// warned is when warnFull last did.
	warned time.Time

	// The router's own life, set by start: replies may still be sent when the
	// work of the handlers has to end.
	replies, work       context.Context
	endReplies, endWork context.CancelFunc
	wg                  sync.WaitGroup // the conversations
	endWatch            func()         // ends the watchdog and waits for it
}

func (r *router) start(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = make(map[string]*conversation)
	r.replies, r.endReplies = context.WithCancel(ctx)
	r.work, r.endWork = context.WithCancel(r.replies)

	r.bot.watchdog.prepare()
	watch, end := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { r.bot.watchdog.watch(watch) })
	r.endWatch = func() {
		end()
		wg.Wait()
	}
}

// delivery is a message on its way to its conversation.
type delivery struct {
	message *Message
	settled func() // what DeliverThen was given, or does nothing
}

var _ Settler = (*router)(nil)

// Deliver implements Inbox.
func (r *router) Deliver(m *Message) error { return r.DeliverThen(m, func() {}) }

// DeliverThen implements Settler.
func (r *router) DeliverThen(m *Message, settled func()) error {
	key := m.conversation()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		return ErrStopped
	}
	c := r.open[key]
	if c == nil {
		if !m.Addressed {
			settled() // overheard, and no question is open
			return nil
		}
		if len(r.open) >= maxConversations {
			r.warnFull()
			return ErrBusy
		}
		c = &conversation{bot: r.bot, key: key, inbox: make(chan delivery, inboxLen)}
		r.open[key] = c
		r.wg.Add(1)
		go c.live()
	}
	select {
	case c.inbox <- delivery{m, settled}:
		return nil
	default:
		return ErrBusy
	}
}

// warnFull tells the administrator, once a minute, that people are turned away.
// The caller holds the lock.
func (r *router) warnFull() {
	if now := r.bot.clock.Now(); now.Sub(r.warned) > time.Minute {
		r.warned = now
		r.bot.log.Warn("people are turned away: too many conversations are open", "open", len(r.open))
	}
}

// linger is how long a conversation may be idle at the moment, with a question
// open or without.
func (r *router) linger(asked bool) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(r.open) > maxConversations/2:
		return lingerCrowded
	case asked:
		return questionLife
	}
	return linger
}

// retire removes an idle conversation, unless a message has just come.
func (r *router) retire(c *conversation) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(c.inbox) > 0 {
		return false
	}
	delete(r.open, c.key)
	return true
}

// stop takes nothing more, waits until what was taken is answered, and after
// grace cancels what is left.
func (r *router) stop(grace time.Duration) {
	r.mu.Lock()
	for _, c := range r.open {
		close(c.inbox)
	}
	r.open = nil
	r.mu.Unlock()

	done := make(chan struct{})
	go func() {
		r.wg.Wait()
		close(done)
	}()
	t := r.bot.clock.NewTimer(grace)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C():
		r.bot.log.Warn("requests were still running at the stop and are cancelled")
		r.endWork()
		t.Reset(lastWords)
		select {
		case <-done:
		case <-t.C():
		}
	}
	r.endReplies()
	<-done
	r.endWatch()
}
