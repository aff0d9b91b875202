package bot_test

import (
	"context"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// plant has commands of each effect that are understood by examples.
func plant() commands {
	like := func(c *bot.Cmd, what string) *bot.Cmd {
		return c.Say("en", "go ahead with the "+what).Like("en", "the "+what+" please do it now", "would you start the "+what+" for us",
			"we need the "+what+" at once", "it is time for the "+what, "begin with the "+what+" my friend")
	}
	return commands{
		like(say("survey", "surveyed"), "survey"),
		like(say("diary", "written").Changes(bot.ChangesOwn), "diary"),
		like(say("shutdown", "it is off").Changes(bot.ChangesShared), "shutdown"),
	}
}

func TestWhatChangesThingsForOthersIsNotDoneOnALikelihood(t *testing.T) {
	chat := bottest.Start(t, bot.Config{Learning: learning(0, 0, "")}, plant())
	learned(t, chat.Bot)
	for _, tt := range []struct{ text, want string }{
		{"we need the survey right now", "surveyed"},
		{"we need the diary right now", "written"},
		{"we need the shutdown right now", "Did you mean “shutdown”?\n(yes / no)"},
		{"no", "Then I did not understand. Say help to see what I can do."},
		{"we need the shutdown right now", "Did you mean “shutdown”?\n(yes / no)"},
		{"yes", "it is off"},
		{"go ahead with the shutdown", "Did you mean “shutdown”?\n(yes / no)"}, // a template is not typed either
		{"yes", "it is off"},
		{"shutdown", "it is off"},
	} {
		if got := chat.Ask(bottest.Direct("john", tt.text)); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
	if n := len(chat.Ledger.Added()); n != 4 {
		t.Errorf("%d replies of changes are in the outbox, want 4", n)
	}
}

func TestWhoMayNotDoItIsToldSoAndNotAsked(t *testing.T) {
	chat := bottest.Start(t, bot.Config{Learning: learning(0, 0, ""), Access: rights("shutdown")}, plant())
	learned(t, chat.Bot)
	if got := chat.Ask(bottest.Direct("john", "we need the shutdown right now")); got != "shutdown is not for you." {
		t.Errorf("got %q", got)
	}
}

func TestPhrasesOfTheConfigurationAreLearnedToo(t *testing.T) {
	how := learning(0, 0, "[survey en]\n= who counts the sheep\n[survey de]\nzählt doch bitte mal die ganzen Schafe\n"+
		"wie viele Schafe stehen auf der Wiese\n[oos en]\nthe shutdown of the factory made me sad\n")
	chat := bottest.Start(t, bot.Config{Learning: how}, plant())
	for _, phrase := range []string{"who counts the sheep", "zählt doch bitte die Schafe"} {
		if got := chat.Ask(bottest.Direct("john", phrase)); !strings.HasPrefix(got, "I do not understand") {
			t.Errorf("before it learned, to %q the bot says %q", phrase, got)
		}
	}
	learned(t, chat.Bot)
	for phrase, want := range map[string]string{
		"who counts the sheep":                    "surveyed",
		"zählt doch bitte die Schafe":             "surveyed",
		"the shutdown of the factory made me sad": "I do not understand",
	} {
		if got := chat.Ask(bottest.Direct("john", phrase)); !strings.HasPrefix(got, want) {
			t.Errorf("to %q the bot says %q, want %q", phrase, got, want)
		}
	}
}

func TestAPhraseThatCannotBeLearnedNamesItsLine(t *testing.T) {
	for phrases, want := range map[string]string{
		"\n[surveys en]\ncount them\n":                    `skills.yaml:3: there is no command "surveys"; is its skill enabled?`,
		"[survey en]\ncount them\nask [web1](machine)\n":  `skills.yaml:3: the command "survey" has no slot "machine"`,
		"[survey en]\n= count {machine}\n[diary en]\nx\n": `machine`,
	} {
		b := newBot(t, bot.Config{Learning: learning(0, 0, phrases)}, plant())
		if err := b.Learn(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", phrases, err, want)
		}
	}
}

// uselessCache is a cache that neither keeps nor gives what it should.
type uselessCache struct{ gives []byte }

func (b uselessCache) Load(string) []byte { return b.gives }
func (uselessCache) Save(string, []byte)  {}

func TestLearningNeedsNoCache(t *testing.T) {
	for name, set := range map[string]func(*bot.Learning){
		"damaged": func(l *bot.Learning) { l.Cache = uselessCache{[]byte("no model")} },
		"none":    func(l *bot.Learning) { l.Cache, l.Recognizer = nil, nil }, // nor one that finds names
	} {
		t.Run(name, func(t *testing.T) {
			how := learning(0, 0, "")
			set(how)
			b := learned(t, newBot(t, bot.Config{Learning: how}, plant()))
			if wishes, miss := b.Understand(t.Context(), "we need the survey right now", ""); miss != nil || wishes[0].Command != "survey" {
				t.Errorf("understood as %+v, %+v", wishes, miss)
			}
		})
	}
}

func TestTheSamePhrasesAreLearnedOnce(t *testing.T) {
	how := learning(0, 0, "")
	kept := new(cache)
	how.Cache = kept
	for range 2 {
		b := learned(t, newBot(t, bot.Config{Learning: how}, plant()))
		learned(t, b)
	}
	if kept.saved != 1 {
		t.Errorf("the same was trained %d times", kept.saved)
	}
}

func TestAStopEndsTheLearning(t *testing.T) {
	how := learning(0, 0, "")
	how.Cache = nil
	b := newBot(t, bot.Config{Learning: how}, plant())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Learn(ctx); err == nil {
		t.Error("it learned all the same")
	}
}

func TestExplainTellsWhatEachStageThinks(t *testing.T) {
	b := learned(t, newBot(t, bot.Config{Learning: learning(0, 0, "")}, doors()))
	for text, want := range map[string][]string{
		"get-status machine1":                {"structured: 1.000 get-status machine1; it begins with the name of get-status", "taught: nothing", "rules: "},
		"what is the status of machine1":     {"structured: nothing", "rules: 1.000 get-status machine1"},
		"front door now or never":            {"structured: front door, but "},
		"is machine1 alive this morning":     {"rules: nothing", "learned: 0.", "get-status machine1", "  language: en"},
		"get-status machine1 --depth=9 -- x": {"structured: get-status, but"},
	} {
		got := strings.Join(b.Explain(t.Context(), text, ""), "\n")
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("of %q it says\n%s\nwithout %q", text, got, w)
			}
		}
	}
}
