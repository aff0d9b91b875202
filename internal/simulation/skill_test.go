package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"dragoman/bot"
	"dragoman/scheduler"
	"dragoman/store"
	"dragoman/store/queue"
)

// ledger is a skill whose every effect can be counted: its table accepts
// everything, also twice.
type ledger struct {
	w    *world
	db   *store.DB
	plan *scheduler.Planner
	bot  *bot.Bot
}

var ledgerSteps = []store.Migration{store.Step("effects",
	`CREATE TABLE effects (id INTEGER PRIMARY KEY, what TEXT NOT NULL, who TEXT NOT NULL)`)}

type noteArgs struct {
	What string `slot:"what" help:"What to note." ask:"What?"`
}

func (l *ledger) Name() string { return "ledger" }

func (l *ledger) Commands() []*bot.Cmd {
	return []*bot.Cmd{
		bot.Command("note", l.note).Summary("note something").Changes(bot.ChangesOwn),
		bot.Command("remind", l.remind).Summary("note something and be reminded of it").Changes(bot.ChangesOwn),
		bot.Command("count", l.count).Summary("say how much is noted"),
	}
}

func (l *ledger) effect(ctx context.Context, what, who string) error {
	return l.db.Write(ctx, func(tx *gorm.DB) error {
		l.w.point("inside a transaction", what)
		if err := tx.Exec("INSERT INTO effects (what, who) VALUES (?, ?)", what, who).Error; err != nil {
			return err
		}
		l.db.AfterCommit(tx.Statement.Context, func() { l.w.point("after a commit", what) })
		return nil
	})
}

func (l *ledger) note(ctx context.Context, r *bot.Request, args noteArgs) (bot.Reply, error) {
	return bot.Say("noted " + args.What), l.effect(ctx, args.What, string(r.Sender.Account))
}

// remind commits the effect, the reminder and the reply together.
func (l *ledger) remind(ctx context.Context, r *bot.Request, args noteArgs) (bot.Reply, error) {
	if err := l.effect(ctx, args.What, string(r.Sender.Account)); err != nil {
		return bot.Reply{}, err
	}
	err := l.plan.Once(ctx, scheduler.At{
		Name: "remind/" + args.What, When: time.Now().Add(2 * time.Hour), Kind: "reminder",
		Args: reminder{To: r.Subscriber(), Text: "reminder of " + args.What},
	})
	return bot.Say("noted " + args.What), err
}

func (l *ledger) count(ctx context.Context, r *bot.Request, _ struct{}) (bot.Reply, error) {
	var n int64
	err := l.db.Read(ctx).Raw("SELECT count(*) FROM effects WHERE who = ?", string(r.Sender.Account)).Scan(&n).Error
	return bot.Sayf("counted %d", n), err
}

// reminder is what a planned job is given.
type reminder struct {
	To   bot.Destination
	Text string
}

// remember sends a reminder in the transaction in which its job is done.
func (l *ledger) remember(ctx context.Context, j *queue.Job[scheduler.Tick[reminder]]) error {
	return l.db.Write(ctx, func(tx *gorm.DB) error {
		ctx := tx.Statement.Context
		due := j.Args.Due.UTC().Format("15:04")
		err := l.bot.Notify(ctx, bot.Notice{
			To: j.Args.Args.To, Cause: j.Args.Plan + due, At: j.Args.Due,
			Reply: bot.Say(j.Args.Args.Text + " of " + due),
		})
		if err != nil {
			return err
		}
		return j.Done(ctx)
	})
}

// receive takes a parcel of the peer.
func (l *ledger) receive(ctx context.Context, p *bot.Parcel) error {
	var what string
	if err := json.Unmarshal(p.Body, &what); err != nil {
		return fmt.Errorf("no text: %w", err)
	}
	return l.effect(ctx, what, string(p.From))
}
