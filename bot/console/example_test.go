package console_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/console"
)

// greeter is a skill with one command.
type greeter struct{}

func (greeter) Name() string { return "greeter" }

type greetArgs struct {
	Whom string `slot:"whom,optional,rest" help:"Whom to greet." default:"world"`
}

func (g greeter) Commands() []*bot.Cmd {
	return []*bot.Cmd{bot.Command("greet", g.greet).Summary("say hello")}
}

func (greeter) greet(_ context.Context, _ *bot.Request, args greetArgs) (bot.Reply, error) {
	return bot.Sayf("Hello, %s!", args.Whom), nil
}

// A bot with one skill answers the lines of a pipe and ends with them.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, err := bot.New(bot.Config{Name: "dragoman", Access: access.New(nil)})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = b.Add(greeter{})
	_ = b.Attach(console.New(console.Config{
		In:     strings.NewReader("greet\ngreet all of you\ngret\n"),
		Out:    os.Stdout,
		Person: bot.Person{Handle: "john"},
		Ended:  cancel,
	}))
	if err := b.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Hello, world!
	// Hello, all of you!
	// I do not understand “gret”. Did you mean greet? Say help to see what I can do.
}
