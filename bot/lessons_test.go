package bot_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// school is a bot with doors and lessons, which has learned them.
func school(t *testing.T, cfg bot.Config, l *lessons) (*bottest.Chat, *logged) {
	t.Helper()
	log := &logged{}
	cfg.Log = log.logger()
	chat := bottest.Start(t, cfg, append(doors(), say("alarm", "everybody is awake").Changes(bot.ChangesShared)))
	chat.Bot.Study(l)
	learned(t, chat.Bot)
	return chat, log
}

var oldLady = bot.Lesson{Phrase: "how is the old lady", Line: "get-status machine1", Lang: "en"}

func TestALessonMeansItsCommandForEverybody(t *testing.T) {
	for name, how := range map[string]*bot.Learning{"with learning": learning(0, 0, ""), "with templates alone": nil} {
		t.Run(name, func(t *testing.T) {
			l := &lessons{list: []bot.Lesson{oldLady, {Phrase: "Wach auf!", Line: "alarm", Lang: "de"}}}
			chat, _ := school(t, bot.Config{Learning: how}, l)
			for text, want := range map[string]string{
				"how is the old lady": "machine1 is up", "How  is the OLD lady?": "machine1 is up", "wach auf": "Did you mean “alarm”?\n(yes / no)", // it changes things for others
			} {
				if got := chat.Ask(bottest.Direct("john", text)); got != want {
					t.Errorf("%q: %q, want %q", text, got, want)
				}
			}
			wishes, miss := chat.Bot.Understand(t.Context(), "how is the old lady", "en")
			if miss != nil || len(wishes) != 1 {
				t.Fatalf("understood as %+v, %+v", wishes, miss)
			}
			in := wishes[0]
			if in.Stage != "taught" || in.Slots.Get("machine") != "machine1" || in.Slots[0].Start != 0 || in.Slots[0].End != 0 {
				t.Errorf("understood as %+v", in)
			}
		})
	}
}

func TestALessonGivesNobodyARight(t *testing.T) {
	l := &lessons{list: []bot.Lesson{{Phrase: "wake them", Line: "alarm"}}}
	chat, _ := school(t, bot.Config{Access: rights("alarm")}, l)
	if got := chat.Ask(bottest.Direct("john", "wake them")); got != "alarm is not for you." {
		t.Errorf("got %q", got)
	}
}

func TestALessonMayHaveNoLanguage(t *testing.T) {
	chat, _ := school(t, bot.Config{Learning: learning(0, 0, "")}, &lessons{list: []bot.Lesson{
		{Phrase: "is machine2 awake at all", Line: "get-status machine2"}, // one that is learned from as well
		{Phrase: "e a machine2 então", Line: "get-status machine2", Lang: "pt-BR"},
		{Phrase: "İstanbul’da machine1", Line: "get-status machine1"}, // whose lower case is longer
		{Phrase: "ȺȺȺmachine1", Line: "get-status machine1"},
	}})
	for _, text := range []string{"is machine2 awake at all", "e a machine2 então", "İstanbul’da machine1", "ȺȺȺmachine1"} {
		if got := chat.Ask(bottest.Direct("john", text)); !strings.HasSuffix(got, " is up") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestALessonIsAnExampleOfWhatIsSaidLikeIt(t *testing.T) {
	const like = "how does good old machine1 feel right now"
	l := &lessons{}
	chat, _ := school(t, bot.Config{Learning: learning(0, 0, "")}, l)
	score := func() float64 {
		wishes, miss := chat.Bot.Understand(t.Context(), like, "en")
		switch {
		case miss == nil && wishes[0].Command == "get-status":
			return wishes[0].Score
		case miss != nil && len(miss.Readings) > 0 && miss.Readings[0].Command == "get-status":
			return miss.Readings[0].Score
		}
		return 0
	}
	before := score()
	for _, who := range []string{"machine1", "machine2"} {
		l.list = append(l.list, bot.Lesson{Phrase: "how does old " + who + " feel", Line: "get-status " + who, Lang: "en"},
			bot.Lesson{Phrase: "does " + who + " feel good right now", Line: "get-status " + who, Lang: "en"})
	}
	learned(t, chat.Bot)
	if after := score(); after <= before {
		t.Errorf("%q scored %.3f before the lessons and %.3f after them", like, before, after)
	}
}

func TestALessonAboutWhatIsGoneIsWarnedOfAndNotKept(t *testing.T) {
	l := &lessons{list: []bot.Lesson{oldLady, {Phrase: "make tea", Line: "brew tea"}, {Phrase: "two at once", Line: "alarm alarm"}}}
	chat, log := school(t, bot.Config{}, l)
	for text, want := range map[string]string{
		"how is the old lady": "machine1 is up", "make tea": "I do not understand", "two at once": "I do not understand",
	} {
		if got := chat.Ask(bottest.Direct("john", text)); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, phrase := range []string{"make tea", "two at once"} {
		if !strings.Contains(log.String(), `a lesson is about a command that there is no more" phrase="`+phrase+`"`) {
			t.Errorf("nothing in the log about %q:\n%s", phrase, log)
		}
	}
	findings, err := chat.Bot.Lint(t.Context())
	if text := strings.Join(findings, "\n"); err != nil || !strings.Contains(text, "the lesson “make tea” = brew tea") ||
		strings.Contains(text, "old lady") {
		t.Errorf("Lint found %q (%v)", findings, err)
	}
}

func TestALessonThatIsReadOtherwiseIsReported(t *testing.T) {
	// A command came that is called like what was taught.
	for name, lesson := range map[string]bot.Lesson{
		"another command": {Phrase: "front door", Line: "back door"},
		"another value":   {Phrase: "get-status machine2", Line: "get-status machine1"},
	} {
		t.Run(name, func(t *testing.T) {
			chat, log := school(t, bot.Config{}, &lessons{list: []bot.Lesson{lesson}})
			want := fmt.Sprintf("the lesson “%s” = %s is no longer understood", lesson.Phrase, lesson.Line)
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log says\n%s", log)
			}
			if findings, err := chat.Bot.Lint(t.Context()); err != nil || !strings.Contains(strings.Join(findings, "\n"), want) {
				t.Errorf("Lint found %q (%v)", findings, err)
			}
		})
	}
}

func TestWhatIsTaughtOrForgottenCountsWhileTheBotRuns(t *testing.T) {
	l := &lessons{}
	bottest.Play(t, bot.Config{}, `
		john: how is the old lady
		bot: I do not understand ...
		john: teach
		bot: taught
		... 1s ...
		john: how is the old lady
		bot: machine1 is up
		john: unteach
		bot: forgotten
		... 1s ...
		john: how is the old lady
		bot: I do not understand ...
	`, func(_ *testing.T, b *bot.Bot) []bot.Skill {
		b.Study(l)
		change := func(name, reply string, list ...bot.Lesson) *bot.Cmd {
			return run(name, func(context.Context, *bot.Request) (bot.Reply, error) {
				l.teach(nil, list...)
				b.Relearn()
				return bot.Say(reply), nil
			})
		}
		return []bot.Skill{append(doors(), change("teach", "taught", oldLady), change("unteach", "forgotten"))}
	})
}

func TestNoMessageIsLostOrMisreadWhileTheBotLearns(t *testing.T) {
	l := &lessons{list: []bot.Lesson{oldLady}}
	chat, _ := school(t, bot.Config{Learning: learning(0, 0, "")}, l)
	stop := make(chan struct{})
	var teaching sync.WaitGroup
	teaching.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			l.teach(nil, oldLady, bot.Lesson{Phrase: fmt.Sprint("wake up ", n%2), Line: "alarm", Lang: "en"})
			chat.Bot.Relearn()
			time.Sleep(time.Millisecond) // time for others; nothing waits for it
		}
	})
	var asking sync.WaitGroup
	const people, messages = 4, 40
	for p := range people {
		asking.Go(func() {
			for range messages {
				chat.Send(bottest.Direct(fmt.Sprint("john", p), "how is the old lady"))
				chat.Send(bottest.Direct(fmt.Sprint("john", p), "is machine1 alive today"))
			}
		})
	}
	asking.Wait()
	for range 2 * people * messages {
		if got := chat.Next(t).Reply.Plain(); got != "machine1 is up" {
			t.Fatalf("while it learns the bot says %q", got)
		}
	}
	close(stop)
	teaching.Wait()
}

func TestABotThatCannotLearnUnderstandsAsBefore(t *testing.T) {
	l := &lessons{list: []bot.Lesson{oldLady}}
	chat, log := school(t, bot.Config{Learning: learning(0, 0, "")}, l)
	l.teach(errNoStore)
	if err := chat.Bot.Learn(t.Context()); err == nil || !strings.Contains(err.Error(), "the lessons could not be read: no store") {
		t.Errorf("Learn = %v", err)
	}
	chat.Bot.Relearn()
	for range 2 {
		if got := chat.Ask(bottest.Direct("john", "how is the old lady")); got != "machine1 is up" {
			t.Errorf("got %q", got)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(log.String(), "it understands as before"); {
		if time.Now().After(deadline) {
			t.Fatalf("the log says\n%s", log)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWhatWasMissedIsToldToTheLessons(t *testing.T) {
	l := &lessons{says: "Say keep it."}
	chat, _ := school(t, bot.Config{}, l)
	for text, want := range map[string]string{
		"colourless green ideas": "I do not understand “colourless green ideas”. Say help to see what I can do.\nSay keep it.",
		"alarm":                  "everybody is awake",
		"alrm":                   "I do not understand “alrm”. Did you mean alarm? Say help to see what I can do.",
	} {
		if got := chat.Ask(bottest.Direct("john", text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if len(l.missed) != 1 || l.missed[0] != "colourless green ideas" {
		t.Errorf("heard of %q", l.missed)
	}
}

func TestALessonIsLearnedFromWhereItsPhraseHasAllValues(t *testing.T) {
	type args struct {
		Name  string `slot:"name"`
		Check string `slot:"check"`
	}
	b := newBot(t, bot.Config{}, append(doors(), bot.Command("add machine", func(context.Context, *bot.Request, args) (bot.Reply, error) {
		return bot.Reply{}, nil
	}).Summary("watch it")))
	for _, tt := range []struct{ phrase, line, want string }{
		{"how is machine1 doing", "get-status machine1", "how is [machine1](machine) doing"},
		{"how is MACHINE1 doing", "get-status machine1", "how is [MACHINE1](machine) doing"},
		{"how is machine10 or machine1 doing", "get-status machine1", "how is machine10 or [machine1](machine) doing"},
		{"İİİ machine1 doing", "get-status machine1", "İİİ [machine1](machine) doing"}, // whose lower case is longer
		{"how is the old lady", "get-status machine1", ""},
		{"open up", "front door", "open up"},
		{"look at db9 by tcp", "add machine db9 tcp", "look at [db9](name) by [tcp](check)"},
		{"by tcp look at db9", "add machine db9 tcp", "by [tcp](check) look at [db9](name)"},
		{"have a tcp called tcp", "add machine tcp tcp", "have a [tcp](name) called [tcp](check)"},
		{"have a look at tcp", "add machine tcp tcp", ""},
		{"machines please", "no such command", ""},
	} {
		if got := bot.LearnsFrom(b, bot.Lesson{Phrase: tt.phrase, Line: tt.line}); got != tt.want {
			t.Errorf("%q = %s is learned as %q, want %q", tt.phrase, tt.line, got, tt.want)
		}
	}
}
