package bot_test

import (
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

func TestSpeakReportsWhatIsWrongWithItsFileAndLine(t *testing.T) {
	for list, want := range map[string]string{
		"[get-status en]\n= how fares {machine}\n\n[getstatus en]\nhow is it\n": `skills/x/phrases.txt:5: there is no command "getstatus" beside it`,
		"# comment\n[get-status en]\nhow is [web1](mashine)\n":                  `skills/x/phrases.txt:3: the example "how is web1" marks the slot "mashine", which it does not have`,
		"how is it\n":                         `skills/x/phrases.txt:1: expected [command language] before the first phrase`,
		"[get-status]\n":                      `skills/x/phrases.txt:1: expected [command language]`,
		"[get-status en]\nhow is [](machine)": `skills/x/phrases.txt:2: `,
		"[get-status en]\n= is {mashine} up":  `mashine`,
		"[oos en]\n[oops en]\nx":              `skills/x/phrases.txt:3: there is no command "oops"`,
	} {
		b, err := bot.New(bot.Config{Access: bottest.AllowAll{}})
		if err != nil {
			t.Fatal(err)
		}
		err = b.Add(commands(bot.Speak("skills/x/phrases.txt", list, getStatus(), say("other", "x"))))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", list, err, want)
		}
	}
}

func TestSpeakGivesEachPhraseToItsCommand(t *testing.T) {
	cmds := bot.Speak("x/phrases.txt", "[get-status en]\n= how fares {machine}\nis [web1](machine) alive\n[list all de]\nzeig mir alles\n"+
		"[oos en]\nmy web1 is on fire\n", getStatus(), say("list all", "nothing"))
	status, list := cmds[0].Grammar(), cmds[1].Grammar()
	if say := status.Say["en"]; say[len(say)-1] != "how fares {machine}" {
		t.Errorf("the templates are %q", say)
	}
	e := status.Examples["en"]
	if len(e) != 1 || e[0].Text != "is web1 alive" || len(e[0].Slots) != 1 || e[0].Source != "x/phrases.txt:3" {
		t.Errorf("the examples are %+v", e)
	}
	if e := list.Examples["de"]; len(e) != 1 || e[0].Text != "zeig mir alles" || len(list.Say) != 0 {
		t.Errorf("the other's examples are %+v", list)
	}
}

// A sentence that means no command is learned as that, also where it is like one.
func TestSentencesThatMeanNothingReachTheGrammar(t *testing.T) {
	const text = "why do we need the survey right now"
	reads := func(list string) bool {
		cmds := bot.Speak("x/phrases.txt", list, plant()...)
		b := learned(t, newBot(t, bot.Config{Learning: learning(0, 0, "")}, commands(cmds)))
		_, miss := b.Understand(t.Context(), text, "en")
		return miss == nil
	}
	if !reads("") {
		t.Errorf("%q is not understood", text)
	}
	if reads("[oos en]\nwhy do we need the survey\nwhy do we need the diary\nwhy do we need the shutdown\n" + text + "\n") {
		t.Error("it is understood although it is listed as meaning nothing")
	}
}

func TestLikeMarksSlotsOfItsCommand(t *testing.T) {
	b, err := bot.New(bot.Config{Access: bottest.AllowAll{}})
	if err != nil {
		t.Fatal(err)
	}
	for sentence, want := range map[string]string{
		"is [web1](mashine) alive": `marks the slot "mashine"`, "is [web1](machine": "expected [words](slot)", " ": "empty",
	} {
		if err := b.Add(commands{getStatus().Like("en", sentence)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", sentence, err, want)
		}
	}
}
