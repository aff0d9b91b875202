package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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
	return `It looks into the store of the configuration, also while the bot runs on it. A running bot hears of a change
within a minute on SQLite, within seconds on PostgreSQL.

Examples:
  dragoman queue
  dragoman queue list dead
  dragoman queue show 4711
  dragoman queue retry 4711 4712`
}

type queueListCmd struct {
	State string `arg:"" optional:"" default:"" enum:",ready,behind,running,done,dead,cancelled,unknown" help:"Jobs in that state: ready, behind, running, done, dead, cancelled or unknown. Without it: a line for each kind."`
	Kind  string `placeholder:"KIND" help:"Only kinds that begin with it."`
	Limit int    `default:"50" help:"At most so many."`
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
		return table(i.std.out, "ID\tKIND\tGROUP\tADDED\tNEXT\tATTEMPT\tREASON", len(jobs), func(n int) string {
			j := jobs[n]
			return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%d\t%s", j.ID, j.Kind, oneLine(j.Group, 40), moment(j.Added), moment(j.RunAt), j.Attempt, oneLine(j.Reason, 80))
		})
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
	return table(i.std.out, "KIND\tWAITING\tRUNNING\tDONE\tDEAD\tUNKNOWN\tATTEMPTS\tOLDEST", len(some), func(n int) string {
		k := some[n]
		oldest := "-"
		if !k.Oldest.IsZero() {
			oldest = now.Sub(k.Oldest).Round(time.Second).String()
		}
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s", k.Kind, k.Ready+k.Behind, k.Running, k.Done, k.Dead, k.Unknown, k.Attempts, oldest)
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
			fmt.Fprintf(w, "%s\t%s\n", line[0], cmp.Or(line[1], "-"))
		}
		return w.Flush()
	})
}

type queueRetryCmd struct {
	IDs []int64 `arg:"" help:"The jobs' numbers."`
}

// Run makes jobs due now.
func (c *queueRetryCmd) Run(i *invocation) error {
	return eachJob(i, c.IDs, "is due now", (*queue.Queue).Retry)
}

type queueDropCmd struct {
	IDs []int64 `arg:"" help:"The jobs' numbers."`
}

// Run gives jobs up.
func (c *queueDropCmd) Run(i *invocation) error {
	return eachJob(i, c.IDs, "is dropped", (*queue.Queue).Drop)
}

func eachJob(i *invocation, ids []int64, done string, do func(*queue.Queue, context.Context, int64) error) error {
	return withQueue(i, func(_ *store.DB, q *queue.Queue) error {
		var failed []error
		for _, id := range ids {
			if err := do(q, i.ctx, id); err != nil {
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
	State string `arg:"" optional:"" default:"" enum:",accepted,sent,acknowledged,failed,unknown" help:"Only messages in that state: accepted, sent, acknowledged, failed or unknown."`
	Limit int    `default:"50" help:"At most so many, the newest first."`
}

// Help is shown by dragoman outbox --help.
func (*outboxCmd) Help() string {
	return `The states are: accepted (it waits for its turn or its destination), sent (on the wire, not acknowledged yet),
acknowledged (the far side has it), failed (given up; the reason says why), unknown (sent, and nobody knows whether it
arrived). Finished messages are kept for a day.

Examples:
  dragoman outbox
  dragoman outbox failed
  dragoman queue retry 4711              send one again`
}

// Run prints messages.
func (c *outboxCmd) Run(i *invocation) error {
	return withQueue(i, func(db *store.DB, q *queue.Queue) error {
		box := outbox.New(outbox.Config{DB: db, Queue: q, Clock: clock.System{}, Log: i.log})
		f := outbox.Filter{Limit: c.Limit}
		if c.State != "" {
			f.States = []outbox.State{outbox.State(c.State)}
		}
		list, err := box.Messages(i.ctx, f)
		if err != nil {
			return err
		}
		return table(i.std.out, "ID\tSTATE\tTO\tADDED\tTRIED\tATTEMPTS\tREASON\tTEXT", len(list), func(n int) string {
			m := list[n]
			return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s", m.ID, m.State, oneLine(m.To, 40), moment(m.Added), moment(m.Tried),
				m.Attempts, oneLine(m.Reason, 60), oneLine(m.Text, 60))
		})
	})
}

// withQueue opens the store for do. It runs no worker.
func withQueue(i *invocation, do func(db *store.DB, q *queue.Queue) error) (err error) {
	db, err := existingStore(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := migrateUnused(i.ctx, db); err != nil {
		return err
	}
	return do(db, queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: i.log}))
}

// table prints rows under a heading, or that there are none.
func table(out io.Writer, head string, rows int, row func(n int) string) error {
	if rows == 0 {
		_, err := fmt.Fprintln(out, "There is none.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	for n := range rows {
		fmt.Fprintln(w, row(n))
	}
	return w.Flush()
}

// moment is a time for a table, "-" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// oneLine is text for a cell: what people wrote must not draw on the terminal.
func oneLine(text string, width int) string {
	runes := []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }), " "))
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return cmp.Or(string(runes), "-")
}

// backupCmd is dragoman backup.
type backupCmd struct {
	File string `arg:"" help:"The file to write, which must not exist."`
}

// Help is shown by dragoman backup --help.
func (*backupCmd) Help() string {
	return `It copies the SQLite store of the configuration, also while the bot runs on it, and checks the copy. To restore one, stop
the bot and put the copy in the place of the store's file. For PostgreSQL use pg_dump.

Examples:
  dragoman backup -c /etc/dragoman/skills.yaml /var/backups/dragoman.db`
}

// Run writes the copy.
func (c *backupCmd) Run(i *invocation) (err error) {
	db, err := existingStore(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Backup(i.ctx, c.File); err != nil {
		return err
	}
	_, err = fmt.Fprintf(i.std.out, "%s is a sound copy of the store.\n", c.File)
	return err
}
