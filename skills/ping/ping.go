// Package ping is the smallest skill, the one to copy: it answers "pong". It
// stores nothing and watches nothing.
package ping

import (
	"context"
	_ "embed"

	"dragoman/bot"
)

//go:embed phrases.txt
var phrases string

// Skill implements bot.Skill.
type Skill struct{}

// Name is the key in skills.yaml.
func (Skill) Name() string { return "ping" }

type pingArgs struct {
	Text string `slot:"text,optional,rest" help:"What to send back." default:"pong"`
}

// Commands are what people can say.
func (s Skill) Commands() []*bot.Cmd {
	return bot.Speak("skills/ping/phrases.txt", phrases,
		bot.Command("ping", s.ping).Summary("answer at once, to show that I am here"),
	)
}

func (Skill) ping(_ context.Context, _ *bot.Request, args pingArgs) (bot.Reply, error) {
	return bot.Say(args.Text), nil
}
