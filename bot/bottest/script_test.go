package bottest

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
)

func TestParseReadsEveryKindOfLine(t *testing.T) {
	steps, err := parse(`
		# a comment
		John Doe: hello: world
		  and more
		john@ops: dragoman, hi
		john@ops -> bot: psst
		bot: one
		     two
		       three
		bot@ops: hi
		bot -> mary: hi
		bot->mary@ops: hi
		bot:
		... 1h30m ...
	`)
	if err != nil {
		t.Fatal(err)
	}
	want := []step{
		{line: 3, says: &speech{who: "John Doe", text: "hello: world\nand more"}},
		{line: 5, says: &speech{who: "john", room: "ops", text: "dragoman, hi"}},
		{line: 6, says: &speech{who: "john", room: "ops", own: true, text: "psst"}},
		{line: 7, want: &speech{text: "one\ntwo\n  three"}},
		{line: 10, want: &speech{room: "ops", text: "hi"}},
		{line: 11, want: &speech{who: "mary", text: "hi"}},
		{line: 12, want: &speech{who: "mary", room: "ops", own: true, text: "hi"}},
		{line: 13, want: &speech{}},
		{line: 14, pass: 90 * time.Minute},
	}
	if len(steps) != len(want) {
		t.Fatalf("%d steps, want %d", len(steps), len(want))
	}
	for i, s := range steps {
		if s.line != want[i].line || s.pass != want[i].pass || !same(s.says, want[i].says) || !same(s.want, want[i].want) {
			t.Errorf("step %d is %+v %+v %+v", i, s, s.says, s.want)
		}
	}
}

func same(a, b *speech) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func TestParseReportsALineThatIsNone(t *testing.T) {
	for script, want := range map[string]string{
		"\njohn says hello":          `line 2: "john says hello" is neither`,
		"a: b\n... soon ...":         `line 2: "soon" is not a length of time`,
		"... -5m ...":                `"-5m" is not a length of time`,
		"a: b\n... 5m ...\n  more":   `line 3: "  more" continues nothing`,
		"a -> bot: x":                `written without "-> bot"`,
		"john@ops -> mary: whatever": "is neither",
	} {
		if _, err := parse(script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", script, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		want, got string
		ok        bool
	}{
		{"pong", "pong", true},
		{"pong", "pong!", false},
		{"pong ...", "pong, and more", true},
		{"pong...", "ping", false},
		{"...", "anything", true},
		{"/p[io]ng/", "ping", true},
		{"/p[io]ng/", "ping!", false},
		{"/a.*z/", "a\nz", true},
		{"/", "/", true},
	} {
		if ok, err := matches(tt.want, tt.got); ok != tt.ok || err != nil {
			t.Errorf("%q matches %q: %v, %v", tt.want, tt.got, ok, err)
		}
	}
	if _, err := matches("/(/", ""); err == nil {
		t.Error("a wrong regular expression was taken")
	}
}

// ping is a skill that answers, and says "tick" to everybody's room each minute.
type ping struct{ notify bot.Notifier }

func (ping) Name() string { return "ping" }

func (ping) Commands() []*bot.Cmd {
	return []*bot.Cmd{bot.Command("ping", func(context.Context, *bot.Request, struct{}) (bot.Reply, error) {
		return bot.Say("pong"), nil
	}).Summary("answer")}
}

func (p ping) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			to := bot.Destination{Transport: TransportName, To: Room("ops"), Room: true}
			if err := p.notify.Notify(ctx, bot.Notice{To: to, Reply: bot.Say("tick")}); err != nil {
				return err
			}
		}
	}
}

// playing plays a script with ping and returns what went wrong.
func playing(t *testing.T, script string) (err error) {
	t.Helper()
	steps, err := parse(script)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		wire := NewTransport(TransportName)
		chat := start(t, bot.Config{}, wire, wire.With(0), func(b *bot.Bot) []bot.Skill { return []bot.Skill{ping{b}} })
		err = (&player{chat: chat, name: "dragoman"}).play(steps)
	})
	return err
}

func TestAScriptFailsWhereTheBotDoesNotKeepToIt(t *testing.T) {
	for name, tt := range map[string]struct{ script, want string }{
		"right":             {"john: ping\nbot: pong\n... 2m ...\nbot@ops: tick\nbot@ops: tick", ""},
		"other words":       {"john: ping\nbot: pang", `line 2: to john the bot said`},
		"silence":           {"john@ops: ping\nbot@ops: pong", `line 2: the bot said nothing to @ops and should have said "pong"`},
		"other place":       {"john@ops: dragoman: ping\nbot -> john: pong", "line 2: the bot said nothing to john "},
		"too much":          {"john: ping", `the bot also said, to john: "pong"`},
		"too early":         {"... 59s ...\nbot@ops: tick", "line 2: the bot said nothing to @ops"},
		"nobody to answer":  {"bot: hello", "line 1: nobody has spoken yet"},
		"a wrong pattern":   {"john: ping\nbot: /(/", "line 2: not a regular expression"},
		"order in one room": {"... 1m ...\njohn@ops: dragoman: ping\nbot@ops: pong\nbot@ops: tick", `the bot said`},
	} {
		t.Run(name, func(t *testing.T) {
			err := playing(t, tt.script)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
