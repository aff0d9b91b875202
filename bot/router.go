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
	// linger is how long an idle conversation keeps its goroutine.
	linger = 30 * time.Second
	// lastWords is how long those whose request was cancelled at the stop
	// may be told so.
	lastWords = time.Second
)

// router gives each conversation its goroutine. A message is queued under the
// router's lock, and a conversation retires under it, so none falls between.
type router struct {
	bot *Bot

	mu              sync.Mutex
	open            map[string]*conversation
	ctx             context.Context // of the replies; nil while the router is closed
	work            context.Context // of the handlers, which may end earlier
	cancel, endWork context.CancelFunc
	wg              sync.WaitGroup
}

func (r *router) init(b *Bot) {
	r.bot = b
	r.open = make(map[string]*conversation)
}

func (r *router) start(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.work, r.endWork = context.WithCancel(r.ctx)
}

// Deliver implements Inbox.
func (r *router) Deliver(m *Message) error {
	key := m.conversation()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx == nil {
		return ErrStopped
	}
	c := r.open[key]
	if c == nil {
		if !m.Addressed {
			return nil // overheard, and no question is open
		}
		if len(r.open) >= maxConversations {
			return ErrBusy
		}
		c = &conversation{bot: r.bot, key: key, inbox: make(chan *Message, inboxLen)}
		r.open[key] = c
		ctx, work := r.ctx, r.work
		r.wg.Go(func() { c.loop(ctx, work) })
	}
	select {
	case c.inbox <- m:
		return nil
	default:
		return ErrBusy
	}
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
	cancel, endWork := r.cancel, r.endWork
	r.ctx = nil
	for _, c := range r.open {
		close(c.inbox)
	}
	clear(r.open)
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
		endWork()
		t.Reset(lastWords)
		select {
		case <-done:
		case <-t.C():
		}
	}
	cancel()
	<-done
}
