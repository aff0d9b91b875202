package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dragoman/bot"
	"dragoman/bot/outbox"
	"dragoman/bot/outbox/outboxtest"
	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
	"dragoman/store/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// storage is a database for one case.
type storage struct {
	url    string
	admins func() []bot.Destination
	fence  func(context.Context) error
	giveUp time.Duration
}

func sqlite(t testing.TB) *storage {
	return &storage{url: "sqlite:" + filepath.Join(folder(t), "dragoman.db")}
}

// folder is in memory, where the system has such a place: what is tested here
// does not depend on a disk, and would mostly wait for it.
func folder(t testing.TB) string {
	const memory = "/dev/shm"
	dir, err := os.MkdirTemp(memory, "outbox")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// postgres gives an empty database to each case.
func postgres(t testing.TB) func(testing.TB) *storage {
	server := counterpart.PostgresServer(t)
	var n atomic.Int64
	return func(t testing.TB) *storage {
		url, err := server.CreateDatabase(t.Context(), fmt.Sprintf("case%d", n.Add(1)))
		if err != nil {
			t.Fatal(err)
		}
		return &storage{url: url}
	}
}

// databases runs a test on both.
func databases(t *testing.T, test func(t *testing.T, fresh func(testing.TB) *storage)) {
	t.Run("sqlite", func(t *testing.T) { test(t, sqlite) })
	t.Run("postgres", func(t *testing.T) { test(t, postgres(t)) })
}

// process is a bot's part that sends.
type process struct {
	*outbox.Outbox
	db    *store.DB
	queue *queue.Queue
	stop  func()
	kill  func()
}

// open opens the database as a process that was just started finds it.
func (s *storage) open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), s.url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for owner, steps := range map[string][]store.Migration{"queue": queue.Migrations(), "outbox": outbox.Migrations()} {
		if err := db.Migrate(t.Context(), owner, steps); err != nil {
			t.Fatal(err)
		}
	}
	if db.Dialect() == store.Postgres {
		// The one that was killed is dead for longer than its lease.
		exec(t, db, "UPDATE queue_workers SET seen_until = 0")
	}
	return db
}

// start starts a process that sends.
func (s *storage) start(t testing.TB, c clock.Clock, transports map[string]bot.Transport) *process {
	t.Helper()
	p := s.assemble(t, c, transports)
	p.run(t, transports)
	return p
}

// assemble is start for who needs nothing to run.
func (s *storage) assemble(t testing.TB, c clock.Clock, transports map[string]bot.Transport) *process {
	t.Helper()
	p := &process{db: s.open(t)}
	log := slog.New(slog.DiscardHandler)
	p.queue = queue.New(queue.Config{DB: p.db, Clock: c, Log: log, Dead: func(ctx context.Context, i queue.Info) error { return p.Dead(ctx, i) }})
	cfg := outbox.Config{DB: p.db, Queue: p.queue, Clock: c, Log: log, Admins: s.admins, Fence: s.fence, GiveUp: s.giveUp}
	for name := range transports {
		cfg.Transports = append(cfg.Transports, name)
	}
	p.Outbox = outbox.New(cfg)
	t.Cleanup(func() { _ = p.db.Close() })
	return p
}

func (p *process) run(t testing.TB, transports map[string]bot.Transport) {
	inner, endQueue := context.WithCancel(context.Background())
	outer, endOutbox := context.WithCancel(inner)
	var queues, boxes sync.WaitGroup
	queues.Go(func() {
		if err := p.queue.Run(inner); err != nil {
			t.Errorf("the queue ended: %v", err)
		}
	})
	boxes.Go(func() {
		if err := p.Run(outer, transports); err != nil {
			t.Errorf("the outbox ended: %v", err)
		}
	})
	p.stop = sync.OnceFunc(func() {
		endOutbox()
		boxes.Wait()
		endQueue()
		queues.Wait()
		if err := p.db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	p.kill = sync.OnceFunc(func() {
		p.cut()
		endQueue()
		boxes.Wait()
		queues.Wait()
	})
	t.Cleanup(p.stop)
}

// cut closes the database under the feet of all who write.
func (p *process) cut() { _ = p.db.Close() }

// Start implements outboxtest.Storage.
func (s *storage) Start(t testing.TB, c clock.Clock, transports map[string]bot.Transport) outboxtest.Process {
	p := s.start(t, c, transports)
	return outboxtest.Process{Outbox: p, Journal: p, Stop: p.stop, Cut: p.cut, Kill: p.kill}
}

func TestConformance(t *testing.T) {
	databases(t, func(t *testing.T, fresh func(testing.TB) *storage) {
		outboxtest.Run(t, func(t testing.TB) outboxtest.Storage { return fresh(t) })
	})
}

func TestSimulation(t *testing.T) {
	databases(t, func(t *testing.T, fresh func(testing.TB) *storage) {
		for range scaled(3) {
			outboxtest.Simulate(t, fresh(t), rand.Uint64())
		}
	})
}
