package bottest_test

import (
	"context"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// echo is a skill with most of what a skill can have.
type echo struct{ notify bot.Notifier }

func (echo) Name() string { return "echo" }

type echoArgs struct {
	Words string `slot:"words,rest" help:"What to say." ask:"What shall I say?"`
}

type laterArgs struct {
	After time.Duration `slot:"after" help:"How long to wait."`
	Words string        `slot:"words,optional,rest" help:"What to say." default:"Now!"`
}

func (e echo) Commands() []*bot.Cmd {
	return []*bot.Cmd{
		bot.Command("echo", func(_ context.Context, _ *bot.Request, a echoArgs) (bot.Reply, error) {
			return bot.Say(a.Words), nil
		}).Summary("say something").Say("en", "[please] (say|repeat) {words}"),
		bot.Command("whisper", func(_ context.Context, r *bot.Request, _ struct{}) (bot.Reply, error) {
			return bot.Reply{Text: "psst, " + r.SenderName(context.Background()), Private: true}, nil
		}).Summary("answer in private"),
		bot.Command("remind", func(ctx context.Context, r *bot.Request, a laterArgs) (bot.Reply, error) {
			to := r.Subscriber()
			time.AfterFunc(a.After, func() { _ = e.notify.Notify(context.Background(), bot.Notice{To: to, Reply: bot.Say(a.Words)}) })
			return bot.Say("I will."), nil
		}).Summary("say something later"),
		bot.Command("think", func(ctx context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
			select {
			case <-time.After(3 * time.Second):
				return bot.Say("42"), nil
			case <-ctx.Done():
				return bot.Reply{}, ctx.Err()
			}
		}).Summary("take a while"),
	}
}

func TestPlay(t *testing.T) {
	bottest.Play(t, bot.Config{}, `
		# Direct messages, questions and what follows a question.
		John Doe: echo hello  world
		bot: hello  world
		John Doe: echo
		bot: What shall I say?
		John Doe: two
		  lines
		bot: two
		     lines
		john: help
		bot: I understand:
		     help [command]          list what I can do, or explain one command
		     echo <words>            ...

		# A room: only what is addressed to the bot is answered, everybody has
		# their own questions, and the private answer goes aside.
		john@ops: hello everybody
		john@ops: dragoman: echo
		bot@ops: What ...
		mary@ops: yes
		mary@ops: Dragoman, echo 1
		bot: /[0-9]/
		john@ops: dragoman: 2
		bot@ops: 2
		mary@ops: dragoman: whisper
		bot -> mary@ops: psst, mary
		mary@ops -> bot: echo aside
		bot: aside

		# Time.
		john: think
		... 3s ...
		bot: 42
		john: remind 5m tea
		bot: I will.
		mary@ops: dragoman: remind 5m cake
		bot: I will.
		... 4m59s ...
		... 1s ...
		bot@ops: cake
		bot -> john: tea
	`, func(_ *testing.T, b *bot.Bot) []bot.Skill { return []bot.Skill{echo{b}} })
}

// silent is a bot.Notifier that says nothing.
type silent struct{}

func (silent) Notify(context.Context, bot.Notice) error { return nil }

func TestConform(t *testing.T) {
	bottest.Conform(t, echo{silent{}})
}
