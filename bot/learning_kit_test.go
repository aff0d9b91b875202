package bot_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"dragoman/bot"
	"dragoman/internal/clock"
	"dragoman/nlu"
	"dragoman/nlu/entity"
)

// learning is how a bot of the tests learns, with those phrases and bands.
func learning(act, ask float64, phrases string) *bot.Learning {
	list, err := nlu.ParsePhrases("skills.yaml", 1, phrases)
	if err != nil {
		panic(err)
	}
	return &bot.Learning{
		Languages: []string{"en", "de"}, Act: act, Ask: ask, Phrases: list,
		Cache:      trained,
		Recognizer: entity.New(entity.Options{Clock: clock.System{}, Languages: []string{"en", "de"}}),
	}
}

// cache is a learn.Cache in memory.
type cache struct {
	mu    sync.Mutex
	kept  map[string][]byte
	saved int
}

func (c *cache) Load(key string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[key]
}

func (c *cache) Save(key string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = make(map[string][]byte)
	}
	c.kept[key] = data
	c.saved++
}

// trained spares the tests of this package to train the same model again.
var trained = new(cache)

// lessons are a bot.Lessons in memory.
type lessons struct {
	mu     sync.Mutex
	list   []bot.Lesson
	err    error
	asked  int
	missed []string
	says   string
}

func (l *lessons) Lessons(context.Context) ([]bot.Lesson, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return slices.Clone(l.list), l.err
}

func (l *lessons) Missed(_ context.Context, _ *bot.Message, phrase string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.missed = append(l.missed, phrase)
	return l.says
}

// teach replaces the lessons, or makes reading them fail.
func (l *lessons) teach(err error, list ...bot.Lesson) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list, l.err = list, err
}

// learned is that bot after it has learned.
func learned(t *testing.T, b *bot.Bot) *bot.Bot {
	t.Helper()
	if err := b.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

var errNoStore = errors.New("no store")
