package status

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/store"
)

// books is a bot.Journal on the skill's own database, whose commits may fail.
type books struct {
	*bottest.Ledger
	db     *store.DB
	commit error
}

func (b *books) Once(ctx context.Context, key string, keep time.Duration, do func(context.Context) error) (again bool, err error) {
	return b.Ledger.Once(ctx, key, keep, func(ctx context.Context) error {
		return (&machineStore{b.db}).write(ctx, func(ctx context.Context) error {
			return cmp.Or(do(ctx), b.commit)
		})
	})
}

func TestWhatIsRolledBackChangesNothingInMemory(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		db := openStore(t, url)
		s := made(t, two(), Deps{DB: db, Notify: newWire(), NewCheck: (&machines{}).new})
		ledger := bottest.NewLedger(s.deps.Clock)
		b := &books{Ledger: ledger, db: db}
		chat := bottest.Start(t, bot.Config{Outbox: ledger, Journal: b}, still{s})
		defer chat.Stop()
		ask := func(commit error, text, want string) {
			t.Helper()
			b.commit = commit
			if got := chat.Ask(bottest.Direct("john", text)); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s", text, got)
			}
		}
		full := errors.Join(bot.ErrNotAccepted, errors.New("the disk is full"))
		const refused = "nothing was accepted, because I cannot store anything at the moment; please try again later."

		ask(full, "add machine db1 tcp 127.0.0.1:1", "add machine: "+refused)
		ask(nil, "get-status db1", "I know no machine")
		ask(nil, "add machine db1 tcp 127.0.0.1:1", "I now watch db1")
		ask(nil, "get-status db1", "db1 is currently running")
		ask(full, "subscribe db1", "subscribe: "+refused)
		ask(nil, "unsubscribe db1", "john is not subscribed to changes to db1 here")
		ask(nil, "subscribe db1", "john is now subscribed")
		ask(full, "unsubscribe db1", "unsubscribe: "+refused)
		ask(full, "remove machine db1", "remove machine: "+refused)
		ask(nil, "subscriptions", "john is subscribed to changes to db1")
		ask(nil, "get-status db1", "db1 is currently running")
		ask(nil, "remove machine db1", "I no longer watch db1")
		ask(nil, "get-status db1", "I know no machine")
	})
}
