package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dragoman/bot"
	"dragoman/store/queue"
)

// Skill gives administrators the outbox and the queue in the chat. Its replies
// name people and quote what was said to them, so they go to the administrator
// alone, also from a room, and so do those that say why something cannot be done.
func (o *Outbox) Skill() bot.Skill { return admin{o} }

type admin struct{ outbox *Outbox }

const (
	// listed is how many rows a list has, and quoted how many characters of a
	// reason or a text are in it.
	listed = 20
	quoted = 48
	// permission is needed for all of it.
	permission = "queue.admin"
)

// Name implements bot.Skill.
func (admin) Name() string { return "queue" }

type listArgs struct {
	State string `slot:"state,optional" help:"Only those: waiting, sent, acknowledged, failed or unknown, or all; by default what waits or failed."`
}

type jobsArgs struct {
	State string `slot:"state,optional" help:"Only those: ready, behind, running, done, dead, cancelled or unknown; by default all that are not finished, and those that failed."`
}

type jobArgs struct {
	ID int64 `slot:"id" help:"The number of the job, as the lists show it." ask:"Which job? The lists show the numbers."`
}

// Commands implements bot.Skill. Also those that only look say that they change
// what is shared: it is what makes a command the administrators' own, and who
// was told what is nobody else's business.
func (s admin) Commands() []*bot.Cmd {
	own := func(c *bot.Cmd) *bot.Cmd { return c.Needs(permission).Changes(bot.ChangesShared) }
	return []*bot.Cmd{
		own(bot.Command("outbox", s.messages).Summary("list messages that wait or failed")),
		own(bot.Command("queue list", s.list).Summary("list jobs that wait or failed")),
		own(bot.Command("queue show", s.show).Summary("show all that is known of a job")),
		own(bot.Command("queue retry", s.retry).Summary("try a job that failed once more")),
		own(bot.Command("queue drop", s.drop).Summary("give up a job for good")),
	}
}

// StatesOf are the states that an administrator means by a word: that of one of
// them, "waiting", "all", or nothing for what waits or failed. It reports whether
// there is such a word.
func StatesOf(word string) (states []State, ok bool) {
	switch word = strings.ToLower(word); word {
	case "":
		return []State{Accepted, Sent, Failed, Unknown}, true
	case "waiting":
		return []State{Accepted, Sent}, true
	case "all":
		return States(), true
	}
	if s := State(word); slices.Contains(States(), s) {
		return []State{s}, true
	}
	return nil, false
}

func (s admin) messages(ctx context.Context, _ *bot.Request, args listArgs) (bot.Reply, error) {
	states, ok := StatesOf(args.State)
	if !ok {
		return private(bot.Say("Messages are waiting, sent, acknowledged, failed or unknown.")), nil
	}
	entries, err := s.outbox.Messages(ctx, Filter{States: states, Limit: listed + 1})
	if err != nil {
		return bot.Reply{}, err
	}
	t := &bot.Table{Head: []string{"job", "state", "to", "age", "tries", "text", "reason"}}
	for _, e := range entries[:min(len(entries), listed)] {
		t.Rows = append(t.Rows, []string{
			strconv.FormatInt(e.ID, 10), string(e.State), Visible(e.To), s.age(e.Added), strconv.Itoa(e.Attempts),
			cell(e.Text), cell(e.Reason),
		})
	}
	return listing("message", args.State, t, len(entries)), nil
}

// listing is a table with more rows than it shows, or the word that there is
// none in that state.
func listing(what, state string, t *bot.Table, found int) bot.Reply {
	switch {
	case found == 0 && state == "":
		return private(bot.Say("Nothing waits, and nothing failed."))
	case found == 0:
		return private(bot.Sayf("There is no such %s.", what))
	case found > listed:
		return private(bot.Reply{Text: fmt.Sprintf("The newest %d; there are more.", listed), Table: t})
	}
	return private(bot.Reply{Table: t})
}

func private(r bot.Reply) bot.Reply {
	r.Private = true
	return r
}

// age is how long ago t was, in its largest unit.
func (s admin) age(t time.Time) string {
	d := max(s.outbox.clock.Now().Sub(t), 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}

// jobStateWords are the states of jobs, in the order of their life.
func jobStateWords() []queue.State {
	return []queue.State{queue.StateReady, queue.StateBehind, queue.StateRunning, queue.StateDone, queue.StateDead, queue.StateCancelled, queue.StateUnknown}
}

func (s admin) list(ctx context.Context, _ *bot.Request, args jobsArgs) (bot.Reply, error) {
	states := []queue.State{queue.StateReady, queue.StateBehind, queue.StateRunning, queue.StateDead, queue.StateUnknown}
	if args.State != "" {
		one := queue.State(strings.ToLower(args.State))
		if !slices.Contains(jobStateWords(), one) {
			return private(bot.Say("Jobs are ready, behind, running, done, dead, cancelled or unknown.")), nil
		}
		states = []queue.State{one}
	}
	infos, err := s.outbox.cfg.Queue.List(ctx, queue.Filter{States: states, Limit: listed + 1})
	if err != nil {
		return bot.Reply{}, err
	}
	t := &bot.Table{Head: []string{"job", "kind", "state", "age", "due", "tries", "reason"}}
	for _, i := range infos[:min(len(infos), listed)] {
		due := ""
		if !i.State.Finished() {
			due = "now"
			if wait := i.RunAt.Sub(s.outbox.clock.Now()); wait > 0 {
				due = "in " + wait.Round(time.Second).String()
			}
		}
		t.Rows = append(t.Rows, []string{
			strconv.FormatInt(i.ID, 10), Visible(i.Kind), string(i.State), s.age(i.Added), due, strconv.Itoa(i.Attempt), cell(i.Reason),
		})
	}
	return listing("job", args.State, t, len(infos)), nil
}

func (s admin) show(ctx context.Context, _ *bot.Request, args jobArgs) (bot.Reply, error) {
	i, err := s.outbox.cfg.Queue.Show(ctx, args.ID)
	if err != nil {
		return explained(args.ID, err)
	}
	rows := [][]string{
		{"job", strconv.FormatInt(i.ID, 10)}, {"kind", i.Kind}, {"group", i.Group}, {"key", i.Key},
		{"state", string(i.State)}, {"tries", strconv.Itoa(i.Attempt)}, {"added", stamp(i.Added)},
		{"due", stamp(i.RunAt)}, {"tried", stamp(i.Tried)}, {"finished", stamp(i.Finished)}, {"reason", i.Reason},
	}
	if _, ok := letterOf(i); ok {
		rows = append(rows, []string{"text", entryOf(i).Text})
	} else {
		rows = append(rows, []string{"arguments", string(i.Payload)})
	}
	rows = slices.DeleteFunc(rows, func(row []string) bool { return row[1] == "" })
	for _, row := range rows {
		row[1] = Visible(row[1])
	}
	return private(bot.Reply{Table: &bot.Table{Rows: rows}}), nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func (s admin) retry(ctx context.Context, _ *bot.Request, args jobArgs) (bot.Reply, error) {
	was, err := s.outbox.cfg.Queue.Show(ctx, args.ID)
	if err == nil {
		err = s.outbox.cfg.Queue.Retry(ctx, args.ID)
	}
	if err != nil {
		return explained(args.ID, err)
	}
	if _, ok := letterOf(was); ok && was.State == queue.StateUnknown {
		return private(bot.Sayf("Job %d is sent again as it was. If it arrived the first time, it arrives twice.", args.ID)), nil
	}
	return private(bot.Sayf("Job %d is tried again.", args.ID)), nil
}

func (s admin) drop(ctx context.Context, _ *bot.Request, args jobArgs) (bot.Reply, error) {
	if err := s.outbox.cfg.Queue.Drop(ctx, args.ID); err != nil {
		return explained(args.ID, err)
	}
	return private(bot.Sayf("Job %d is dropped.", args.ID)), nil
}

// explained is what an administrator is told who asked for something that
// cannot be done. It is no refusal: the room would read that.
func explained(id int64, err error) (bot.Reply, error) {
	switch {
	case errors.Is(err, queue.ErrNotFound):
		return private(bot.Sayf("There is no job %d; finished ones are deleted after a day.", id)), nil
	case errors.Is(err, queue.ErrState):
		return private(bot.Sayf("That cannot be done to job %d in its state; see: queue show %d", id, id)), nil
	case errors.Is(err, queue.ErrExists):
		return private(bot.Sayf("Another job with the key of job %d is waiting already.", id)), nil
	}
	return bot.Reply{}, err
}
