package queue

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
)

// The databases: SQLite syncs each commit (FULL), PostgreSQL runs with fsync
// off, as in all tests.
func benchmarkBoth(b *testing.B, f func(b *testing.B, db *store.DB)) {
	b.Run("sqlite", func(b *testing.B) { f(b, benchDB(b, "sqlite:"+filepath.Join(b.TempDir(), "q.db"))) })
	b.Run("postgres", func(b *testing.B) { f(b, benchDB(b, counterpart.PostgresURL(b))) })
}

func benchDB(b *testing.B, url string) *store.DB {
	db, err := store.Open(b.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(b.Context(), "queue", Migrations()); err != nil {
		b.Fatal(err)
	}
	return db
}

func benchQueue(db *store.DB) *Queue {
	return New(Config{DB: db, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
}

func empty(b *testing.B, db *store.DB) {
	err := db.Write(b.Context(), func(tx *gorm.DB) error { return tx.Exec("DELETE FROM queue_jobs").Error })
	if err != nil {
		b.Fatal(err)
	}
	if db.Dialect() == store.Postgres {
		err = db.Write(b.Context(), func(tx *gorm.DB) error { return tx.Exec("TRUNCATE queue_jobs").Error })
	}
	if err != nil {
		b.Fatal(err)
	}
}

// enqueue adds one job in a transaction of the caller's.
func enqueue(ctx context.Context, db *store.DB, q *Queue, it Item) error {
	return db.Write(ctx, func(tx *gorm.DB) error {
		_, err := q.Add(tx.Statement.Context, it)
		return err
	})
}

func BenchmarkEnqueue(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, db *store.DB) {
		for _, goroutines := range []int{1, 8} {
			for _, groups := range []int{0, 100} {
				b.Run(fmt.Sprintf("goroutines=%d/groups=%d", goroutines, groups), func(b *testing.B) {
					empty(b, db)
					q := benchQueue(db)
					var next atomic.Int64
					var adders sync.WaitGroup
					b.ResetTimer()
					for range goroutines {
						adders.Go(func() {
							for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
								it := Item{Kind: "bench", Args: struct{ N int64 }{i}}
								if groups > 0 {
									it.Group = fmt.Sprint(i % int64(groups))
								}
								if err := enqueue(b.Context(), db, q, it); err != nil {
									b.Error(err)
									return
								}
							}
						})
					}
					adders.Wait()
					perSecond(b)
				})
			}
		}
	})
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
}

// BenchmarkWorked works a backlog of jobs whose handler does nothing, with the
// order in each group kept.
func BenchmarkWorked(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, db *store.DB) {
		for _, groups := range []int{0, 100, 1000} {
			for _, batch := range []int{1, 32} {
				if groups == 0 && batch > 1 {
					continue
				}
				b.Run(fmt.Sprintf("groups=%d/batch=%d", groups, batch), func(b *testing.B) {
					empty(b, db)
					backlog(b, db, groups)
					if db.Dialect() == store.Postgres {
						if err := db.Write(b.Context(), func(tx *gorm.DB) error { return tx.Exec("ANALYZE queue_jobs").Error }); err != nil {
							b.Fatal(err)
						}
					}
					q := benchQueue(db)
					ctx, cancel := context.WithCancel(b.Context())
					var left atomic.Int64
					left.Store(int64(b.N))
					HandleBatch(q, Options{Kind: "bench", Workers: 100, Batch: batch},
						func(_ context.Context, jobs []*Job[struct{ N int64 }]) []error {
							if left.Add(-int64(len(jobs))) == 0 {
								cancel()
							}
							return nil
						})
					b.ResetTimer()
					if err := q.Run(ctx); err != nil {
						b.Error(err)
					}
					perSecond(b)
				})
			}
		}
	})
}

func backlog(b *testing.B, db *store.DB, groups int) {
	q := benchQueue(db)
	for done := 0; done < b.N; done += 1000 {
		err := db.Write(b.Context(), func(tx *gorm.DB) error {
			for i := done; i < min(done+1000, b.N); i++ {
				it := Item{Kind: "bench", Args: struct{ N int64 }{int64(i)}}
				if groups > 0 {
					it.Group = fmt.Sprint(i % groups)
				}
				if _, err := q.Add(tx.Statement.Context, it); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPickup is the time from the commit to the handler, one job at a time.
func BenchmarkPickup(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, db *store.DB) {
		q := benchQueue(db)
		picked := make(chan time.Time)
		Handle(q, Options{Kind: "bench"}, func(context.Context, *Job[int]) error {
			picked <- time.Now()
			return nil
		})
		ctx, cancel := context.WithCancel(b.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = q.Run(ctx) })
		var sum, worst time.Duration
		b.ResetTimer()
		for i := range b.N {
			if err := enqueue(b.Context(), db, q, Item{Kind: "bench", Group: "g", Args: i}); err != nil {
				b.Fatal(err)
			}
			committed := time.Now()
			took := (<-picked).Sub(committed)
			sum, worst = sum+took, max(worst, took)
		}
		b.ReportMetric(float64(sum.Microseconds())/float64(b.N), "µs/pickup")
		b.ReportMetric(float64(worst.Microseconds()), "µs/worst")
		cancel()
		running.Wait()
	})
}

// BenchmarkIdle is how much of a core a Queue with 20 kinds and nothing to do
// uses; each op is a second.
func BenchmarkIdle(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, db *store.DB) {
		q := benchQueue(db)
		for i := range 20 {
			Handle(q, Options{Kind: fmt.Sprint("bench", i)}, func(context.Context, *Job[int]) error { return nil })
		}
		ctx, cancel := context.WithCancel(b.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = q.Run(ctx) })
		_ = clock.Sleep(b.Context(), clock.System{}, time.Second)
		before := cpu(b)
		b.ResetTimer()
		_ = clock.Sleep(b.Context(), clock.System{}, time.Duration(b.N)*time.Second)
		b.ReportMetric(100*(cpu(b)-before).Seconds()/b.Elapsed().Seconds(), "%cpu")
		cancel()
		running.Wait()
	})
}

func cpu(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
