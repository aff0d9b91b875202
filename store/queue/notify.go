package queue

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"dragoman/internal/clock"
)

const (
	channel = "dragoman_queue"
	// notifyGap is the least time between two notifications of one kind.
	notifyGap = 10 * time.Millisecond
	// notifyTimeout bounds one notification. One that is lost costs the time
	// until the next look at the table.
	notifyTimeout = time.Second
	listenPause   = time.Second
)

// notifier tells the other processes on a PostgreSQL database what is due, after
// the commit and outside of the transaction: a NOTIFY in it would make the
// commits of all who add jobs take turns.
type notifier struct {
	mu      sync.Mutex
	pending map[string]struct{}
	busy    sync.WaitGroup
	sending bool
}

// add has a message sent soon, by a goroutine that ends when there are no more.
func (n *notifier) add(q *Queue, message string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pending == nil {
		n.pending = make(map[string]struct{})
	}
	n.pending[message] = struct{}{}
	if !n.sending {
		n.sending = true
		n.busy.Go(func() { n.send(q) })
	}
}

func (n *notifier) send(q *Queue) {
	for {
		n.mu.Lock()
		batch := n.pending
		n.pending = nil
		if n.sending = len(batch) > 0; !n.sending {
			n.mu.Unlock()
			return
		}
		n.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), notifyTimeout)
		for message := range batch {
			if err := q.db.Notify(ctx, channel, q.id+" "+message); err != nil {
				q.log.DebugContext(ctx, "other processes could not be told of a job", "error", err)
				break
			}
		}
		cancel()
		_ = clock.Sleep(context.Background(), clock.System{}, notifyGap)
	}
}

// wait returns when nothing is being sent.
func (n *notifier) wait() { n.busy.Wait() }

// A message is the id of the Queue that sent it, a space, and a kind, or the
// prefix for a job that was cancelled and its id.
const cancelPrefix = "\x01"

// listen hears what other processes say.
func (q *Queue) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := q.db.Listen(ctx, channel, q.heard)
		if ctx.Err() != nil {
			return
		}
		q.log.DebugContext(ctx, "the queue does not hear of the jobs of others at the moment", "error", err)
		for _, l := range q.allLines() {
			l.poke()
		}
		_ = clock.Sleep(ctx, q.clk, listenPause)
	}
}

// heard reads a message; there may be strange ones, since anybody on the
// database can send them.
func (q *Queue) heard(payload string) {
	sender, message, ok := strings.Cut(payload, " ")
	if !ok || sender == q.id {
		return
	}
	if text, ok := strings.CutPrefix(message, cancelPrefix); ok {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			q.endRun(id)
		}
		return
	}
	if l := q.lineOf(message); l != nil {
		l.poke()
	}
}

// endRun ends the context of the handler that has the job.
func (q *Queue) endRun(id int64) {
	for _, l := range q.allLines() {
		l.mu.Lock()
		for run := range l.running {
			for i := range run.jobs {
				if run.jobs[i].ID == id {
					run.end(ErrCancelled)
				}
			}
		}
		l.mu.Unlock()
	}
}
