package bottest

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"dragoman/bot"
	"dragoman/nlu"
)

// Conform checks what every skill owes the people who talk to it:
//
//   - every command has a summary, and a permission unless it only reads;
//   - help explains every slot;
//   - a missing value is asked for with a question, and cancel ends it;
//   - the usage that help shows is understood as the command;
//   - so is every sentence of its templates;
//   - somebody who may not use it is told so;
//   - whatever is given for a value, the answer is no incident, comes in time,
//     and the conversation goes on.
//
// The last check runs the commands, so the skill must work on fakes. Its Run is
// not called.
func Conform(t *testing.T, skill bot.Skill) {
	t.Helper()
	k := &conformer{skill: once{skill.Name(), skill.Commands()}}
	for _, c := range k.skill.commands {
		t.Run(c.Name(), func(t *testing.T) { k.check(t, c) })
	}
}

// check checks one command.
func (k *conformer) check(t testing.TB, c *bot.Cmd) {
	g := c.Grammar()
	if c.Permission() == "" && c.Effect() != bot.Reads {
		t.Errorf("it changes something and needs no permission: add Needs")
	}
	k.helps(t, g)
	k.asks(t, g)
	k.understands(t, g)
	k.survives(t, g)
}

// once is the skill without a life of its own, and with the same commands
// whenever they are asked for.
type once struct {
	name     string
	commands []*bot.Cmd
}

// Name implements bot.Skill.
func (o once) Name() string { return o.name }

// Commands implements bot.Skill.
func (o once) Commands() []*bot.Cmd { return o.commands }

type conformer struct{ skill once }

// helps checks what help says about a command.
func (k *conformer) helps(t testing.TB, g nlu.Command) {
	chat := Start(t, bot.Config{}, k.skill)
	defer chat.Stop()
	help := chat.Ask(Direct("john", "help "+g.Name))
	if g.Summary == "" || !strings.Contains(help, g.Summary) {
		t.Errorf("help does not show its summary:\n%s", help)
	}
	for _, s := range g.Slots {
		if !strings.Contains(help, "\n  "+s.Name+": ") {
			t.Errorf("help does not explain the slot %q: add a help tag", s.Name)
		}
	}
}

// asks checks that each missing value is asked for.
func (k *conformer) asks(t testing.TB, g nlu.Command) {
	chat := Start(t, bot.Config{}, k.skill)
	defer chat.Stop()
	for _, s := range g.Slots {
		if !s.Required || s.Default != "" {
			continue
		}
		line := g.Name
		for _, other := range g.Slots {
			if other.Required && other.Name != s.Name {
				line += " --" + other.Name + "=" + sample(other)
			}
		}
		if q := chat.Ask(Direct("john", line)); !strings.Contains(q, "?") {
			t.Errorf("without its %s it asks no question but says: %s", s.Name, q)
		} else if a := chat.Ask(Direct("john", "cancel")); !strings.HasPrefix(a, "Never mind") {
			t.Errorf("after %q one cannot cancel: %s", q, a)
		}
	}
}

// sample is a value of the slot's kind.
func sample(s nlu.Slot) string {
	switch s.Kind {
	case nlu.KindInt, nlu.KindNumber:
		return "7"
	case nlu.KindBool:
		return "yes"
	case nlu.KindDuration:
		return "15m"
	case nlu.KindLine:
		return "help"
	}
	return "sample1" // which looks like a name, so it is taken for one where it is not known
}

// understands checks that the usage and every template lead to the command. The
// access denies everything and names the command, so nothing is run, and who is
// denied is seen to be told.
func (k *conformer) understands(t testing.TB, g nlu.Command) {
	denied := func(name string) string { return "You may not use <" + name + ">." }
	chat := Start(t, bot.Config{Access: AccessFunc(func(_ *bot.Message, c *bot.Cmd) error {
		return &bot.Error{Text: denied(c.Name())}
	})}, k.skill)
	defer chat.Stop()

	usage := g.Name
	for _, s := range g.Slots {
		usage += " " + sample(s)
	}
	try := func(lang, sentence string) {
		m := Direct("john", sentence)
		m.Lang = lang
		if got := chat.Ask(m); got != denied(g.Name) {
			t.Errorf("%q (%s) should lead to %s; the answer to somebody who may use nothing is: %s", sentence, lang, g.Name, got)
		}
	}
	try("en", usage)
	values := make(map[string]string)
	for _, s := range g.Slots {
		values[s.Name] = sample(s)
	}
	for lang, templates := range g.Say {
		for _, template := range templates {
			for _, sentence := range sentences(template, values) {
				if strings.Trim(sentence, " ?!.") != sample(nlu.Slot{}) { // a name alone means something only where it is known
					try(lang, sentence)
				}
			}
		}
	}
}

// survives runs the command with values that nobody thought of.
func (k *conformer) survives(t testing.TB, g nlu.Command) {
	log := &incidents{}
	chat := Start(t, bot.Config{Log: slog.New(log)}, k.skill)
	defer chat.Stop()
	if len(g.Slots) == 0 {
		k.try(t, chat, log, g.Name, "")
	}
	for i := range g.Slots {
		for _, value := range hostile() {
			line := g.Name
			for j, s := range g.Slots {
				if i == j {
					line += " " + quoted(value)
				} else {
					line += " " + sample(s)
				}
			}
			k.try(t, chat, log, line, value)
		}
	}
}

// try writes a line, and value to the questions that follow, and looks for
// incidents and an end of the conversation.
func (k *conformer) try(t testing.TB, chat *Chat, log *incidents, line, value string) {
	answer := chat.Ask(Direct("john", line))
	for range maxAnswers {
		if !strings.HasSuffix(firstLine(answer), "?") {
			break
		}
		answer = chat.Ask(Direct("john", value))
	}
	if err := log.take(); err != "" {
		t.Errorf("%.80q is an incident: %s", line, err)
	}
	chat.Ask(Direct("john", "cancel"))
	if got := chat.Ask(Direct("john", "help")); !strings.HasPrefix(got, "I understand") {
		t.Errorf("after %.80q help says: %s", line, got)
	}
}

// maxAnswers bounds how many questions of one command are answered.
const maxAnswers = 8

// hostile are values that nobody thought of.
func hostile() []string {
	return []string{
		"", "sample", "-1", "0", "9223372036854775807", "1e300", "0s", "2540400h", "' OR 1=1 --", "%s%n%d", "<x/>&amp;",
		"\x00\x1b[2J", "a\nb", "\u202eabc", "🫩", "\xff\xfe", strings.Repeat("long ", 2000), "../../etc/passwd",
	}
}

// quoted is a value as the structured syntax takes it, as far as it can.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// incidents is a slog.Handler that keeps the errors of failed requests.
type incidents struct {
	mu   sync.Mutex
	errs []string
}

// Enabled implements slog.Handler: failures alone matter here.
func (*incidents) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Handle implements slog.Handler.
func (h *incidents) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" {
			text += ": " + a.Value.String()
		}
		return true
	})
	h.errs = append(h.errs, text)
	return nil
}

// WithAttrs implements slog.Handler and keeps none of them.
func (h *incidents) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements slog.Handler and keeps no groups.
func (h *incidents) WithGroup(string) slog.Handler { return h }

// take returns the first error since it was last called, or "".
func (h *incidents) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.errs) == 0 {
		return ""
	}
	first := h.errs[0]
	h.errs = nil
	return first
}

// maxSentences bounds how many sentences of one template are tried.
const maxSentences = 64

// sentences writes a template of package nlu/rules in all its ways, with those
// values for its slots. The template has been found right by Bot.Add.
func sentences(template string, values map[string]string) []string {
	all, _ := alternatives(template)
	for i, s := range all {
		for slot, value := range values {
			s = strings.ReplaceAll(s, "{"+slot+"}", value)
		}
		all[i] = strings.Join(strings.Fields(s), " ")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// alternatives reads a|b up to a closing bracket or the end, and returns its
// ways and what follows it.
func alternatives(text string) (all []string, rest string) {
	ways := []string{""}
	add := func(tails ...string) {
		var longer []string
		for _, head := range ways {
			for _, tail := range tails {
				if len(longer) < maxSentences {
					longer = append(longer, head+tail)
				}
			}
		}
		ways = longer
	}
	for text != "" {
		c := text[0]
		switch {
		case c == '\\' && len(text) > 1:
			add(text[1:2])
			text = text[2:]
		case c == '[' || c == '(':
			inner, after := alternatives(text[1:])
			if c == '[' {
				inner = append(inner, "")
			}
			add(inner...)
			text = after[min(1, len(after)):]
		case c == '|':
			more, after := alternatives(text[1:])
			return append(ways, more...), after
		case c == ']' || c == ')':
			return ways, text
		default:
			add(text[:1])
			text = text[1:]
		}
	}
	return ways, ""
}
