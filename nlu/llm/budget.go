package llm

import (
	"context"
	"sync"
	"time"
)

// Ledger counts the tokens of each person and day. A store implements it so
// that the count survives a restart and holds for several processes. It is
// called outside of any transaction, before and after a question.
type Ledger interface {
	// Spent returns what a person spent on a day ("2026-11-23").
	Spent(ctx context.Context, person, day string) (int, error)
	// Add adds tokens, which may be negative to correct an earlier Add, and
	// returns the sum after it. Two at once both count.
	Add(ctx context.Context, person, day string, tokens int) (int, error)
}

// MemoryLedger is a Ledger that forgets everything when the program ends. It
// keeps the two latest days. The zero value is empty and ready.
type MemoryLedger struct {
	mu   sync.Mutex
	days map[string]map[string]int
}

// Spent implements Ledger.
func (l *MemoryLedger) Spent(_ context.Context, person, day string) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.days[day][person], nil
}

// Add implements Ledger.
func (l *MemoryLedger) Add(_ context.Context, person, day string, tokens int) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.days == nil {
		l.days = make(map[string]map[string]int)
	}
	if l.days[day] == nil {
		l.days[day] = make(map[string]int)
		l.forget()
	}
	l.days[day][person] += tokens
	return l.days[day][person], nil
}

// forget drops the oldest day when there are three.
func (l *MemoryLedger) forget() {
	if len(l.days) <= 2 {
		return
	}
	oldest := ""
	for day := range l.days {
		if oldest == "" || day < oldest {
			oldest = day
		}
	}
	delete(l.days, oldest)
}

// reservation is what one question may cost, taken from the budget before it is
// asked.
type reservation struct {
	person, day string
	tokens      int
}

// reserve takes tokens from the person's budget of today, or returns an *Error.
func (c *Client) reserve(ctx context.Context, person string, tokens int) (reservation, error) {
	r := reservation{person, c.o.Clock.Now().In(c.o.Location).Format(time.DateOnly), tokens}
	spent, err := c.o.Ledger.Spent(ctx, person, r.day)
	if err != nil {
		return r, c.ledgerFailed(err)
	}
	if spent+tokens > c.o.Budget {
		if tokens > c.o.Budget {
			c.o.Log.Warn("one question to the language model can cost more than a person's budget of a day", "tokens", tokens, "budget", c.o.Budget)
		}
		return r, overBudget()
	}
	if spent, err = c.o.Ledger.Add(ctx, person, r.day, tokens); err != nil {
		return r, c.ledgerFailed(err)
	}
	if spent > c.o.Budget { // somebody else reserved in between
		c.settle(ctx, r, 0)
		return r, overBudget()
	}
	return r, nil
}

func (c *Client) ledgerFailed(err error) error {
	c.o.Log.Error("the token ledger failed, so the language model is not asked", "err", err)
	return unavailable(err)
}

// settleTime bounds the correction of a reservation, for which the time of the
// question may be over.
const settleTime = 2 * time.Second

// settle corrects the reservation to what was used. If that fails the person
// keeps the higher price.
func (c *Client) settle(ctx context.Context, r reservation, used int) {
	if used == r.tokens {
		return
	}
	ctx, stop := within(context.WithoutCancel(ctx), c.o.Clock, settleTime)
	defer stop()
	if _, err := c.o.Ledger.Add(ctx, r.person, r.day, used-r.tokens); err != nil {
		c.o.Log.Error("the token ledger was not corrected", "err", err)
	}
}

// estimate is how many tokens a text has at most, as far as that can be said
// without the model's own table: three ASCII characters make one, any other
// byte may be one by itself.
func estimate(text []byte) int {
	ascii := 0
	for _, b := range text {
		if b < 0x80 {
			ascii++
		}
	}
	return ascii/3 + len(text) - ascii + 1
}
