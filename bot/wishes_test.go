package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// counted is a skill whose commands count how often they ran.
type counted struct {
	mu   sync.Mutex
	ran  []string
	errs map[string]error
}

func (*counted) Name() string { return "counted" }

func (c *counted) command(name string, e bot.Effect) *bot.Cmd {
	return run(name, func(context.Context, *bot.Request) (bot.Reply, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := c.errs[name]; err != nil {
			return bot.Reply{}, err
		}
		c.ran = append(c.ran, name)
		return bot.Say(name + " is done"), nil
	}).Changes(e).Say("en", "please "+name)
}

func (c *counted) Commands() []*bot.Cmd {
	type args struct {
		Colour string `slot:"colour" help:"Which." ask:"Which colour?"`
	}
	paint := bot.Command("paint", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		if a.Colour == "plaid" {
			return bot.Reply{}, bot.Wrong("colour", "I have no plaid.")
		}
		return bot.Say("painted " + a.Colour), nil
	}).Summary("paint it").Say("en", "paint it {colour}", "do the painting")
	return []*bot.Cmd{
		c.command("sow", bot.ChangesOwn), c.command("water", bot.ChangesOwn), c.command("look", bot.Reads),
		c.command("reap", bot.ChangesShared), paint,
	}
}

// took is what ran since the last call.
func (c *counted) took() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ran := c.ran
	c.ran = nil
	return ran
}

func (c *counted) fail(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = map[string]error{name: err}
}

func TestSeveralWishesAreAnsweredInTheirOrder(t *testing.T) {
	bottest.Run(t, []bot.Skill{&counted{}}, `
		john: please sow and please look
		bot: sow is done
		bot: look is done
		john: please look, then please water and please sow
		bot: look is done
		bot: water is done
		bot: sow is done
		john@ops: dragoman: please look and paint it red
		bot@ops: look is done
		bot@ops: painted red
		john: please look and please sow and frobnicate the whole thing
		bot: I do not understand ...
		john: sow ten bags of it
		bot: /.*sow.*\./
	`)
}

// texts are the replies that were sent so far, and their ids.
func sent(chat *bottest.Chat) (texts, ids []string) {
	for _, out := range chat.Sent() {
		texts, ids = append(texts, out.Reply.Text), append(ids, out.ID)
	}
	return texts, ids
}

func unequal(ids []string) bool {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return len(slices.Compact(ids)) == len(ids)
}

func TestTheSameMessageDoesNoneOfItsWishesAgain(t *testing.T) {
	for _, unique := range []bool{true, false} {
		t.Run(fmt.Sprint("unique ", unique), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				garden := &counted{}
				ledger := bottest.NewLedger(bottest.NewClock())
				m := bottest.Direct("john", "please sow and please water and please look")
				m.Unique = unique
				for start := range 2 { // the second bot knows of it by the ledger alone
					chat := bottest.Start(t, bot.Config{Outbox: ledger, Journal: ledger}, garden)
					for range 2 {
						again := *m
						chat.Send(&again)
						synctest.Wait()
					}
					if ran, want := garden.took(), []string{"sow", "water", "look"}; start == 0 && !slices.Equal(ran, want) {
						t.Errorf("ran %q, want %q", ran, want)
					} else if start == 1 && (slices.Contains(ran, "sow") || slices.Contains(ran, "water")) {
						t.Errorf("after a restart the same message did %q", ran)
					}
					if err := chat.Stop(); err != nil {
						t.Error(err)
					}
				}
				added := ledger.Added()
				if len(added) != 2 || added[0].ID == added[1].ID || added[0].ID == "" ||
					added[0].Reply.Text != "sow is done" || added[1].Reply.Text != "water is done" {
					t.Errorf("the outbox has %+v", added)
				}
				for _, out := range added {
					if !slices.Contains(ledger.AskedAgain(), out.ID) {
						t.Errorf("the reply %q was not sent again", out.Reply.Text)
					}
				}
			})
		})
	}
}

func TestAWishThatWasRefusedIsDoneWithTheRestWhenTheMessageComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		garden := &counted{}
		chat := bottest.Start(t, bot.Config{}, garden)
		chat.Ledger.Fail(bottest.Fault{}, bottest.Fault{At: bottest.In, Err: errors.New("the disk is full")})
		m := bottest.Direct("john", "please sow and please water and please look")
		for _, want := range [][]string{{"sow", "water"}, {"water", "look"}} {
			again := *m
			chat.Send(&again)
			synctest.Wait()
			if ran := garden.took(); !slices.Equal(ran, want) {
				t.Errorf("ran %q, want %q", ran, want)
			}
		}
		texts, ids := sent(chat)
		if len(texts) != 4 || texts[0] != "sow is done" || !strings.Contains(texts[1], "nothing was accepted") ||
			texts[2] != "water is done" || texts[3] != "look is done" || !unequal(ids) {
			t.Errorf("said %q with the ids %q", texts, ids)
		}
	})
}

func TestAWishThatIsRefusedForGoodNamesWhatIsLeft(t *testing.T) {
	garden := &counted{}
	garden.fail("sow", bot.Refuse("There is no seed."))
	chat := bottest.Start(t, bot.Config{}, garden)
	got := chat.Ask(bottest.Direct("john", "please sow and please water and please look"))
	if got != "There is no seed.\nAfter that, ask me again for: water; look" {
		t.Errorf("got %q", got)
	}
	if ran := garden.took(); len(ran) != 0 {
		t.Errorf("after a refusal it did %q", ran)
	}
}

func TestWhoMayNotDoTheFirstMayDoTheSecond(t *testing.T) {
	chat := bottest.Start(t, bot.Config{Access: rights("sow")}, &counted{})
	chat.Send(bottest.Direct("john", "please sow and please look"))
	if a, b := chat.Next(t).Reply.Text, chat.Next(t).Reply.Text; a != "sow is not for you." || b != "look is done" {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestAQuestionInTheMiddleNamesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{}, &counted{})
		chat.Send(bottest.Direct("john", "please look and paint it plaid and please sow"))
		synctest.Wait()
		texts, ids := sent(chat)
		want := []string{"look is done", "I have no plaid. Which colour?\nAfter that, ask me again for: sow"}
		if !slices.Equal(texts, want) || !unequal(ids) {
			t.Fatalf("said %q with the ids %q, want %q", texts, ids, want)
		}
		chat.Send(bottest.Direct("john", "red"))
		synctest.Wait()
		if texts, _ := sent(chat); texts[len(texts)-1] != "painted red" {
			t.Errorf("after the answer it had said %q", texts)
		}
	})
}

func TestAWishThatTakesTooLongEndsTheMessage(t *testing.T) {
	slow := run("dawdle", func(ctx context.Context, _ *bot.Request) (bot.Reply, error) {
		<-ctx.Done()
		return bot.Reply{}, ctx.Err()
	}).Changes(bot.ChangesOwn).Say("en", "please dawdle")
	garden := &counted{}
	bottest.Run(t, []bot.Skill{commands{slow}, garden}, `
		john: please look and please dawdle and please sow
		bot: look is done
		... 11s ...
		bot: /dawdle took longer than 10s and was given up; nothing was changed\. .*/
		john: please look and please sow
		bot: look is done
		bot: sow is done
	`)
	if ran, want := garden.took(), []string{"look", "look", "sow"}; !slices.Equal(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
}
