package access_test

import (
	"context"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/access"
)

func TestCheck(t *testing.T) {
	policy := access.New([]string{"John@chat.local"})
	john := bot.Person{Account: "john@chat.local", Name: "Johnny"}
	mary := bot.Person{Account: "mary@chat.local", Name: "john@chat.local"}
	hidden := bot.Person{Name: "john@chat.local", Session: "1"}
	for _, tt := range []struct {
		name   string
		who    bot.Person
		effect bot.Effect
		denied string // part of the refusal, empty when it is allowed
	}{
		{"everybody reads", mary, bot.Reads, ""},
		{"a hidden occupant reads", hidden, bot.Reads, ""},
		{"everybody changes their own", mary, bot.ChangesOwn, ""},
		{"an administrator changes what is shared", john, bot.ChangesShared, ""},
		{"others do not, whatever they call themselves", mary, bot.ChangesShared, "you are not one of them"},
		{"a hidden occupant is sent to a direct message", hidden, bot.ChangesShared, "direct message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := bot.Command("add machine", func(context.Context, *bot.Request, struct{}) (bot.Reply, error) {
				return bot.Reply{}, nil
			}).Changes(tt.effect)
			err := policy.Check(context.Background(), &bot.Message{Sender: tt.who}, cmd)
			switch {
			case tt.denied == "" && err != nil:
				t.Errorf("denied: %v", err)
			case err != nil && strings.Contains(err.Error(), "@chat.local"):
				t.Errorf("the refusal tells a room who somebody is: %v", err)
			case tt.denied != "" && (err == nil || !strings.Contains(err.Error(), tt.denied)):
				t.Errorf("err = %v, want a refusal with %q", err, tt.denied)
			}
		})
	}
}
