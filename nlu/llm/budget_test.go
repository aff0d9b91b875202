package llm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/internal/clock"
)

// spent is what the ledger holds for "p" on a day of the tests.
func spent(t *testing.T, l Ledger, day string) int {
	t.Helper()
	n, err := l.Spent(t.Context(), "p", day)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const today, tomorrow = "2026-11-23", "2026-11-24"

func TestWhatAQuestionCosts(t *testing.T) {
	const all = -1 // of what was reserved
	usage := func(u string) func() (*http.Response, error) {
		return status(200, `{"choices":[{"message":{"role":"assistant","content":"none"}}],"usage":`+u+`}`)
	}
	for _, tt := range []struct {
		rule string
		give func() (*http.Response, error)
		want int
	}{
		{"what the server counted", usage(`{"prompt_tokens":90,"completion_tokens":10,"total_tokens":100}`), 100},
		{"the sum where there is no total", usage(`{"prompt_tokens":90,"completion_tokens":10}`), 100},
		{"what was reserved where it did not count", usage(`null`), all},
		{"or counted nonsense", usage(`{"total_tokens":-5}`), all},
		{"or far too much", usage(`{"total_tokens":99999999999}`), all},
		{"nothing for an error of the server", status(500, ""), 0},
		{"nothing where nobody was reached", func() (*http.Response, error) {
			return newTransport(true).RoundTrip(mustRequest(t, "http://127.0.0.1:1/"))
		}, 0},
		{"what was reserved where the answer broke off", status(200, "{"), all},
		{"or the connection did", fails, all},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := options(t)
			o.Ledger = new(MemoryLedger)
			a := &answers{give: []func() (*http.Response, error){tt.give}}
			o.Transport = a
			res, _ := client(t, o).Ask(t.Context(), chat("hello"))
			want := tt.want
			if want == all {
				want = estimate([]byte(a.bodies[0])) + DefaultMaxTokens
			}
			if got := spent(t, o.Ledger, today); got != want || res.Tokens != want {
				t.Errorf("the ledger holds %d and the result %d, want %d", got, res.Tokens, want)
			}
		})
	}
}

func mustRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheBudgetIsForOnePersonAndDay(t *testing.T) {
	o := options(t)
	fake := clock.NewFake(time.Date(2026, 11, 23, 22, 30, 0, 0, time.UTC)) // 23:30 in Berlin
	o.Clock, o.Location = fake, time.FixedZone("Berlin", 3600)
	o.Ledger, o.Budget = new(MemoryLedger), 5000
	a := &answers{give: []func() (*http.Response, error){called("list_events", `{}`)}} // 920 tokens
	o.Transport = a
	c := client(t, o)
	asked := 0
	for ; ; asked++ {
		_, err := c.Ask(t.Context(), chat("anything on?"))
		var e *Error
		if errors.As(err, &e) {
			if e.Kind != ErrBudget || !strings.Contains(e.Text, "tomorrow") || e.Error() != ErrBudget.Error() {
				t.Errorf("got %v, told %q", e, e.Text)
			}
			break
		}
		if err != nil || asked > 10 {
			t.Fatalf("after %d: %v", asked, err)
		}
	}
	if asked < 2 || a.asked() != asked || spent(t, o.Ledger, today) != asked*920 {
		t.Errorf("%d answers of %d questions cost %d", asked, a.asked(), spent(t, o.Ledger, today))
	}
	other := chat("anything on?")
	other.Person = "q"
	if got := brief(c.Ask(t.Context(), other)); got != "list events 0.7" {
		t.Errorf("another person got %s", got)
	}
	fake.Advance(29 * time.Minute)
	if got := brief(c.Ask(t.Context(), chat("anything on?"))); got != "budget" {
		t.Errorf("before midnight: %s", got)
	}
	fake.Advance(time.Minute)
	if got := brief(c.Ask(t.Context(), chat("anything on?"))); got != "list events 0.7" {
		t.Errorf("on the next day: %s", got)
	}
	if got := spent(t, o.Ledger, tomorrow); got != 920 {
		t.Errorf("the next day cost %d", got)
	}
}

func TestManyAtOnceDoNotExceedTheBudget(t *testing.T) {
	o := options(t)
	o.Budget = 10_000
	o.Ledger = new(MemoryLedger)
	o.Transport = &answers{give: []func() (*http.Response, error){fails}} // costs all that was reserved
	c := client(t, o)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { _, _ = c.Ask(context.Background(), chat("hello")) })
	}
	wg.Wait()
	if got := spent(t, o.Ledger, today); got > o.Budget {
		t.Errorf("spent %d of %d", got, o.Budget)
	}
}

// badLedger fails from its n-th call on.
type badLedger struct {
	MemoryLedger
	left int
}

func (l *badLedger) Spent(ctx context.Context, person, day string) (int, error) {
	if l.left--; l.left < 0 {
		return 0, errors.New("disk full")
	}
	return l.MemoryLedger.Spent(ctx, person, day)
}

func (l *badLedger) Add(ctx context.Context, person, day string, tokens int) (int, error) {
	if l.left--; l.left < 0 {
		return 0, errors.New("disk full")
	}
	return l.MemoryLedger.Add(ctx, person, day, tokens)
}

func TestWithoutItsLedgerNothingIsAsked(t *testing.T) {
	for left, want := range []string{"unavailable", "unavailable", "list events 0.7"} {
		o := options(t)
		a := &answers{give: []func() (*http.Response, error){called("list_events", `{}`)}}
		o.Transport, o.Ledger = a, &badLedger{left: left}
		log, out := logged()
		o.Log = log
		if got := brief(client(t, o).Ask(t.Context(), chat("anything on?"))); got != want {
			t.Errorf("failing at call %d: got %s, want %s", left+1, got, want)
		}
		if asked := a.asked() > 0; asked != (left == 2) {
			t.Errorf("failing at call %d: asked is %v", left+1, asked)
		}
		if !strings.Contains(out.String(), "disk full") {
			t.Errorf("failing at call %d: the log does not say why", left+1)
		}
	}
}

func TestTheLedgerIsCorrectedAfterTheAskerGaveUp(t *testing.T) {
	o := options(t)
	o.Ledger = new(MemoryLedger)
	ctx, cancel := context.WithCancel(t.Context())
	o.Transport = &answers{give: []func() (*http.Response, error){func() (*http.Response, error) {
		cancel()
		return status(500, "")()
	}}}
	_, _ = client(t, o).Ask(ctx, chat("hello"))
	if got := spent(t, o.Ledger, today); got != 0 {
		t.Errorf("the reservation of %d stays", got)
	}
}

func TestABudgetBelowOneQuestionIsLogged(t *testing.T) {
	o := options(t)
	o.Budget = 10
	log, out := logged()
	o.Log = log
	if got := brief(client(t, o).Ask(t.Context(), chat("hello"))); got != "budget" || !strings.Contains(out.String(), "budget of a day") {
		t.Errorf("got %s, logged %s", got, out)
	}
}

func TestMemoryLedgerKeepsTwoDays(t *testing.T) {
	l := new(MemoryLedger)
	for day := 1; day <= 9; day++ {
		if n, err := l.Add(t.Context(), "p", fmt.Sprintf("2026-11-%02d", day), day); n != day || err != nil {
			t.Fatal(n, err)
		}
	}
	if len(l.days) != 2 || spent(t, l, "2026-11-08") != 8 || spent(t, l, "2026-11-09") != 9 {
		t.Errorf("holds %v", l.days)
	}
}
