package tagger

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"dragoman/nlu"
)

// markedExamples makes training examples of marked sentences by label.
func markedExamples(t testing.TB, byLabel map[string][]string) []Example {
	t.Helper()
	var examples []Example
	for _, label := range sortedKeys(byLabel) {
		for _, marked := range byLabel[label] {
			e, err := nlu.ParseExample(marked)
			if err != nil {
				t.Fatal(err)
			}
			examples = append(examples, FromExample(label, e, recognise(e.Text, Tokenize(nil, e.Text))...))
		}
	}
	return examples
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// entities stand for the recognisers of the bot: they know the live machines,
// and numbers and times wherever they stand.
var entities = map[string]string{
	"web1": "machine", "web2": "machine", "db1": "machine", "db2": "machine", "mail": "machine",
	"backup": "machine", "proxy": "machine", "cache1": "machine",
	"gandalf": "machine", "printer7": "machine", "frodo": "machine", "gateway": "machine", "nas": "machine", "vm12": "machine",
	"tomorrow": "time", "tonight": "time", "at 5pm": "time", "on friday": "time", "next week": "time", "at noon": "time",
	"on monday": "time", "at 7": "time", "in ten minutes": "time", "on thursday": "time",
	"two": "number", "three": "number", "ten": "number", "7": "number", "one": "number",
}

// recognise finds the entities of a text.
func recognise(text string, tokens []Token) []Mark {
	var marks []Mark
	for i := range tokens {
		for j := i + 1; j <= min(i+3, len(tokens)); j++ {
			if kind := entities[text[tokens[i].Start:tokens[j-1].End]]; kind != "" {
				marks = append(marks, Mark{kind, i, j})
			}
		}
	}
	return marks
}

// fewExamples is what an administrator would write: ten or so for a command.
var fewExamples = map[string][]string{
	"status": {
		"is [web1](machine) still alive", "how is [db2](machine) doing", "what is up with [mail](machine)",
		"has [web2](machine) crashed", "[db1](machine) status please", "tell me about [backup](machine)",
		"is [proxy](machine) up?", "check on [cache1](machine) for me", "anything wrong with [web1](machine)?",
		"did [mail](machine) come back",
	},
	"remind": {
		"remind me to [buy milk](task) [tomorrow](when)", "please remind me [at 5pm](when) to [call the dentist](task)",
		"remind me to [water the plants](task)", "set a reminder to [pay the rent](task) [on friday](when)",
		"don't let me forget to [feed the cat](task)", "remind me [tonight](when) to [take out the trash](task)",
		"i need to remember to [renew my passport](task) [next week](when)", "remind me about [the team lunch](task) [at noon](when)",
		"could you remind me to [book a flight](task)", "reminder: [send the invoice](task) [tomorrow](when)",
	},
	"add": {
		"add [milk](item) to my [shopping](list) list", "put [two apples](item) on the [grocery](list) list",
		"add [fix the door](item) to [todo](list)", "i want [brown bread](item) on my [shopping](list) list",
		"please add [a birthday card](item) to the [party](list) list", "put [paint](item) on [hardware](list)",
		"add [sun cream](item) and nothing else to my [holiday](list) list", "[batteries](item) should go on the [garage](list) list",
		"could you put [green tea](item) on my [office](list) list", "add [olive oil](item) to the [kitchen](list) list please",
	},
	"message": {
		"tell [anna](person) that [i am late](text)", "send [bob](person) a message saying [see you soon](text)",
		"text [maria](person): [the meeting is off](text)", "let [john](person) know [we have arrived](text)",
		"message [peter](person) [call me back](text)", "tell [my wife](person) [dinner is ready](text)",
		"write to [sam](person) that [the build is green](text)", "please tell [lucy](person) that [her parcel is here](text)",
		"send a message to [tom](person): [good luck](text)", "let [eva](person) know that [the train is delayed](text)",
	},
}

// unseenSentences have words in their slots that no example has.
var unseenSentences = map[string][]string{
	"status": {
		"is [gandalf](machine) still alive", "how is [printer7](machine) doing", "has [frodo](machine) crashed",
		"anything wrong with [gateway](machine)?", "is [nas](machine) up", "tell me about [vm12](machine) please",
	},
	"remind": {
		"remind me to [clean the windows](task) [on monday](when)", "remind me [at 7](when) to [walk the dog](task)",
		"please remind me to [order new toner](task)", "don't let me forget to [lock the office](task) [tonight](when)",
		"set a reminder to [check the oven](task) [in ten minutes](when)", "remind me about [the parents evening](task) [on thursday](when)",
	},
	"add": {
		"add [oranges](item) to my [fruit](list) list", "put [three lemons](item) on the [bar](list) list",
		"please add [dish soap](item) to the [cleaning](list) list", "could you put [orange juice](item) on my [breakfast](list) list",
		"add [wooden shelf](item) to [furniture](list)", "i want [dark chocolate](item) on my [wish](list) list",
	},
	"message": {
		"tell [carlos](person) that [the server room is flooded](text)", "let [nadia](person) know [lunch is at one](text)",
		"text [grandma](person): [happy birthday](text)", "please tell [ulf](person) that [his car is blocking the exit](text)",
		"send [ines](person) a message saying [thanks for the help](text)", "let [the boss](person) know that [we shipped it](text)",
	},
}

func TestFewExamplesTeachSlotsWithUnseenWords(t *testing.T) {
	m := train(t, markedExamples(t, fewExamples))
	var s spanScore
	for _, e := range markedExamples(t, unseenSentences) {
		var got []string
		for _, tag := range m.Tag(nil, e.Tokens, e.Label, e.Marks...) {
			got = append(got, m.Name(tag))
		}
		s.add(Chunks(nil, got), Chunks(nil, e.Tags))
		if !slices.Equal(got, e.Tags) {
			t.Logf("%s %q: got %v", e.Label, e.Tokens, got)
		}
	}
	t.Logf("F1 %.1f", s.f1())
	if s.f1() < 90 {
		t.Errorf("F1 %.1f, want at least 90", s.f1())
	}
}

// The recogniser is right about a machine that no example names, in a sentence
// that no example is like.
func TestMarksCarryOverToOtherSentences(t *testing.T) {
	m := train(t, markedExamples(t, fewExamples))
	for _, marked := range []string{
		"how about [vm12](machine)",
		"could you look after [printer7](machine)",
		"[nas](machine) is not responding",
	} {
		e := markedExamples(t, map[string][]string{"status": {marked}})[0]
		with, without := m.Tag(nil, e.Tokens, e.Label, e.Marks...), m.Tag(nil, e.Tokens, e.Label)
		t.Logf("%s: %v with marks, %v without", marked, with, without)
		for i, tag := range with {
			if m.Name(tag) != e.Tags[i] {
				t.Errorf("%s: token %d is %s, want %s", marked, i, m.Name(tag), e.Tags[i])
			}
		}
	}
}

func TestASlotIsFilledOnceUnlessExamplesSayOtherwise(t *testing.T) {
	list := map[string][]string{"watch": {
		"watch [web1](machine)", "please watch [db1](machine)", "watch [mail](machine) for me",
		"keep an eye on [db2](machine)", "watch over [backup](machine) please",
	}}
	tokens := strings.Fields("watch web1 and db2")
	marks := []Mark{{"machine", 1, 2}, {"machine", 3, 4}}
	count := func() (n int) {
		m := train(t, markedExamples(t, list))
		for _, tag := range m.Tag(nil, tokens, "watch", marks...) {
			if m.Name(tag) == "B-machine" {
				n++
			}
		}
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("found %d machines, want 1", n)
	}
	list["watch"] = append(list["watch"], "watch [web1](machine) and [web2](machine)", "please watch [db1](machine) and [db2](machine)")
	if n := count(); n != 2 {
		t.Errorf("found %d machines where examples have two, want 2", n)
	}
}
