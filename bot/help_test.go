package bot_test

import (
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

func TestATypoIsOfferedTheNearestCommand(t *testing.T) {
	play(t, `
		john: get-stats machine1
		bot: I do not understand “get-stats machine1”. Did you mean get-status? Say help to see what I can do.
		john: flurb
		bot: I do not understand “flurb”. Say help to see what I can do.
		john@ops: dragoman: gte-status machine1
		bot@ops: I do not understand “gte-status machine1”. Did you mean get-status? ...
	`, getStatus())
}

func TestSilenceIsOnlyForTalkToOthers(t *testing.T) {
	play(t, `
		john@ops: get-status machine1
		john@ops: help
		john@ops: dragoman is great
		john@ops: dragoman: get-status machine1
		bot@ops: machine1 is up
		# Also while the bot still knows the conversation.
		john@ops: get-status machine1
		john@ops: lunch?
		john@ops: dragoman:
		bot@ops: Yes? Say help ...
		john@ops: dragoman, ???
		bot@ops: I do not understand “???”. ...
	`, getStatus())
}

// only is an access that allows some commands.
func only(names ...string) bottest.AccessFunc {
	return func(m *bot.Message, c *bot.Cmd) error {
		for _, n := range names {
			if c.Name() == n {
				return nil
			}
		}
		return bot.Refuse("%s is not for you.", c.Name())
	}
}

func TestHelpListsOnlyWhatThePersonMayUse(t *testing.T) {
	chat := bottest.Start(t, bot.Config{Access: only("help", "get-status")}, commands{getStatus(), say("shut down", "bye")})
	for text, want := range map[string]string{
		"help":            "I understand:\nhelp [command]        list what I can do, or explain one command\nget-status <machine>  say how a machine is",
		"what can you do": "I understand:\nhelp ",
		"help get-status": "get-status <machine>: say how a machine is.\n  machine: The machine to ask about.\n",
		"help Get Status": "get-status <machine>: say how a machine is.",
		"help shut down":  `I know no command "shut down" that you may use here.`,
		"help nonsense":   `I know no command "nonsense" that you may use here.`,
		"shut down":       "shut down is not for you.",
		"shut dwn":        "I do not understand “shut dwn”. Say help", // and does not mention it
	} {
		if got := chat.Ask(bottest.Direct("john", text)); !strings.HasPrefix(got, want) {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestWhatPeopleWroteIsRepeatedInShort(t *testing.T) {
	type args struct {
		N colour `slot:"n"`
	}
	long := strings.Repeat("x", 5000)
	chat := bottest.Start(t, bot.Config{}, commands{of[args]()})
	for _, text := range []string{long, "help " + long, "it " + long, "it --" + long, "it --n=" + long} {
		if got := chat.Ask(bottest.Direct("john", text)); len(got) > 400 {
			t.Errorf("%.20q... is answered with %d bytes: %.60q", text, len(got), got)
		}
	}
}
