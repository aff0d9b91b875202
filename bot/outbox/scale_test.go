package outbox_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// counter is a courier that takes everything and keeps nothing but the order
// and the time it took.
type counter struct {
	mu      sync.Mutex
	next    map[bot.Address]int // the text of the next message
	wrong   []string
	left    int
	done    chan struct{} // closed when left is zero
	waits   []time.Duration
	heap    uint64
	carries int
	dead    func(to bot.Address) bool // those that never answer
}

func newCounter(messages int) *counter {
	return &counter{next: make(map[bot.Address]int), left: messages, done: make(chan struct{})}
}

func (*counter) Name() string                               { return "wire" }
func (*counter) Run(ctx context.Context, _ bot.Inbox) error { <-ctx.Done(); return nil }
func (*counter) Send(context.Context, bot.Outgoing) error   { return nil }
func (*counter) Opened(func(bot.Address))                   {}
func (*counter) Line() (up bool, changed <-chan struct{})   { return true, nil }
func (c *counter) transports() map[string]bot.Transport     { return map[string]bot.Transport{c.Name(): c} }
func (c *counter) await(t testing.TB) {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(2 * time.Minute):
		t.Fatalf("%d messages did not arrive", c.left)
	}
	if len(c.wrong) > 0 {
		t.Errorf("%d out of order, such as %s", len(c.wrong), c.wrong[0])
	}
}

// Carry implements bot.Courier.
func (c *counter) Carry(ctx context.Context, batch []bot.Outgoing) []bot.Fate {
	to, now := batch[0].To, time.Now()
	if c.dead != nil && c.dead(to) {
		<-ctx.Done()
		return make([]bot.Fate, len(batch))
	}
	fates := make([]bot.Fate, len(batch))
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, out := range batch {
		fates[i].State = bot.Arrived
		if n, _ := strconv.Atoi(out.Reply.Text); n != c.next[to] {
			c.wrong = append(c.wrong, fmt.Sprintf("%s got %d and expected %d", to, n, c.next[to]))
		}
		c.next[to]++
		c.waits = append(c.waits, now.Sub(out.At))
	}
	if c.carries++; c.carries%256 == 1 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.heap = max(c.heap, m.HeapInuse)
	}
	if c.left -= len(batch); c.left == 0 {
		close(c.done)
	}
	return fates
}

// percentile sorts waits.
func percentile(waits []time.Duration, p int) time.Duration {
	slices.Sort(waits)
	return waits[min(len(waits)*p/100, len(waits)-1)]
}

func numbered(to string, n int) bot.Outgoing {
	return bot.Outgoing{Destination: bot.Destination{Transport: "wire", To: bot.Address(to)}, Reply: bot.Say(strconv.Itoa(n))}
}

// heapMax is what 10,000 waiting messages may take. What they say is in the
// database; here is no more than what is on its way.
const heapMax = 96 << 20

func TestABurstKeepsItsOrderAndFitsIntoMemory(t *testing.T) {
	databases(t, func(t *testing.T, fresh func(testing.TB) *storage) {
		for _, places := range []int{1, 10_000} {
			t.Run(fmt.Sprint(places), func(t *testing.T) {
				const each = 500
				messages := scaled(10_000)
				c := newCounter(messages)
				p := fresh(t).start(t, clock.System{}, c.transports())
				began := time.Now()
				for first := 0; first < messages; first += each {
					_, err := p.Once(t.Context(), fmt.Sprint("burst", first), time.Hour, func(ctx context.Context) error {
						for i := first; i < first+each; i++ {
							if err := p.Add(ctx, numbered(fmt.Sprint("place", i%places), i/places)); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				added := time.Since(began)
				c.await(t)
				t.Logf("%d messages to %d destinations: added in %v, carried after %v in %d batches, heap %d MiB",
					messages, places, added.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), c.carries, c.heap>>20)
				if c.heap > heapMax {
					t.Errorf("the heap grew to %d MiB", c.heap>>20)
				}
			})
		}
	})
}

// lateMax is how long a message may wait while others are stuck. The machine of
// a test may be busy with other tests; what it takes is in the log.
const lateMax = 2 * time.Second

func TestADeadDestinationDelaysNoOther(t *testing.T) {
	databases(t, func(t *testing.T, fresh func(testing.TB) *storage) {
		const dead, healthy = 200, 20
		each := scaled(20)
		c := newCounter(healthy * each)
		c.dead = func(to bot.Address) bool { return to[0] == 'd' }
		p := fresh(t).start(t, clock.System{}, c.transports())
		for i := range each {
			for d := range dead {
				if i == 0 || d == 0 {
					add(t, p, numbered(fmt.Sprint("dead", d), i))
				}
			}
			for h := range healthy {
				add(t, p, numbered(fmt.Sprint("healthy", h), i))
			}
		}
		c.await(t)
		p99 := percentile(c.waits, 99)
		t.Logf("%d of %d destinations never answer; the others wait p50 %v, p99 %v", dead, dead+healthy, percentile(c.waits, 50), p99)
		if p99 > lateMax {
			t.Errorf("p99 %v", p99)
		}
	})
}

func add(t testing.TB, p *process, out bot.Outgoing) {
	t.Helper()
	if err := p.Add(t.Context(), out); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkDurable adds each message in a transaction of its own, together with
// the note of its cause, while others are delivered: as fast as it goes, and at
// the pace of 500 a second.
func BenchmarkDurable(b *testing.B) {
	for name, fresh := range map[string]func(testing.TB) *storage{"sqlite": sqlite, "postgres": postgres(b)} {
		for _, adders := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/adders=%d", name, adders), func(b *testing.B) { durable(b, fresh(b), adders, 0) })
		}
		b.Run(name+"/paced", func(b *testing.B) { durable(b, fresh(b), 4, 500) })
	}
}

func durable(b *testing.B, s *storage, adders, perSecond int) {
	c := newCounter(b.N)
	p := s.start(b, clock.System{}, c.transports())
	var wg sync.WaitGroup
	b.ResetTimer()
	began := time.Now()
	for a := range adders {
		wg.Go(func() {
			for i := a; i < b.N; i += adders {
				if perSecond > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
				}
				_, err := p.Once(b.Context(), strconv.Itoa(i), time.Hour, func(ctx context.Context) error {
					return p.Add(ctx, numbered(fmt.Sprintf("place%d-%d", a, (i/adders)%50), i/adders/50))
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	c.await(b)
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "messages/s")
	b.ReportMetric(float64(percentile(c.waits, 50).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(percentile(c.waits, 99).Microseconds())/1000, "p99-ms")
}
