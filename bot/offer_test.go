package bot_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// asks plays a script with a bot that has learned and is never sure of it.
func asks(t *testing.T, script string) {
	t.Helper()
	indent := script[:len(script)-len(strings.TrimLeft(script, "\n\t"))]
	script = indent + "... 1s ..." + script // in which it learns
	bottest.Play(t, bot.Config{Learning: learning(1, 0.1, "")}, script, func(_ *testing.T, b *bot.Bot) []bot.Skill {
		b.Relearn()
		return []bot.Skill{doors()}
	})
}

func TestAYesInAnyLanguageRunsWhatWasOffered(t *testing.T) {
	var script strings.Builder
	for _, yes := range []string{"yes", "Yes!", "y", "ja", "oui", "sí", "1", "#1", "1)"} {
		script.WriteString(`
			john: tell me please whether machine1 runs
			bot: I do not understand “tell me please whether machine1 runs”. Did you mean “get-status machine1”?
			     (yes / no)
			john: ` + yes + `
			bot: machine1 is up
			john: ` + yes + `
			bot: I do not understand “...`)
	}
	asks(t, script.String())
}

func TestAnOfferIsOverAfterAnAnswer(t *testing.T) {
	var script strings.Builder
	for _, answered := range [][2]string{
		{"no", "Then I did not understand. Say help to see what I can do."},
		{"Nein.", "Then I did not understand. Say help to see what I can do."},
		{"never mind", "Never mind, then."},
		{"2", "I do not understand “2”..."},
		{"0", "I do not understand “0”..."},
		{"99999999999999999999", "I do not understand “99999999999999999999”..."},
		{"get-status machine2", "machine2 is up"},
	} {
		script.WriteString(`
			john: tell me please whether machine1 runs
			bot: I do not understand ...
			john: ` + answered[0] + `
			bot: ` + answered[1] + `
			john: yes
			bot: I do not understand “yes”...`)
	}
	asks(t, script.String())
}

func TestAnOfferWaitsFiveMinutes(t *testing.T) {
	asks(t, `
		john: tell me please whether machine1 runs
		bot: I do not understand ...
		... 4m59s ...
		john: yes
		bot: machine1 is up
		john: tell me please whether machine1 runs
		bot: I do not understand ...
		... 5m1s ...
		john: yes
		bot: I do not understand “yes”...
	`)
}

func TestAnOfferIsForWhoeverAskedAndWhereTheyAsked(t *testing.T) {
	asks(t, `
		john@ops: dragoman: tell me please whether machine1 runs
		bot@ops: I do not understand ...
		mary@ops: dragoman: yes
		bot@ops: I do not understand “yes”...
		mary@ops: yes
		john@ops: yes
		john: yes
		bot: I do not understand “yes”...
		john@ops: dragoman: yes
		bot@ops: machine1 is up
	`)
}

// rights is an Access that lets everybody use everything but some commands.
func rights(denied ...string) bot.Access {
	return bottest.AccessFunc(func(_ *bot.Message, c *bot.Cmd) error {
		for _, name := range denied {
			if c.Name() == name {
				return bot.Refuse("%s is not for you.", name)
			}
		}
		return nil
	})
}

func TestWhatSomebodyMayNotUseIsNotOffered(t *testing.T) {
	for name, tt := range map[string]struct{ denied, offered []string }{
		"everything":            {nil, []string{"front door", "back door"}},
		"all but one":           {[]string{"front door"}, []string{"back door"}},
		"nothing that it means": {[]string{"front door", "back door"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			chat := bottest.Start(t, bot.Config{Access: rights(tt.denied...), Learning: learning(1, 0.1, "")}, doors())
			learned(t, chat.Bot)
			_, got, _ := strings.Cut(chat.Ask(bottest.Direct("john", "open the front door or the back door please")), "Did you mean")
			for _, name := range []string{"front door", "back door"} {
				if strings.Contains(got, name) != slices.Contains(tt.offered, name) {
					t.Errorf("the bot says %q and should offer %q", got, tt.offered)
				}
			}
		})
	}
}

func TestARightThatIsLostBeforeTheYesCounts(t *testing.T) {
	allowed := true
	chat := bottest.Start(t, bot.Config{Learning: learning(1, 0.1, ""), Access: bottest.AccessFunc(func(*bot.Message, *bot.Cmd) error {
		if allowed {
			return nil
		}
		return bot.Refuse("Not any more.")
	})}, doors())
	learned(t, chat.Bot)
	chat.Ask(bottest.Direct("john", "tell me please whether machine1 runs"))
	allowed = false
	if got := chat.Ask(bottest.Direct("john", "yes")); got != "Not any more." {
		t.Errorf("after the right was lost a yes got %q", got)
	}
}

// doors are two commands that the same sentence can mean, and one that is asked
// about in many ways.
func doors() commands {
	open := func(which string) *bot.Cmd {
		return say(which+" door", "the "+which+" is open").Like("en", "open the "+which+" door please", "please open the door at the "+which,
			"unlock the "+which+" entrance for me", "let me in through the "+which, "open the "+which+" side now")
	}
	return commands{open("front"), open("back"), getStatus().Like("en", "how is the box [machine1](machine)",
		"check on [machine2](machine)", "is [machine1](machine) alive today", "tell me whether [machine2](machine) is running",
		"any trouble with [machine1](machine)")}
}

func TestOfSeveralReadingsANumberChooses(t *testing.T) {
	chat := bottest.Start(t, bot.Config{Learning: learning(1, 0.1, "")}, doors())
	learned(t, chat.Bot)
	ask := func(text, want string) string {
		t.Helper()
		got := chat.Ask(bottest.Direct("john", text))
		if !strings.Contains(got, want) {
			t.Errorf("to %q the bot says %q, want %q", text, got, want)
		}
		return got
	}
	const either = "open the front door or the back door please"
	for n, answer := range map[int]string{1: "1", 2: " 2. "} {
		rows := strings.Split(ask(either, "Did you mean one of these? Answer with its number.\n1  "), "\n")
		for range 2 { // as often as it takes
			ask("Yes!", "Which one? Answer with its number.")
		}
		which := strings.Fields(rows[n])
		ask(answer, "the "+which[1]+" is open")
		ask(answer, "I do not understand")
	}
	ask(either, "Did you mean one of these?")
	ask("no", "Then I did not understand.")
	ask(either, "Did you mean one of these?")
	ask("4", "I do not understand “4”")
	ask("1", "I do not understand “1”")
}

func TestAReadingThatIsTheTextItselfIsRun(t *testing.T) {
	type args struct {
		Machine string `slot:"machine,rest" ask:"Which machine?"`
	}
	cmd := bot.Command("get-status", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		return bot.Reply{}, bot.Refuse("I know no machine %q.", a.Machine)
	}).Summary("say how a machine is").
		Suggest("machine", func(context.Context) ([]string, error) { return []string{"machine1"}, nil })
	play(t, `
		john: get-status my mood of today
		bot: I know no machine "my mood of today".
		john: Get Status  my mood of today
		bot: I know no machine "my mood of today".
	`, cmd)
}
