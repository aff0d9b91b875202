package teach

import (
	"fmt"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/internal/clock"
)

// commandsOnly is the skill on a pupil of its own.
type commandsOnly struct{ *Skill }

func TestConform(t *testing.T) {
	b, err := bot.New(bot.Config{Access: bottest.AllowAll{}})
	if err != nil {
		t.Fatal(err)
	}
	bottest.Conform(t, commandsOnly{taught(t, openStore(t, "sqlite::memory:"), b, clock.System{})})
}

func TestNothingIsKeptBeforeSomebodyAgrees(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		c := newClass(t, url, false)
		const text = "tell the old lady to wake up"
		c.says(t, "john", text, "I do not understand “"+text+"”. Say help to see what I can do.\n"+
			"If my administrators may see this sentence, to teach me, say: keep it")
		if m := c.misses(t); len(m) != 0 {
			t.Fatalf("kept without consent: %+v", m)
		}
		c.says(t, "mary", "keep it", "There is nothing of yours that I did not understand a moment ago.")
		c.says(t, "john", "keep it", "Thank you, I keep it, without your name.")
		m := c.misses(t)
		if len(m) != 1 || m[0].Phrase != text || m[0].Times != 1 || m[0].Lang != "en" || !m[0].Latest.Equal(c.clock.Now()) {
			t.Errorf("kept %+v", m)
		}
		c.says(t, "john", "keep it", "There is nothing of yours") // it is kept already
		if m := c.misses(t); len(m) != 1 || m[0].Times != 1 {
			t.Errorf("kept twice: %+v", m)
		}
		c.says(t, "john", "another thing entirely", "I do not understand") // consent was for one
		if m := c.misses(t); len(m) != 1 {
			t.Errorf("kept %+v", m)
		}
		var people int64
		if err := c.db.Read(t.Context()).Model(&consent{}).Count(&people).Error; err != nil || people != 0 {
			t.Errorf("%d people are in the database (%v)", people, err)
		}
	})
}

func TestConsentIsForALittleWhile(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	c.says(t, "john", "wake the old lady up", "I do not understand")
	c.clock.Advance(consentLife)
	c.says(t, "john", "keep it", "Thank you")
	c.says(t, "john", "wake the old lady up now", "I do not understand")
	c.clock.Advance(consentLife + 1)
	c.says(t, "john", "keep it", "There is nothing of yours")
}

func TestAlwaysAndNeverAreRemembered(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		c := newClass(t, url, false)
		ask := func(text string, asked bool) {
			t.Helper()
			if got := c.Ask(bottest.Direct("john", text)); strings.Contains(got, "keep it") != asked {
				t.Errorf("to %q the bot says %q", text, got)
			}
		}
		ask("first of all", true)
		c.says(t, "john", "keep always", "Thank you. From now on I keep what I do not understand of you, without your name.")
		ask("second of all", false)
		ask("Second  of ALL?", false)
		c.says(t, "john", "keep never", "Then I keep nothing of what you say.")
		ask("third of all", false)
		c.says(t, "john", "keep it", "There is nothing of yours")
		got := make(map[string]int64)
		for _, m := range c.misses(t) {
			got[m.Phrase] = m.Times
		}
		if len(got) != 2 || got["first of all"] != 1 || got["second of all"] != 2 {
			t.Errorf("kept %v", got)
		}
		c.says(t, "john", "keep everything", "I can keep it, always or never.")
		c.says(t, "john", "cancel", "Never mind")
		var kept []miss
		if err := c.db.Read(t.Context()).Find(&kept).Error; err != nil || strings.Contains(fmt.Sprint(kept), "john") {
			t.Errorf("the table has a name: %+v (%v)", kept, err)
		}
	})
}

func TestSomebodyWithoutAnAccountIsNotAsked(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	m := bottest.InRoom("john", "ops", "tell the old lady to wake up")
	m.Sender.Account, m.Sender.Session = "", "s1"
	if got := c.Ask(m); strings.Contains(got, "keep") {
		t.Errorf("the bot says %q", got)
	}
	keep := bottest.InRoom("john", "ops", "keep it")
	keep.Sender = m.Sender
	if got := c.Ask(keep); got != "I do not know who you are here, so I keep nothing of yours." {
		t.Errorf("the bot says %q", got)
	}
}

func TestALongTextIsNoPhrase(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	for n, asked := range map[int]bool{maxPhrase: true, maxPhrase + 1: false} {
		if got := c.Ask(bottest.Direct("john", strings.Repeat("x", n))); strings.Contains(got, "keep it") != asked {
			t.Errorf("to %d bytes the bot says %q", n, got)
		}
	}
}

func TestABotThatKeepsNothingDoesNotAsk(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	c.skill.deps.Keep = false
	if got := c.Ask(bottest.Direct("john", "tell the old lady to wake up")); strings.Contains(got, "keep") {
		t.Errorf("the bot says %q", got)
	}
}

func TestMissesAreForAdministrators(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	c.says(t, "amy", "misses", "Nothing that I was allowed to keep.")
	c.says(t, "john", "wake the old lady up", "I do not understand")
	c.says(t, "john", "keep always", "Thank you.")
	c.says(t, "john", "WAKE the old lady up!", "I do not understand")
	c.says(t, "john", "dance for me", "I do not understand")
	c.says(t, "amy", "misses", "I did not understand:\n2 x  2026-11-23  “wake the old lady up”\n1 x  2026-11-23  “dance for me”")
	for _, line := range []string{"misses", "lessons", `teach "x y" = get-status web1`, "unteach x y"} {
		c.says(t, "john", line, strings.Fields(line)[0]+" is for administrators")
	}
}

func TestTeachWithEveryKindOfQuoteAndSign(t *testing.T) {
	for _, line := range []string{
		`teach "how is the old lady" = get-status web1`,
		`teach "how is the old lady" get-status web1`,
		`teach "how is the old lady" => get-status web1`,
		`teach "how is the old lady": get-status web1`,
		`teach “how is the old lady” = get-status web1`,
		`teach „how is the old lady“ = get-status web1`,
		`teach «how is the old lady» = get-status web1`,
		`teach « how is the old lady » = get-status web1`,
		`teach 'how is the old lady' = get-status web1`,
		`teach "  how is  the old lady " =   get-status web1  `,
		`teach --phrase="how is the old lady" get-status web1`,
	} {
		t.Run(line, func(t *testing.T) {
			play(t, `
				amy: `+line+`
				bot: From now on “how is the old lady” means get-status web1 (the command get-status).
				... 1s ...
				john: How is the old lady?
				bot: get-status web1 is done
				amy: lessons
				bot: I was taught:
				     “how is the old lady”  = get-status web1
			`)
		})
	}
}

func TestALifeOfLessons(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		playOn(t, url, `
			amy: lessons
			bot: I was taught nothing yet...
			john: wo ist die alte
			bot: I do not understand ...
			john: keep it
			bot: Thank you...
			amy: teach "wo ist die Alte" = get-status web1
			bot: From now on “wo ist die Alte” means get-status web1 (the command get-status).
			... 1s ...
			# What was taught is missed no longer.
			amy: misses
			bot: Nothing that I was allowed to keep.
			john: wo ist die alte?
			bot: get-status web1 is done
			# It takes the place of what was taught before.
			amy: teach "Wo  ist die alte" = get-status db-2
			bot: From now on “Wo ist die alte” means get-status db-2 (the command get-status).
			... 1s ...
			john: wo ist die alte
			bot: get-status db-2 is done
			amy: teach "weg damit" = remove machine web1
			bot: From now on “weg damit” means remove machine web1 (the command remove machine).
			... 1s ...
			# Everybody has their own rights.
			john: weg damit
			bot: remove machine is for administrators...
			amy: weg damit
			bot: Did you mean “remove machine web1”?...
			amy: yes
			bot: remove machine web1 is done
			amy: unteach "wo ist die alte"
			bot: I have forgotten what “wo ist die alte” means.
			... 1s ...
			john: wo ist die alte
			bot: I do not understand ...
			amy: unteach wo ist die alte
			bot: I was taught nothing about “wo ist die alte”. Say lessons to see them all. Which phrase?
			amy: „weg damit“
			bot: I have forgotten what “weg damit” means.
			amy: lessons
			bot: I was taught nothing yet...
		`)
	})
}

func TestWhatCannotBeTaughtIsRefusedWithItsReason(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{`teach "how is the old lady" = get-stauts web1`, "“get-stauts web1” is no command. Write the command as you would type it"},
		{`teach "how is the old lady" = is web1 alive`, "“is web1 alive” is no command"},
		{`teach "how is the old lady" = lessons of the year`, "lessons takes no values"},
		{`teach "how is the old lady" =`, "“” is no command"},
		{`teach "" = get-status web1`, "Did you mean “teach"},
		{`teach "yes" = lessons`, "“yes” is an answer to my own questions"},
		{`teach "1" = lessons`, "“1” is an answer to my own questions"},
		{`teach "thanks" = keep always`, "I do not understand “teach \"thanks\" = keep always”. Did you mean"},
		{`teach "` + strings.Repeat("x", maxPhrase+1) + `" = lessons`, "A phrase has between 1 and 200 characters."},
		{`teach "lessons" = misses`, "“lessons” is the command lessons already."},
		{`teach "get-status db-2" = get-status web1`, "“get-status db-2” is the command get-status already."},
	} {
		t.Run(tt.line[:min(40, len(tt.line))], func(t *testing.T) {
			c := newClass(t, "sqlite::memory:", false)
			c.says(t, "amy", tt.line, tt.want)
			if list, err := c.skill.book.lessons(t.Context()); err != nil || len(list) != 0 || c.pupil.count() != 0 {
				t.Errorf("it was taught %+v (%v)", list, err)
			}
		})
	}
}

func TestALessonThatMisreadsALessonIsFound(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	for _, l := range []lesson{{Phrase: "how is the old lady", Line: "get-status web1"}, {Phrase: "is tea ready", Line: "brew tea"}} {
		if err := c.skill.book.put(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	c.learn(t)
	findings, err := c.Bot.Lint(t.Context())
	if err != nil || len(findings) != 1 || !strings.Contains(findings[0], "the lesson “is tea ready” = brew tea: “brew tea” is no command") {
		t.Errorf("Lint found %q (%v)", findings, err)
	}
}

func TestTheBotLearnsAnewAfterTheCommitAlone(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	c.says(t, "amy", `teach "wake up" = get-status web1`, "From now on")
	c.says(t, "amy", "unteach wake up", "I have forgotten")
	c.says(t, "amy", "unteach wake up", "I was taught nothing about")
	if n := c.pupil.count(); n != 2 {
		t.Errorf("it was told to learn anew %d times, want 2", n)
	}
}

func TestPhrasesOfFourLanguagesLeadToTheCommands(t *testing.T) {
	c := newClass(t, "sqlite::memory:", true)
	for _, tt := range []struct{ lang, text, want string }{
		{"de", `merk dir dass "wie steht's um die alte dame" get-status web1 bedeutet`, "teach"},
		{"fr", "quelles leçons as-tu apprises", "lessons"},
		{"es", "qué lecciones has aprendido", "lessons"},
		{"en", "which lessons have you learned", "lessons"},
		{"de", "welche Lektionen hast du gelernt", "lessons"},
	} {
		wishes, miss := c.Bot.Understand(t.Context(), tt.text, tt.lang)
		switch {
		case miss != nil && len(miss.Readings) > 0:
			if got := miss.Readings[0].Command; got != tt.want {
				t.Errorf("%q may mean %s, want %s", tt.text, got, tt.want)
			}
		case miss != nil:
			t.Errorf("%q is not understood: %+v", tt.text, miss)
		case wishes[0].Command != tt.want:
			t.Errorf("%q means %+v, want %s", tt.text, wishes, tt.want)
		}
	}
}

func TestWhatIsTaughtIsAskedForPieceByPiece(t *testing.T) {
	play(t, `
		amy: teach
		bot: Which phrase?
		amy: "how is the old lady"
		bot: Which command does it mean?
		amy: brew tea
		bot: “brew tea” is no command...
		amy: get-status web1
		bot: From now on “how is the old lady” means get-status web1 (the command get-status).
		... 1s ...
		amy: how is the old lady
		bot: get-status web1 is done
		amy: teach
		bot: Which phrase?
		amy: cancel
		bot: Never mind, then.
	`)
}

// PostgreSQL takes no NUL.
func TestOddCharactersAreKeptAndTaught(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		c := newClass(t, url, false)
		for _, odd := range []string{"wake \x00 up", "wake \xff up", "wake 🫩 up", "'; DROP TABLE teach_misses; --", "100 % _ wake"} {
			c.says(t, "john", odd, "I do not understand")
			c.says(t, "john", "keep it", "Thank you, I keep it")
			c.says(t, "amy", `teach "`+odd+`" = get-status web1`, "From now on")
			if c.learn(t); !strings.Contains(odd, "\x00") { // which is kept as another character
				c.says(t, "john", odd, "get-status web1 is done")
			}
			c.says(t, "amy", "unteach "+odd, "I have forgotten")
			c.learn(t)
		}
		if list, err := c.skill.book.lessons(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("left are %+v (%v)", list, err)
		}
	})
}
