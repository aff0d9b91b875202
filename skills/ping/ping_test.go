package ping_test

import (
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/skills/ping"
)

func TestPing(t *testing.T) {
	bottest.Run(t, []bot.Skill{ping.Skill{}}, `
		john: ping
		bot: pong
		john: PING?
		bot: pong
		john: ping hello  <world> "%s"
		bot: hello  <world> "%s"
		john: are you there?
		bot: pong
		john@ops: ping
		john@ops: dragoman: ping
		bot@ops: pong
		john@ops -> bot: Are you alive
		bot: pong
	`)
}

func TestConformance(t *testing.T) { bottest.Conform(t, ping.Skill{}) }
