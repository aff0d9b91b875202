package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"dragoman/bot/outbox"
	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

// queueCmd is dragoman queue.
type queueCmd struct {
	List  queueListCmd  `cmd:"" default:"withargs" help:"How much waits, and what failed."`
	Show  queueShowCmd  `cmd:"" help:"Show one job whole, with what it holds."`
	Retry queueRetryCmd `cmd:"" help:"Run jobs again that failed, or now what waits for its next try."`
	Drop  queueDropCmd  `cmd:"" help:"Give up jobs for good."`
}

// Help is shown by dragoman queue --help.
func (*queueCmd) Help() string {
	return `It looks into the store of the configuration, also while the bot runs on it. A running bot takes a change up
within a minute on SQLite, within seconds on PostgreSQL. A message whose outcome is unknown is sent again by retry as it
was, without a word that it may have arrived before.

Examples:
  dragoman queue
  dragoman queue list dead
  dragoman queue show 4711
  dragoman queue retry 4711 4712`
}

type queueListCmd struct {
	State string `arg:"" optional:"" default:"" enum:",ready,behind,running,done,dead,cancelled,unknown" help:"Jobs in that state: ready, behind, running, done, dead, cancelled or unknown. Without it: a line for each kind."`
	Kind  string `placeholder:"KIND" help:"Only kinds that begin with it."`
	Limit int    `default:"50" help:"At most so many, the newest first."`
}

// Run prints a table of kinds, or of jobs.
func (c *queueListCmd) Run(i *invocation) error {
	return withQueue(i, func(_ *store.DB, q *queue.Queue) error {
		if c.State == "" {
			return printStats(i, q, c.Kind)
		}
		jobs, err := q.List(i.ctx, queue.Filter{KindPrefix: c.Kind, States: []queue.State{queue.State(c.State)}, Limit: c.Limit})
		if err != nil {
			return err
		}
		err = table(i.std.out, none, "ID\tKIND\tGROUP\tADDED\tNEXT\tATTEMPT\tREASON", len(jobs), func(n int) string {
			j := jobs[n]
			return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%d\t%s", j.ID, oneLine(j.Kind, 60), oneLine(j.Group, 40), moment(j.Added), moment(j.RunAt), j.Attempt, oneLine(j.Reason, 80))
		})
		return errors.Join(err, newest(i.std.out, len(jobs), c.Limit))
	})
}

func printStats(i *invocation, q *queue.Queue, prefix string) error {
	kinds, err := q.Stats(i.ctx)
	if err != nil {
		return err
	}
	var some []queue.KindStats
	for _, k := range kinds {
		if strings.HasPrefix(k.Kind, prefix) {
			some = append(some, k)
		}
	}
	now := clock.System{}.Now()
	return table(i.std.out, none, "KIND\tWAITING\tRUNNING\tDONE\tDEAD\tUNKNOWN\tOLDEST", len(some), func(n int) string {
		k := some[n]
		oldest := "-"
		if !k.Oldest.IsZero() {
			oldest = now.Sub(k.Oldest).Round(time.Second).String()
		}
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s", oneLine(k.Kind, 60), k.Ready+k.Behind, k.Running, k.Done, k.Dead, k.Unknown, oldest)
	})
}

type queueShowCmd struct {
	ID int64 `arg:"" help:"The job's number."`
}

// Run prints all that is known of a job.
func (c *queueShowCmd) Run(i *invocation) error {
	return withQueue(i, func(_ *store.DB, q *queue.Queue) error {
		j, err := q.Show(i.ctx, c.ID)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(i.std.out, 0, 0, 2, ' ', 0)
		for _, line := range [][2]string{
			{"id", fmt.Sprint(j.ID)}, {"kind", j.Kind}, {"key", j.Key}, {"group", j.Group}, {"state", string(j.State)},
			{"attempt", fmt.Sprint(j.Attempt)}, {"added", moment(j.Added)}, {"next", moment(j.RunAt)}, {"tried", moment(j.Tried)},
			{"finished", moment(j.Finished)}, {"reason", j.Reason}, {"payload", string(j.Payload)},
		} {
			fmt.Fprintf(w, "%s\t%s\n", line[0], lines(line[1]))
		}
		return w.Flush()
	})
}

type queueRetryCmd struct {
	IDs []int64 `arg:"" name:"id" help:"The jobs' numbers."`
}

// Run makes jobs due now.
func (c *queueRetryCmd) Run(i *invocation) error {
	return eachJob(i, c.IDs, func(ctx context.Context, db *store.DB, q *queue.Queue, id int64) (string, error) {
		was, err := q.Show(ctx, id)
		if err == nil {
			err = q.Retry(ctx, id)
		}
		done := "is due now; a running bot takes it up within a minute"
		if db.Dialect() == store.Postgres {
			done = "is due now; a running bot takes it up within seconds"
		}
		if was.State == queue.StateUnknown {
			done += ", as it was: if it was done the first time, it is done twice"
		}
		return done, err
	})
}

type queueDropCmd struct {
	IDs []int64 `arg:"" name:"id" help:"The jobs' numbers."`
}

// Run gives jobs up.
func (c *queueDropCmd) Run(i *invocation) error {
	return eachJob(i, c.IDs, func(ctx context.Context, _ *store.DB, q *queue.Queue, id int64) (string, error) {
		return "is dropped", q.Drop(ctx, id)
	})
}

// eachJob does something to jobs, and prints what do says of those it was done
// to.
func eachJob(i *invocation, ids []int64, do func(ctx context.Context, db *store.DB, q *queue.Queue, id int64) (string, error)) error {
	return withQueue(i, func(db *store.DB, q *queue.Queue) error {
		var failed []error
		for _, id := range ids {
			done, err := do(i.ctx, db, q, id)
			if err != nil {
				failed = append(failed, err)
				continue
			}
			fmt.Fprintf(i.std.out, "job %d %s\n", id, done)
		}
		return errors.Join(failed...)
	})
}

// outboxCmd is dragoman outbox.
type outboxCmd struct {
	State string `arg:"" optional:"" default:"" enum:",waiting,accepted,sent,acknowledged,failed,unknown,all" help:"Messages in that state: waiting, accepted, sent, acknowledged, failed or unknown; or all. Without it: what waits or failed."`
	Limit int    `default:"50" help:"At most so many, the newest first."`
}

// Help is shown by dragoman outbox --help.
func (*outboxCmd) Help() string {
	return `It lists what waits or failed. The states are: accepted (it waits for its turn or its destination), sent (on the wire,
not acknowledged yet), acknowledged (the far side has it), failed (given up; the reason says why), unknown (sent, and
nobody knows whether it arrived). Waiting is accepted or sent. Finished messages are kept for a day.

Examples:
  dragoman outbox
  dragoman outbox failed
  dragoman outbox all --limit 200
  dragoman queue retry 4711              send one again, as it was`
}

// Run prints messages.
func (c *outboxCmd) Run(i *invocation) error {
	return withQueue(i, func(db *store.DB, q *queue.Queue) error {
		box := outbox.New(outbox.Config{DB: db, Queue: q, Clock: clock.System{}, Log: i.log})
		states, _ := outbox.StatesOf(c.State) // kong lets no other word through
		list, err := box.Messages(i.ctx, outbox.Filter{States: states, Limit: c.Limit})
		if err != nil {
			return err
		}
		empty := none
		if c.State == "" {
			empty = "Nothing waits, and nothing failed."
		}
		err = table(i.std.out, empty, "ID\tSTATE\tTO\tADDED\tTRIED\tATTEMPTS\tREASON\tTEXT", len(list), func(n int) string {
			m := list[n]
			return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s", m.ID, m.State, oneLine(m.To, 40), moment(m.Added), moment(m.Tried),
				m.Attempts, oneLine(m.Reason, 60), oneLine(m.Text, 60))
		})
		return errors.Join(err, newest(i.std.out, len(list), c.Limit))
	})
}

// withQueue opens the store for do. It runs no worker.
func withQueue(i *invocation, do func(db *store.DB, q *queue.Queue) error) (err error) {
	db, err := existingStore(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := current(i, db); err != nil {
		return err
	}
	return do(db, queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: i.log}))
}
