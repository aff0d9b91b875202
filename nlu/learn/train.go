package learn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"dragoman/nlu"
	"dragoman/nlu/classify"
	"dragoman/nlu/entity"
	"dragoman/nlu/language"
	"dragoman/nlu/tagger"
)

// The bands that count where Options name none.
const (
	DefaultAct = 0.4
	DefaultAsk = 0.2
)

// Options are what training needs besides the commands.
type Options struct {
	// Recognizer finds names, numbers, times and the like; required.
	Recognizer *entity.Recognizer
	// Language tells the language of a text, and refuses those that nobody
	// configured; required.
	Language *language.Detector
	// Against are sentences that mean no command, by language.
	Against map[string][]nlu.Example
	// Act and Ask are the scores, from 0 to 1, from which on a reading is
	// acted upon and asked about; zero means DefaultAct and DefaultAsk.
	Act, Ask float64
	// Cache keeps trained models; nil keeps none.
	Cache Cache
}

// Train makes a Stage of the examples and templates of cmds. It ends early with
// the error of ctx, and gives the same models for the same input.
func Train(ctx context.Context, cmds []nlu.Command, o Options) (*Stage, error) {
	if o.Recognizer == nil || o.Language == nil {
		return nil, errors.New("learn: Options need a Recognizer and a Language")
	}
	s := &Stage{
		commands: make(map[string]*command, len(cmds)), marked: make(map[string]bool),
		recognizer: o.Recognizer, speaks: o.Language,
		act: cmp.Or(o.Act, DefaultAct), ask: cmp.Or(o.Ask, DefaultAsk),
	}
	if s.ask > s.act {
		return nil, fmt.Errorf("learn: the band to ask (%v) begins above the band to act (%v)", s.ask, s.act)
	}
	s.pool.New = func() any { return new(scratch) }
	for _, c := range cmds {
		s.commands[c.Name] = &command{name: c.Name, why: "is most like the examples of " + c.Name, slots: c.Slots, changes: c.Changes}
		for _, slot := range c.Slots {
			if nlu.BuiltIn(slot.Kind) && marked(cmp.Or(slot.Kind, nlu.KindWord)) || o.Recognizer.Knows(slot.Kind) {
				s.marked[slot.Kind] = true
			}
		}
	}
	all, err := sentences(cmds, o.Against)
	if err != nil {
		return nil, err
	}
	var about []classify.Description
	for _, cmd := range cmds {
		if len(cmd.Examples)+len(cmd.Say) == 0 {
			continue // it is run by its name alone
		}
		about = append(about, classify.Description{Label: cmd.Name, Text: cmd.Name + " " + cmd.Summary})
	}
	k := kindsOf(cmds)
	key := keyOf(all, k, s.marked, about)
	s.vocabulary, s.denials = vocabularyOf(all), newDenials(all)
	if o.Cache != nil {
		if data := o.Cache.Load(key); data != nil && s.restore(data) == nil {
			return s, nil
		}
	}
	if err := s.train(ctx, all, k, about); err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	if o.Cache != nil {
		data, err := s.bytes()
		if err != nil {
			return nil, fmt.Errorf("learn: %w", err)
		}
		o.Cache.Save(key, data)
	}
	return s, nil
}

// train fits all models: those that read, and the judge of what they read.
func (s *Stage) train(ctx context.Context, all []sentence, k kinds, about []classify.Description) (err error) {
	c := newCorpus(all, k, s.marked)
	var both sync.WaitGroup
	var failed error
	both.Go(func() { s.tags, failed = tagger.Train(ctx, c.tags, tagger.Options{}) })
	s.words, err = classify.Train(ctx, c.texts, classify.Options{Descriptions: about, NoReject: true})
	both.Wait()
	if err = cmp.Or(err, failed); err != nil {
		return err
	}
	s.judge, err = s.examine(ctx, all, k, about)
	return err
}

// like returns a Stage with the models of s and names of its own.
func (s *Stage) like(names *entity.Recognizer) *Stage {
	out := &Stage{
		commands: s.commands, marked: s.marked, words: s.words, tags: s.tags, vocabulary: s.vocabulary, denials: s.denials, judge: s.judge,
		recognizer: names, speaks: s.speaks, act: s.act, ask: s.ask,
	}
	out.pool.New = func() any { return new(scratch) }
	return out
}

// dear is how many mistakes of silence a wrong deed is worth.
const dear = 3

// rounds is in how many parts the sentences are held out in turn.
const rounds = 2

// examine lets models that have not seen them read all sentences, and fits the
// judge to what came of it. The sentences that mean no command are the better
// half of the lesson.
func (s *Stage) examine(ctx context.Context, all []sentence, k kinds, about []classify.Description) (judge, error) {
	var seen [rounds][]observed
	var failed [rounds]error
	var together sync.WaitGroup
	for round := range rounds {
		together.Go(func() { seen[round], failed[round] = s.without(ctx, all, k, about, round) })
	}
	together.Wait()
	return fitJudge(slices.Concat(seen[:]...)), cmp.Or(failed[:]...)
}

// allBut returns the sentences without every n-th, from the i-th on.
func allBut(all []sentence, i, n int) []sentence {
	var rest []sentence
	for k, s := range all {
		if k%n != i {
			rest = append(rest, s)
		}
	}
	return rest
}

// without trains on the sentences of all rounds but one, and reads those of that
// round.
func (s *Stage) without(ctx context.Context, all []sentence, k kinds, about []classify.Description, round int) ([]observed, error) {
	train := allBut(all, round, rounds)
	pupil := s.like(s.recognizer)
	pupil.vocabulary = vocabularyOf(train)
	var err error
	pupil.words, err = classify.Train(ctx, newCorpus(train, k, s.marked).texts, classify.Options{Descriptions: about, NoReject: true})
	if err != nil {
		return nil, err
	}
	n := namesOf(all, k)
	c := corpus{marked: s.marked, closed: n.closed()}
	x := new(scratch)
	var seen []observed
	for i := round; i < len(all); i += rounds {
		e := all[i]
		recognised := i%4 < 3
		if len(e.slots) > 0 && (e.template() || i%2 == 0) {
			e = e.with(k, n, i, !recognised)
		}
		x.reset()
		x.lang = e.lang
		for _, m := range c.marks(e, k, recognised) {
			x.marks = append(x.marks, m)
			x.entities = append(x.entities, entity.Entity{Kind: m.Kind, Start: m.Start, End: m.End, Text: e.text[m.Start:m.End], Known: true})
		}
		x.tokenize(e.text)
		pupil.understand(x, e.text)
		if x.n == 0 {
			continue
		}
		o := observed{x.signals, x.readings[0].command.name == e.label, 1}
		if e.label == nlu.OutOfScope {
			o.weight = dear
		}
		seen = append(seen, o)
	}
	return seen, nil
}
