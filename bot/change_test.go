package bot_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// counter is a command that changes something. do may be replaced between two
// requests.
type counter struct {
	runs int // of the handler
	do   func(ctx context.Context) (bot.Reply, error)
}

func (c *counter) command() *bot.Cmd {
	return run("count", func(ctx context.Context, _ *bot.Request) (bot.Reply, error) {
		c.runs++
		if c.do != nil {
			return c.do(ctx)
		}
		return bot.Say("counted"), nil
	}).Changes(bot.ChangesOwn)
}

// says is how often the bot has said a text that begins like that.
func says(chat *bottest.Chat, start string) (n int) {
	for _, out := range chat.Sent() {
		if strings.HasPrefix(out.Reply.Plain(), start) {
			n++
		}
	}
	return n
}

// receipted is how often a message with that id was acknowledged.
func receipted(chat *bottest.Chat, id string) (n int) {
	for _, m := range chat.Receipts() {
		if m.ID == id {
			n++
		}
	}
	return n
}

// deliver sends messages and lets the bot handle each.
func deliver(chat *bottest.Chat, messages ...*bot.Message) {
	for _, m := range messages {
		chat.Send(m)
		synctest.Wait()
	}
}

func TestAChangeCommitsWithItsReplyAndIsAcknowledgedAfterThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		chat := bottest.Start(t, bot.Config{}, commands{c.command()})
		m := bottest.InRoom("john", "ops", "count")
		c.do = func(context.Context) (bot.Reply, error) {
			if len(chat.Receipts()) > 0 || len(chat.Ledger.Added()) > 0 {
				t.Error("something was told before the commit")
			}
			return bot.Say("counted"), nil
		}
		release := chat.Block() // the receipt does not wait for the reply's delivery
		chat.Send(m)
		chat.AwaitReceipt(t, m)
		added := chat.Ledger.Added()
		if len(added) != 1 || added[0].ID != m.ReplyID(0) || added[0].About != m || added[0].To != bottest.Room("ops") || !added[0].Room || added[0].At.IsZero() {
			t.Errorf("the outbox has %+v", added)
		}
		release()
		if out := chat.Next(t); out.Reply.Text != "counted" || out.ID != m.ReplyID(0) {
			t.Errorf("sent %+v", out)
		}
	})
}

func TestAChangeHappensOnceWhateverIsRepeated(t *testing.T) {
	unique := bottest.Direct("john", "count")
	plain := change(unique, func(m *bot.Message) { m.ID, m.Unique = "1", false })
	none := change(unique, func(m *bot.Message) { m.ID, m.Unique = "", false })
	other := bottest.Direct("john", "ping")
	tests := []struct {
		name    string
		m       *bot.Message
		wait    time.Duration
		restart bool
		runs    int
	}{
		{"at once", unique, 0, false, 1},
		{"when memory has forgotten it", unique, 23 * time.Hour, false, 1},
		{"after a restart", unique, 0, true, 1},
		{"a plain id", plain, 0, false, 1},
		{"a plain id after some minutes", plain, 4*time.Minute + 59*time.Second, false, 1},
		{"a plain id after a restart", plain, time.Minute, true, 1},
		{"a plain id of another run of a script", plain, 5 * time.Minute, false, 2},
		{"no id", none, 0, false, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &counter{}
				clk := bottest.NewClock()
				ledger := bottest.NewLedger(clk)
				cfg := bot.Config{Outbox: ledger, Journal: ledger, Clock: clk}
				chat := bottest.Start(t, cfg, commands{c.command(), say("ping", "pong")})
				deliver(chat, again(tt.m), again(other))
				first := says(chat, "counted")
				clk.Advance(tt.wait)
				synctest.Wait()
				if tt.restart {
					if err := chat.Stop(); err != nil {
						t.Fatal(err)
					}
					chat = bottest.Start(t, cfg, commands{c.command(), say("ping", "pong")})
				}
				deliver(chat, again(tt.m))
				if c.runs != tt.runs || len(ledger.Added()) != tt.runs {
					t.Errorf("it ran %d times and left %d replies, want %d", c.runs, len(ledger.Added()), tt.runs)
				}
				if !tt.restart && first+says(chat, "counted") != 1+tt.runs {
					t.Errorf("the replies were not sent: %d, then %d", first, says(chat, "counted"))
				}
				if n := receipted(chat, tt.m.ID); n < 1 || !tt.restart && n != 2 {
					t.Errorf("%d receipts", n)
				}
				if asked := strings.Join(ledger.AskedAgain(), " "); tt.runs == 1 && !strings.Contains(asked, ledger.Added()[0].ID) {
					t.Errorf("the reply %s was not asked for again, but %q", ledger.Added()[0].ID, asked)
				}
			})
		})
	}
}

func TestAReadNeedsNoJournal(t *testing.T) {
	chat := bottest.Start(t, bot.Config{}, commands{say("ping", "pong")})
	chat.Ledger.Fail(bottest.Fault{At: bottest.Before, Err: errors.New("full")})
	if got := chat.Ask(bottest.Direct("john", "ping")); got != "pong" || len(chat.Ledger.Added()) != 0 {
		t.Errorf("%q, in the outbox %v", got, chat.Ledger.Added())
	}
}

func TestAChangeThatFailsLeavesNoTrace(t *testing.T) {
	tests := map[string]struct {
		do   func(ctx context.Context) (bot.Reply, error)
		want string
	}{
		"refusal": {func(context.Context) (bot.Reply, error) { return bot.Reply{}, bot.Refuse("Not today.") }, "Not today."},
		"failure": {func(context.Context) (bot.Reply, error) { return bot.Say("not this"), errors.New("secret") }, "count failed. The"},
		"panic":   {func(context.Context) (bot.Reply, error) { panic("boom") }, "count failed. The"},
		"overrun": {func(ctx context.Context) (bot.Reply, error) {
			<-ctx.Done()
			return bot.Say("not this"), nil
		}, "count took longer than 10s and was given up; nothing was changed. The"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &counter{do: tt.do}
				chat := bottest.Start(t, bot.Config{}, commands{c.command()})
				m := bottest.Direct("john", "count")
				if got := chat.Ask(m); !strings.HasPrefix(got, tt.want) || strings.Contains(got, "secret") {
					t.Errorf("the answer is %q", got)
				}
				synctest.Wait()
				if n := receipted(chat, m.ID); (n == 1) != (name == "refusal") {
					t.Errorf("%d receipts", n) // accepted is what was done, or refused for a reason
				}
				if added := chat.Ledger.Added(); len(added) != 0 {
					t.Errorf("the outbox has %+v", added)
				}
				c.do = nil
				if got := chat.Ask(again(m)); got != "counted" || c.runs != 2 {
					t.Errorf("sent once more it got %q after %d runs", got, c.runs)
				}
				// A client shows one id once, and this is another answer.
				if sent, added := chat.Sent(), chat.Ledger.Added(); sent[0].ID != "" && sent[0].ID == added[0].ID {
					t.Errorf("both answers are %s", sent[0].ID)
				}
			})
		})
	}
}

// What is left behind comes to its end later, and must not commit then.
func TestAChangeThatIsDeafIsLeftBehindAndRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := make(chan struct{})
		c := &counter{do: func(context.Context) (bot.Reply, error) {
			<-deaf
			return bot.Say("too late"), nil
		}}
		chat := bottest.Start(t, bot.Config{}, commands{c.command(), say("ping", "pong")})
		began := time.Now()
		if got := chat.Ask(bottest.Direct("john", "count")); !strings.Contains(got, "nothing was changed") {
			t.Errorf("the answer is %q", got)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it was given up after %v", took)
		}
		if got := chat.Ask(bottest.Direct("john", "ping")); got != "pong" {
			t.Errorf("the conversation goes on with %q", got)
		}
		close(deaf)
		synctest.Wait()
		if len(chat.Ledger.Added()) != 0 || len(chat.Sent()) != 2 {
			t.Errorf("in the outbox %+v, sent %d", chat.Ledger.Added(), len(chat.Sent()))
		}
	})
}

// slowCommit is a journal whose commits take a while.
type slowCommit struct {
	bot.Journal
	takes time.Duration
}

func (s slowCommit) Once(ctx context.Context, key string, keep time.Duration, do func(context.Context) error) (bool, error) {
	return s.Journal.Once(ctx, key, keep, func(ctx context.Context) error {
		err := do(ctx)
		time.Sleep(s.takes)
		return err
	})
}

func TestACommitIsNotGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		ledger := bottest.NewLedger(bottest.NewClock())
		chat := bottest.Start(t, bot.Config{Outbox: ledger, Journal: slowCommit{ledger, time.Minute}}, commands{c.command()})
		m := bottest.Direct("john", "count")
		chat.Send(m)
		time.Sleep(time.Minute)
		chat.AwaitReceipt(t, m)
		if got := chat.Next(t).Reply.Text; got != "counted" || len(chat.Sent()) != 1 {
			t.Errorf("said %q, %d in all", got, len(chat.Sent()))
		}
	})
}

const cannotStore = "count: nothing was accepted, because I cannot store anything at the moment; please try again later. The administrator"

func TestWhatTheJournalFailsAtIsSaidAndCanBeTriedAgain(t *testing.T) {
	gone := errors.New("secret: the disk is full")
	fault := func(at bottest.Moment) bottest.Fault { return bottest.Fault{At: at, Err: gone} }
	tests := []struct {
		name     string
		faults   []bottest.Fault
		want     string
		accepted bool // at the first time
		runs     int  // after the second time
	}{
		{"before", []bottest.Fault{fault(bottest.Before)}, cannotStore, false, 1},
		{"in the commit", []bottest.Fault{fault(bottest.In)}, cannotStore, false, 2},
		{"after the commit", []bottest.Fault{fault(bottest.After)}, "counted", true, 1},
		{"after the commit, and when asked for its result", []bottest.Fault{fault(bottest.After), fault(bottest.Before)},
			"count: the database failed at the very end, so I cannot tell whether it was done; look before you repeat it.", false, 1},
		{"run twice", []bottest.Fault{fault(bottest.Twice)}, "counted", true, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log logged
				c := &counter{}
				chat := bottest.Start(t, bot.Config{Log: log.logger()}, commands{c.command()})
				john := bottest.Direct("john", "count")
				mary := change(bottest.Direct("mary", "count"), func(m *bot.Message) { m.ID, m.Unique = "1", false })
				for _, m := range []*bot.Message{john, mary} {
					c.runs = 0
					before, said := len(chat.Ledger.Added()), says(chat, tt.want)
					chat.Ledger.Fail(tt.faults...)
					deliver(chat, m)
					if says(chat, tt.want) != said+1 || says(chat, "secret") > 0 {
						t.Errorf("the bot says %v", chat.Sent())
					}
					if n := receipted(chat, m.ID); (n == 1) != tt.accepted {
						t.Errorf("%d receipts, accepted %v", n, tt.accepted)
					}
					if !tt.accepted && !strings.Contains(log.String(), "secret") {
						t.Error("the log lacks the reason")
					}
					deliver(chat, again(m))
					if c.runs != tt.runs || len(chat.Ledger.Added()) != before+1 {
						t.Errorf("after another try it ran %d times, want %d, and left %d replies", c.runs, tt.runs, len(chat.Ledger.Added())-before)
					}
					if receipted(chat, m.ID) == 0 {
						t.Error("the second try got no receipt")
					}
				}
			})
		})
	}
}

// fullOutbox is an outbox that takes nothing.
type fullOutbox struct{ bot.Outbox }

func (fullOutbox) Add(context.Context, bot.Outgoing) error { return errors.New("full") }

func TestAReplyThatCannotBeStoredTakesTheChangeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		ledger := bottest.NewLedger(bottest.NewClock())
		chat := bottest.Start(t, bot.Config{Outbox: fullOutbox{ledger}, Journal: ledger}, commands{c.command()})
		m := bottest.Direct("john", "count")
		for range 2 {
			if got := chat.Ask(again(m)); !strings.HasPrefix(got, cannotStore) {
				t.Errorf("the answer is %q", got)
			}
		}
		if c.runs != 2 {
			t.Errorf("it ran %d times: the first left its mark", c.runs)
		}
	})
}

// refuser is a transport that can refuse direct messages.
type refuser struct {
	bot.Transport
	refused []error
}

func (r *refuser) Refuse(_ context.Context, m *bot.Message, why error) error {
	if m.Room != "" {
		return errors.New("there is no error to a room")
	}
	r.refused = append(r.refused, why)
	return nil
}

func TestWhatIsNotAcceptedIsGivenBackByTheTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := bottest.NewTransport(bottest.TransportName)
		r := &refuser{Transport: wire.With(0)}
		ledger := bottest.NewLedger(bottest.NewClock())
		b := newBot(t, bot.Config{Outbox: ledger, Journal: ledger}, commands{(&counter{}).command()}, r)
		runs(t, b)
		fault := bottest.Fault{At: bottest.Before, Err: errors.New("full")}
		ledger.Fail(fault, fault)
		for _, m := range []*bot.Message{bottest.Direct("john", "count"), bottest.InRoom("john", "ops", "count")} {
			if err := wire.Deliver(m); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if len(r.refused) != 1 || r.refused[0] != bot.ErrNotAccepted {
			t.Errorf("refused with %v", r.refused)
		}
		if sent := wire.Sent(); len(sent) != 1 || !sent[0].Room || !strings.HasPrefix(sent[0].Reply.Text, cannotStore) {
			t.Errorf("said %+v, want a word in the room", sent)
		}
	})
}

func TestALaterReplyDoesNotOvertakeAStoredOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		ledger := &heldOutbox{Ledger: bottest.NewLedger(bottest.NewClock()), sent: make(chan struct{})}
		chat := bottest.Start(t, bot.Config{Outbox: ledger, Journal: ledger}, commands{c.command(), say("ping", "pong")})
		count := bottest.Direct("john", "count")
		deliver(chat, count, bottest.Direct("john", "ping"))
		if says(chat, "pong") != 0 || receipted(chat, count.ID) != 1 {
			t.Error("the next reply did not wait, or the receipt did")
		}
		close(ledger.sent)
		synctest.Wait()
		if says(chat, "pong") != 1 {
			t.Error("the next reply waits still")
		}

		ledger.sent = make(chan struct{})
		began := time.Now()
		deliver(chat, bottest.Direct("john", "count"), bottest.Direct("john", "ping"))
		chat.Await(t, "the second pong", func() bool { return time.Since(began) >= 2*time.Second })
	})
}

// heldOutbox says when a message is sent on demand.
type heldOutbox struct {
	*bottest.Ledger
	sent chan struct{}
}

func (h *heldOutbox) Sent(ctx context.Context, _ string) {
	select {
	case <-h.sent:
	case <-ctx.Done():
	}
}

// watched is a journal that knows whether a transaction is open, and the people
// who are asked for a name.
type watched struct {
	bot.Journal
	bottest.People
	inside         atomic.Bool
	asked, blocked atomic.Int32
}

func (w *watched) Once(ctx context.Context, key string, keep time.Duration, do func(context.Context) error) (bool, error) {
	return w.Journal.Once(ctx, key, keep, func(ctx context.Context) error {
		w.inside.Store(true)
		defer w.inside.Store(false)
		return do(ctx)
	})
}

func (w *watched) Name(ctx context.Context, account bot.Address) (string, error) {
	w.asked.Add(1)
	if w.inside.Load() {
		w.blocked.Add(1)
	}
	return w.People.Name(ctx, account)
}

func TestNamesAreAskedForBeforeTheTransaction(t *testing.T) {
	ledger := bottest.NewLedger(bottest.NewClock())
	w := &watched{Journal: ledger}
	hello := run("hello", func(ctx context.Context, r *bot.Request) (bot.Reply, error) {
		return bot.Say("hello " + r.SenderName(ctx) + r.SenderName(ctx)), nil
	}).Changes(bot.ChangesOwn)
	chat := bottest.Start(t, bot.Config{Outbox: ledger, Journal: w, People: w}, commands{hello})
	chat.Call("john@chat.test", "Jo")
	m := change(bottest.Direct("john", "hello"), func(m *bot.Message) { m.Sender.Name = "" })
	if got := chat.Ask(m); got != "hello JoJo" || w.asked.Load() != 1 || w.blocked.Load() != 0 {
		t.Errorf("%q, names were asked for %d times, %d of them inside", got, w.asked.Load(), w.blocked.Load())
	}
}

func TestAnEmptyReplyToAChangeSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{do: func(context.Context) (bot.Reply, error) { return bot.Reply{}, nil }}
		chat := bottest.Start(t, bot.Config{}, commands{c.command()})
		m := bottest.Direct("john", "count")
		deliver(chat, m, again(m))
		if c.runs != 1 || len(chat.Sent()) != 0 || receipted(chat, m.ID) != 2 {
			t.Errorf("it ran %d times, said %d, %d receipts", c.runs, len(chat.Sent()), receipted(chat, m.ID))
		}
	})
}

func TestAStopTakesBackWhatHangsAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{do: func(ctx context.Context) (bot.Reply, error) {
			<-ctx.Done()
			return bot.Say("not this"), nil
		}}
		chat := bottest.Start(t, bot.Config{Grace: 3 * time.Second}, commands{c.command()})
		chat.Send(bottest.Direct("john", "count"), bottest.Direct("john", "count"))
		synctest.Wait()
		if err := chat.Stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		if n := says(chat, "count: the bot is being stopped; please try again later."); n != 2 || len(chat.Receipts()) != 0 || c.runs != 1 {
			t.Errorf("%d were told, %d receipts, %d runs", n, len(chat.Receipts()), c.runs)
		}
	})
}
