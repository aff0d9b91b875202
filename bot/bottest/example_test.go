package bottest_test

import (
	"context"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// greeter is the skill of the examples.
type greeter struct{}

func (greeter) Name() string { return "greeter" }

type greetArgs struct {
	Name string `slot:"name" help:"Whom to greet." ask:"Whom shall I greet?"`
}

func (greeter) Commands() []*bot.Cmd {
	return []*bot.Cmd{
		bot.Command("greet", func(_ context.Context, _ *bot.Request, args greetArgs) (bot.Reply, error) {
			return bot.Sayf("Hello, %s!", args.Name), nil
		}).Summary("greet somebody").Say("en", "say hello to {name}"),
	}
}

// The test of a skill is a dialogue.
func ExampleRun() {
	var t *testing.T // as in func TestGreeter(t *testing.T)

	bottest.Run(t, []bot.Skill{greeter{}}, `
		john: greet Mary
		bot: Hello, Mary!

		john@ops: lunch, anyone?
		john@ops: dragoman: say hello to everybody
		bot@ops: Hello, everybody!

		john: greet
		bot: Whom shall I greet?
		... 6m ...
		john: Mary
		bot: I do not understand ...
	`)
}

// What every skill owes its users is checked in one line.
func ExampleConform() {
	var t *testing.T // as in func TestConformance(t *testing.T)

	bottest.Conform(t, greeter{})
}

func TestTheExamplesAreRight(t *testing.T) {
	bottest.Run(t, []bot.Skill{greeter{}}, `
		john: greet Mary
		bot: Hello, Mary!

		john@ops: lunch, anyone?
		john@ops: dragoman: say hello to everybody
		bot@ops: Hello, everybody!

		john: greet
		bot: Whom shall I greet?
		... 6m ...
		john: Mary
		bot: I do not understand ...
	`)
	bottest.Conform(t, greeter{})
}
