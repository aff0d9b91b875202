package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// of is a command whose arguments are a T.
func of[T any]() *bot.Cmd {
	return bot.Command("it", func(context.Context, *bot.Request, T) (bot.Reply, error) {
		return bot.Say("done"), nil
	}).Summary("do it")
}

func TestAddReportsMistakesInADefinition(t *testing.T) {
	values := func(context.Context) ([]string, error) { return nil, nil }
	tests := []struct {
		name string
		cmd  *bot.Cmd
		want string
	}{
		{"no struct", of[string](), "must be a struct, not string"},
		{"pointer", of[*machineArgs](), "must be a struct"},
		{"slot without a name", of[struct {
			A string `slot:""`
		}](), "field A: a slot needs a name"},
		{"unexported field", of[struct {
			a string `slot:"a"` //nolint:unused
		}](), "exported field"},
		{"unknown option", of[struct {
			A string `slot:"a,optionl"`
		}](), `unknown slot option "optionl"`},
		{"type that holds no slot", of[struct {
			A []string `slot:"a"`
		}](), "[]string cannot hold a slot"},
		{"uint", of[struct {
			A uint `slot:"a"`
		}](), "uint cannot hold a slot"},
		{"after the rest", of[struct {
			A string `slot:"a,rest"`
			B string `slot:"b"`
		}](), `field B: nothing can follow "a"`},
		{"required after optional", of[struct {
			A string `slot:"a,optional"`
			B string `slot:"b"`
		}](), `a required slot cannot follow the optional "a"`},
		{"two of a name", of[struct {
			A string `slot:"a"`
			B string `slot:"A"`
		}](), "two slots"},
		{"default of the wrong type", of[struct {
			A int `slot:"a,optional" default:"many"`
		}](), `field A: default "many": expected a whole number`},
		{"no name", bot.Command("", func(context.Context, *bot.Request, none) (bot.Reply, error) { return bot.Reply{}, nil }).Summary("x"), "needs a name"},
		{"no summary", bot.Command("x", func(context.Context, *bot.Request, none) (bot.Reply, error) { return bot.Reply{}, nil }), "Summary"},
		{"name taken", say("help", ""), `already a command "help"`},
		{"name taken but for a hyphen", say("HELP", ""), "HELP"},
		{"Suggest for no slot", say("x", "").Suggest("machin", values), `names the slot "machin"`},
		{"template with an unknown slot", say("x", "").Say("en", "tell {machine}"), "{machine}"},
		{"template with an open bracket", say("x", "").Say("en", "tell [me"), "column"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := bot.New(bot.Config{Access: bottest.AllowAll{}})
			if err != nil {
				t.Fatal(err)
			}
			if err = b.Add(commands{tt.cmd}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestNewWantsAnAccess(t *testing.T) {
	if _, err := bot.New(bot.Config{}); err == nil || !strings.Contains(err.Error(), "Access") {
		t.Errorf("error %v, want one about Access", err)
	}
}

func TestAttachRefusesTwoTransportsOfOneName(t *testing.T) {
	b, err := bot.New(bot.Config{Access: bottest.AllowAll{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Attach(bottest.NewTransport("x").With(0)); err != nil {
		t.Fatal(err)
	}
	if err := b.Attach(bottest.NewTransport("x").With(0)); err == nil {
		t.Error("two transports of one name were attached")
	}
}

// colour is a type that parses itself.
type colour string

func (c *colour) UnmarshalText(b []byte) error {
	switch s := strings.ToLower(string(b)); s {
	case "red", "green":
		*c = colour(s)
		return nil
	}
	return errors.New("expected red or green")
}

func TestSlotsOfEveryType(t *testing.T) {
	type args struct {
		S  string        `slot:"s"`
		B  bool          `slot:"b"`
		I  int           `slot:"i"`
		L  int64         `slot:"l"`
		F  float64       `slot:"f"`
		D  time.Duration `slot:"d"`
		C  colour        `slot:"c"`
		No string        // no slot
		O  string        `slot:"o,optional"`
		P  int           `slot:"p,optional" default:"7"`
		R  string        `slot:"r,optional,rest" default:"the end"`
	}
	var got args
	cmd := bot.Command("it", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		got = a
		return bot.Say("done"), nil
	}).Summary("do it")
	chat := bottest.Start(t, bot.Config{}, commands{cmd})
	full := args{S: "web 1", B: true, I: -3, L: 1 << 40, F: 2.5, D: 90 * time.Minute, C: "green", P: 7, R: "the end"}
	tests := []struct {
		text   string
		change func(*args)
	}{
		{`it "web 1" yes -3 1099511627776 2.5 90m green`, func(*args) {}},
		{`it "web 1" ja -3 1099511627776 2,5 1h30m GREEN`, func(*args) {}},
		{`it "web 1" no -3 1099511627776 2.5 90m green`, func(a *args) { a.B = false }},
		{`it "web 1" on -3 1099511627776 2.5 90m green o 8`, func(a *args) { a.O, a.P = "o", 8 }},
		{`it "web 1" 1 -3 1099511627776 2.5 90m green o 8 to  the "end"`, func(a *args) { a.O, a.P, a.R = "o", 8, `to  the "end"` }},
		{`it --c=green --d=90m --f=2.5 --l=1099511627776 --i=-3 --b --s="web 1"`, func(*args) {}},
	}
	for _, tt := range tests {
		want := full
		tt.change(&want)
		got = args{}
		if reply := chat.Ask(bottest.Direct("john", tt.text)); reply != "done" || got != want {
			t.Errorf("%s\n got %+v (%s)\nwant %+v", tt.text, got, reply, want)
		}
	}
}

func TestAWrongValueInACommandIsTold(t *testing.T) {
	type args struct {
		N int    `slot:"n" ask:"How many?"`
		C colour `slot:"c" ask:"Which colour?"`
	}
	play(t, `
		john: it many red
		bot: n has to be a whole number; you wrote many.
		john: it 3 blue
		bot: "blue" is not a c: expected red or green. Which colour?
		john: red
		bot: done
	`, of[args]())
}
