package simulation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"

	"dragoman/bot"
	"dragoman/bot/outbox"
	"dragoman/internal/clock"
	"dragoman/scheduler"
	"dragoman/store"
	"dragoman/store/queue"
)

// everybody may do everything in this world.
type everybody struct{}

func (everybody) Check(context.Context, *bot.Message, *bot.Cmd) error { return nil }

// process is one life of the program.
type process struct {
	w       *world
	file    string
	db      *store.DB
	queue   *queue.Queue
	bot     *bot.Bot
	box     *outbox.Outbox
	plan    *scheduler.Planner
	carrier *carrier
	cancel  context.CancelFunc
	ended   sync.WaitGroup
}

// born starts a process on the database in file.
func born(t *testing.T, w *world, file string) *process {
	t.Helper()
	p := &process{w: w, file: file, carrier: newCarrier(w)}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("DRAGOMAN_VERBOSE") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+file, log)
	check(t, err)
	for owner, steps := range map[string][]store.Migration{
		"store": store.Migrations(), "queue": queue.Migrations(), "outbox": outbox.Migrations(), "ledger": ledgerSteps,
	} {
		check(t, db.Migrate(ctx, owner, steps))
	}
	p.db = db
	p.queue = queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: log, Rand: w.jitter(),
		Dead: func(ctx context.Context, i queue.Info) error { return p.box.Dead(ctx, i) }})
	p.plan = scheduler.NewPlanner(db, p.queue, clock.System{}, log)
	p.box = outbox.New(outbox.Config{DB: db, Queue: p.queue, Transports: []string{carrierName}, Clock: clock.System{}, Log: log,
		Admins: func() []bot.Destination { return []bot.Destination{{Transport: carrierName, To: admin}} }})
	p.bot, err = bot.New(bot.Config{Name: "dragoman", Log: log, Access: everybody{}, Outbox: p.box, Journal: p.box})
	check(t, err)
	skill := &ledger{w: w, db: db, plan: p.plan, bot: p.bot}
	check(t, p.bot.Add(skill))
	check(t, p.bot.Attach(p.carrier))
	check(t, p.bot.Receive("note", skill.receive))
	queue.Handle(p.queue, queue.Options{Kind: "reminder"}, skill.remember)
	p.schedule(t)

	w.alive.begin()
	life, cancel := context.WithCancel(ctx)
	p.cancel = cancel
	queueing, stop := context.WithCancel(ctx)
	p.ended.Go(func() { _ = p.queue.Run(queueing) })
	p.ended.Go(func() {
		_ = p.bot.Run(life)
		stop()
	})
	return p
}

// admin hears of dead letters.
const admin bot.Address = "admin@world"

// plans are what recurs, each to its room.
var plans = []struct {
	name string
	spec string
	late scheduler.CatchUp
}{
	{"every other hour", "0 */2 * * *", scheduler.Once},
	{"half past", "30 */4 * * *", scheduler.Within(10 * time.Minute)},
}

// schedule makes the recurring plans known, as a program does at every start.
// The database may be busy at that moment.
func (p *process) schedule(t *testing.T) {
	for i, plan := range plans {
		err := errors.New("not yet")
		for try := 0; err != nil && try < 100; try++ {
			err = p.plan.Recurring(context.Background(), scheduler.Plan{
				Name: plan.name, Spec: plan.spec, CatchUp: plan.late, Kind: "reminder",
				Args: reminder{To: bot.Destination{Transport: carrierName, To: roomAddress(i), Room: true}, Text: plan.name},
			})
			if err != nil {
				time.Sleep(10 * time.Second)
			}
		}
		check(t, err)
	}
}

// kill ends the process as SIGKILL would and returns the database that is left:
// a copy of its files at this moment, at which everything stands still.
func (p *process) kill(t *testing.T, dir string, n int) (file string) {
	t.Helper()
	close(p.carrier.gone)
	p.w.alive.end()
	synctest.Wait()
	file = filepath.Join(dir, fmt.Sprintf("%d.db", n))
	for _, part := range []string{"", "-wal"} {
		copyFile(t, p.file+part, file+part)
	}
	p.end()
	return file
}

// end tells the process to stop and waits until it has.
func (p *process) end() {
	p.cancel()
	p.ended.Wait()
	_ = p.db.Close() // whatever it says, nobody is left to hear it
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return // no log yet
	}
	check(t, err)
	defer in.Close()
	out, err := os.Create(to)
	check(t, err)
	_, err = io.Copy(out, in)
	check(t, errors.Join(err, out.Close()))
}

// fill makes the database full, or gives it room again.
func (p *process) fill(full bool) {
	limit := 1 << 30
	if full {
		limit = 1 // SQLite keeps it at what there is
	}
	_ = p.db.Write(context.Background(), func(tx *gorm.DB) error {
		return tx.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", limit)).Error
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
