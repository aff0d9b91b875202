package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

func TestAMissingSlotIsAskedFor(t *testing.T) {
	play(t, `
		john: get-status
		bot: Which machine?
		     (machine1 / machine2)
		john: machine2
		bot: machine2 is up
		# The question is answered, so the next text is a command again.
		john: machine2
		bot: I do not understand “machine2”...
	`, getStatus())
}

func TestEveryMissingSlotIsAskedForInTurn(t *testing.T) {
	type args struct {
		Name  string `slot:"name" ask:"What is it called?"`
		Check string `slot:"check"`
		Where string `slot:"where,optional"`
	}
	play(t, `
		john: add machine
		bot: What is it called?
		john: web1
		bot: Which check?
		john: tcp
		bot: {web1 tcp }
		john: add machine --check=tcp
		bot: What is it called?
		john: web 2
		bot: {web 2 tcp }
	`, bot.Command("add machine", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		return bot.Say(fmt.Sprint(a)), nil
	}).Summary("watch one more"))
}

func TestAnAnswerIsReadAsTheSameWordsInACommand(t *testing.T) {
	type args struct {
		After time.Duration `slot:"after" ask:"When?"`
		Loud  bool          `slot:"loud" ask:"Loud?"`
	}
	play(t, `
		john: ring 15m ja
		bot: {15m0s true}
		john: ring
		bot: When?
		john: 15 minutes
		bot: Loud?
		john: ja
		bot: {15m0s true}
	`, bot.Command("ring", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		return bot.Say(fmt.Sprint(a)), nil
	}).Summary("ring"))
}

func TestAWrongAnswerIsAskedAgainThreeTimes(t *testing.T) {
	type args struct {
		N int `slot:"n" ask:"How many?"`
	}
	cmd := of[args]()
	play(t, `
		john: it
		bot: How many?
		john: a
		bot: "a" is not a n: expected a whole number. How many?
		john: b
		bot: "b" is not a n: ...
		john: c
		bot: "c" is not a n: ...
		john: d
		bot: Let us leave it. When you know, say it <n>.
		john: 5
		bot: I do not understand “5”...

		john: it
		bot: How many?
		john: a
		bot: "a" is ...
		john: 5
		bot: done
	`, cmd)
}

func TestAnEmptyAnswerIsAWrongOne(t *testing.T) {
	chat := bottest.Start(t, bot.Config{}, commands{getStatus()})
	chat.Ask(bottest.Direct("john", "get-status"))
	if got := chat.Ask(bottest.Direct("john", " \n ")); got != "Which machine?\n(machine1 / machine2)" {
		t.Errorf("an empty answer got %q", got)
	}
	if got := chat.Ask(bottest.Direct("john", "machine1")); got != "machine1 is up" {
		t.Errorf("the answer after an empty one got %q", got)
	}
}

func TestAQuestionIsCancelled(t *testing.T) {
	for _, word := range []string{"cancel", "Cancel.", "never mind", "STOP!", "forget it"} {
		play(t, `
			john: get-status
			bot: Which ...
			john: `+word+`
			bot: Never mind, then.
			john: machine1
			bot: I do not understand ...
		`, getStatus())
	}
}

func TestAQuestionExpires(t *testing.T) {
	play(t, `
		john: get-status
		bot: Which ...
		... 5m ...
		john: machine1
		bot: I do not understand ...

		john: get-status
		bot: Which ...
		... 4m59s ...
		john: machine1
		bot: machine1 is up

		# Talk to others does not keep it open.
		john@ops: dragoman: get-status
		bot: Which ...
		... 4m ...
		john@ops: where was I?
		... 61s ...
		john@ops: machine1
	`, getStatus())
}

func TestAnotherCommandTakesTheQuestionsPlace(t *testing.T) {
	play(t, `
		john: get-status
		bot: Which machine?...
		john: get-status machine2
		bot: machine2 is up
		john: machine1
		bot: I do not understand ...

		john: get-status
		bot: Which machine?...
		john: what's the status of machine1?
		bot: machine1 is up

		john: get-status
		bot: Which machine?...
		john: get-status
		bot: Which machine?...
		john: ping
		bot: pong
	`, getStatus(), say("ping", "pong"))
}

func TestAQuestionIsForOnePersonInOnePlace(t *testing.T) {
	play(t, `
		john@ops: dragoman: get-status
		bot@ops: Which machine?...

		# Somebody else's text is no answer, addressed or not.
		mary@ops: machine1
		mary@ops: dragoman: machine1
		bot@ops: I do not understand “machine1”...

		# Nor is what John says elsewhere.
		john@dev: dragoman: machine1
		bot@dev: I do not understand “machine1”...
		john: machine1
		bot: I do not understand “machine1”...

		# What John says to others counts only where it is one of the choices.
		john@ops: mary, is it machine1 that hangs?
		john@ops: cancel
		john@ops: get-status machine1
		john@ops: MACHINE2
		bot@ops: MACHINE2 is up
		john@ops: machine2
	`, getStatus())
}

func TestAQuestionInPrivateIsNotAnsweredInTheRoom(t *testing.T) {
	play(t, `
		john@ops -> bot: get-status
		bot -> john@ops: Which machine?...
		john@ops: machine1
		john@ops: dragoman: machine1
		bot@ops: I do not understand “machine1”...
		john@ops -> bot: machine2
		bot -> john@ops: machine2 is up
	`, getStatus())
}

func TestWithoutChoicesOnlyAnAddressedAnswerCounts(t *testing.T) {
	type args struct {
		Name string `slot:"name"`
	}
	play(t, `
		john@ops: dragoman: it
		bot@ops: Which name?
		john@ops: web1
		john@ops: dragoman: web1
		bot@ops: done
	`, of[args]())
}

func TestAQuestionOffersAtMostTenChoices(t *testing.T) {
	many := make([]string, 11)
	for i := range many {
		many[i] = fmt.Sprint("machine", i)
	}
	for n, want := range map[int]int{10: 10, 11: 0} {
		cmd := getStatus().Suggest("machine", func(context.Context) ([]string, error) { return many[:n], nil })
		chat := bottest.Start(t, bot.Config{}, commands{cmd})
		chat.Send(bottest.Direct("john", "get-status"))
		if got := len(chat.Next(t).Reply.Choices); got != want {
			t.Errorf("of %d values the question offers %d, want %d", n, got, want)
		}
	}
}

func TestASuggestThatFailsOnlyCostsTheChoices(t *testing.T) {
	play(t, `
		john: get-status
		bot: Which machine?
		john: machine1
		bot: machine1 is up
	`, getStatus().Suggest("machine", func(context.Context) ([]string, error) { return nil, errors.New("no store") }))
}

func TestASuggestThatPanicsEndsThatRequestAlone(t *testing.T) {
	play(t, `
		john: get-status
		bot: /Your request failed. .* incident .{8}\./
		john: what is the status of machine1
		bot: machine1 is up
		john: get-status machine1
		bot: machine1 is up
	`, getStatus().Suggest("machine", func(context.Context) ([]string, error) { panic("no store") }))
}

func TestASuggestThatPanicsOverTalkToOthersSaysNothing(t *testing.T) {
	asked := 0
	cmd := getStatus().Suggest("machine", func(context.Context) ([]string, error) {
		if asked++; asked > 3 { // to begin, to read the message, and to offer choices
			panic("no store")
		}
		return nil, nil
	})
	play(t, `
		john@ops: dragoman: get-status
		bot@ops: Which machine?
		john@ops: lunch?
	`, cmd)
}

func TestAccessIsAskedAgainWithTheAnswer(t *testing.T) {
	allowed := true
	chat := bottest.Start(t, bot.Config{Access: bottest.AccessFunc(func(*bot.Message, *bot.Cmd) error {
		if allowed {
			return nil
		}
		return bot.Refuse("Not any more.")
	})}, commands{getStatus()})
	chat.Ask(bottest.Direct("john", "get-status"))
	allowed = false
	if got := chat.Ask(bottest.Direct("john", "machine1")); got != "Not any more." {
		t.Errorf("the answer of somebody who lost the permission got %q", got)
	}
}
