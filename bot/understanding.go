package bot

import (
	"context"
	"fmt"
	"slices"

	"dragoman/nlu"
	"dragoman/nlu/entity"
	"dragoman/nlu/language"
	"dragoman/nlu/learn"
	"dragoman/nlu/rules"
	"dragoman/nlu/split"
	"dragoman/nlu/structured"
)

// Learning says how the bot learns to understand what no template describes.
type Learning struct {
	// TemplatesOnly leaves out what is learned from examples.
	TemplatesOnly bool
	// Languages are those that people may speak: "en", "de", "fr", "es". What
	// is written in another one is refused.
	Languages []string
	// Act is how sure the bot must be to do what it understood, and Ask how
	// sure to ask "did you mean"; from 0 to 1. Zero is the default of package
	// learn.
	Act, Ask float64
	// Phrases are templates and examples beside those of the skills.
	Phrases []nlu.Phrase
	// Cache keeps trained models, so that a start with the same phrases needs
	// no training. Nil keeps none.
	Cache learn.Cache
	// Recognizer finds names, numbers, times and the like. It is told the
	// names that the skills suggest. Nil means one of the bot's own.
	Recognizer *entity.Recognizer
}

// understood is all that the bot knows of its commands' language at one time. It
// is never changed, only replaced.
type understood struct {
	grammar *grammar
	exact   *structured.Parser
	stages  []nlu.Stage
	chain   *nlu.Chain   // of the stages
	learned *learn.Stage // nil where nothing is learned
}

// taughtStage is where the lessons stand among the stages: after what is certain,
// which no lesson may hide, and before what is learned.
const taughtStage = 2

// Learn makes the bot understand by all that it knows now: templates, examples
// and lessons. Training takes the processor about a second for some thousand
// phrases, unless a Cache has the models. It may be called while the bot runs.
func (b *Bot) Learn(ctx context.Context) error {
	lessons, err := b.readLessons(ctx)
	if err != nil {
		return err
	}
	u, err := b.understanding(ctx, lessons, b.cfg.Learning)
	if err != nil {
		return err
	}
	if lessons, err = b.install(ctx, u); err != nil {
		return err
	}
	b.examine(lessons)
	if how := b.cfg.Learning; how != nil && u.learned != nil && len(how.Phrases) > 0 {
		found, err := u.learned.Lint(u.grammar.commands, how.Phrases)
		if err != nil {
			return err
		}
		for _, f := range found {
			b.log.Warn("a phrase of the configuration is of no use", "where", f.Source, "phrase", f.Phrase, "problem", f.Problem)
		}
	}
	return nil
}

func (b *Bot) readLessons(ctx context.Context) ([]Lesson, error) {
	if b.lessons == nil {
		return nil, nil
	}
	lessons, err := b.lessons.Lessons(ctx)
	if err != nil {
		return nil, fmt.Errorf("bot: the lessons could not be read: %w", err)
	}
	return lessons, nil
}

// understanding joins the stages that turn text into one of the commands; how
// is nil for those alone that learn nothing.
func (b *Bot) understanding(ctx context.Context, lessons []Lesson, how *Learning) (*understood, error) {
	g, err := b.grammar(how)
	if err != nil {
		return nil, err
	}
	u := &understood{grammar: g}
	b.known.refresh(ctx)
	if u.exact, err = structured.New(g.commands); err != nil {
		return nil, err
	}
	taught := b.newTaught(u.exact, lessons)
	phrases, err := rules.New(g.commands, rules.Options{Resolver: b.known})
	if err != nil {
		return nil, err
	}
	u.stages = []nlu.Stage{u.exact, phrases, taught}
	if how != nil && !how.TemplatesOnly {
		for _, p := range taught.examples(lessons) {
			if err := g.add(p); err != nil {
				return nil, err
			}
		}
		if u.learned, err = b.train(ctx, g, how); err != nil {
			return nil, err
		}
		u.stages = append(u.stages, u.learned)
	}
	return u, b.join(u)
}

// join makes the chain of the stages.
func (b *Bot) join(u *understood) (err error) {
	u.chain, err = nlu.New(u.grammar.commands, nlu.Options{Names: b.known}, u.stages...)
	return err
}

// install puts u in the place of what is understood, with the lessons that there
// are by now, which it returns. Nil is what is understood already.
func (b *Bot) install(ctx context.Context, u *understood) ([]Lesson, error) {
	b.changing.Lock()
	defer b.changing.Unlock()
	lessons, err := b.readLessons(ctx)
	if err != nil {
		return nil, err
	}
	if u == nil {
		same := *b.understood.Load()
		same.stages = slices.Clone(same.stages)
		u = &same
	}
	u.stages[taughtStage] = b.newTaught(u.exact, lessons)
	if err := b.join(u); err != nil {
		return nil, err
	}
	b.understood.Store(u)
	return lessons, nil
}

// train makes the stage that learns from examples.
func (b *Bot) train(ctx context.Context, g *grammar, how *Learning) (*learn.Stage, error) {
	samples := make(map[string][]string)
	for _, c := range g.commands {
		for lang, list := range c.Examples {
			for _, e := range list {
				samples[lang] = append(samples[lang], e.Text)
			}
		}
	}
	speaks, err := language.New(language.Options{Languages: how.Languages, Samples: samples})
	if err != nil {
		return nil, err
	}
	return learn.Train(ctx, g.commands, learn.Options{
		Recognizer: b.known.Recognizer, Language: speaks, Against: g.against,
		Act: how.Act, Ask: how.Ask, Cache: how.Cache,
	})
}

// Understand reads a text as the bot reads a message in the language lang, or in
// one that it finds out. It returns what is wished, or a Miss.
func (b *Bot) Understand(ctx context.Context, text, lang string) ([]nlu.Intent, *nlu.Miss) {
	u := b.understood.Load()
	b.known.refresh(ctx)
	return split.Parse(u.chain, text, lang)
}

// Explain says in lines for people what each stage makes of a text.
func (b *Bot) Explain(ctx context.Context, text, lang string) []string {
	u := b.understood.Load()
	b.known.refresh(ctx)
	var out []string
	for _, v := range u.chain.Explain(text, lang) {
		line := v.Stage + ": nothing"
		switch in := v.Intent; {
		case in.Usage != nil:
			line = fmt.Sprintf("%s: %s, but %s", v.Stage, in.Command, in.Usage)
		case in.Command != "":
			line = fmt.Sprintf("%s: %.3f %s", v.Stage, in.Score, b.line(in))
			if !v.Sure {
				line += ", not sure"
			}
			line += "; it " + in.Why
		}
		out = append(out, line)
	}
	if u.learned != nil {
		for _, line := range u.learned.Explain(text, lang) {
			out = append(out, "  "+line)
		}
	}
	return out
}

// examine asks the bot every lesson, and warns of those that it no longer reads
// as it was taught.
func (b *Bot) examine(lessons []Lesson) []error {
	var failed []error
	u := b.understood.Load()
	for _, l := range lessons {
		want, err := b.Reads(l.Line)
		if err != nil {
			failed = append(failed, fmt.Errorf("the lesson “%s” = %s: %w", l.Phrase, l.Line, err))
			continue
		}
		if got, miss := u.chain.Parse(l.Phrase, l.Lang); miss != nil || !b.same(got, want) {
			failed = append(failed, fmt.Errorf("the lesson “%s” = %s is no longer understood", l.Phrase, l.Line))
		}
	}
	for _, err := range failed {
		b.log.Warn("a lesson is not kept", "err", err)
	}
	return failed
}

// same reports whether a reading is what a command line means: its command with
// its values, in whatever spelling of a name.
func (b *Bot) same(got, want nlu.Intent) bool {
	if got.Command != want.Command {
		return false
	}
	for _, s := range b.commands[want.Command].slots {
		w, given := want.Slots.Lookup(s.name)
		if !given {
			w = s.preset
		}
		g := got.Slots.Get(s.name)
		if proper, ok := b.known.Resolve(s.kind, w); g != w && !(ok && g == proper) {
			return false
		}
	}
	return true
}
