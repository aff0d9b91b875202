// Package teach is the skill by which people make the bot understand them
// better. A phrase that it did not understand is kept for its administrators if
// whoever wrote it says so, without their name. An administrator teaches it what
// a phrase means, as a command line:
//
//	teach "what does the oracle say" = get-status web1
//
// From then on the phrase means that command for everybody, with each sender's
// own rights, and what is said like it is understood more often, since a lesson
// is also an example to learn from. Every lesson is a test as well: where the
// bot, after it has learned anew, no longer reads one as it was taught, it says
// so in the log, and dragoman nlu lint --store fails.
//
// The skill keeps nothing without consent, and learns nothing by itself.
package teach

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
	"dragoman/nlu"
	"dragoman/store"
)

// Pupil is the bot, which is taught.
type Pupil interface {
	// Reads returns what a command line means, or an error that says what is
	// wrong with it.
	Reads(line string) (nlu.Intent, error)
	// Relearn makes lessons count that have changed: word by word when it
	// returns, and what is like them a little later.
	Relearn()
}

// Deps are what the skill needs from outside.
type Deps struct {
	DB    *store.DB
	Clock clock.Clock
	Log   *slog.Logger
	Pupil Pupil
	// Keep says whether people may be asked for what was not understood.
	Keep bool
}

// Skill implements bot.Skill and bot.Lessons.
type Skill struct {
	deps Deps
	book *book

	mu     sync.Mutex
	recent map[string]missed // by place, what they said last that was not understood
}

// missed is a phrase of somebody who has not said yet whether it may be kept.
type missed struct {
	phrase, lang string
	at           time.Time
}

// The bounds of what waits for consent.
const (
	maxRecent   = 1000
	maxPhrase   = 200 // bytes; a longer text is no phrase
	consentLife = 10 * time.Minute
)

// New makes the skill on its tables.
func New(ctx context.Context, d Deps) (*Skill, error) {
	s := &Skill{deps: d, book: &book{d.DB}, recent: make(map[string]missed)}
	return s, s.book.migrate(ctx)
}

// Name is the key in skills.yaml.
func (*Skill) Name() string { return "teach" }

// Lessons implements bot.Lessons.
func (s *Skill) Lessons(ctx context.Context) ([]bot.Lesson, error) {
	rows, err := s.book.lessons(ctx)
	var list []bot.Lesson
	for _, r := range rows {
		list = append(list, bot.Lesson{Phrase: r.Phrase, Line: r.Line, Lang: r.Lang})
	}
	return list, err
}

// Missed implements bot.Lessons: it keeps the phrase of somebody who agreed to
// that for good, and asks everybody else, but not at every phrase anew.
func (s *Skill) Missed(ctx context.Context, m *bot.Message, phrase string) string {
	phrase = strings.Join(strings.Fields(phrase), " ")
	if !s.deps.Keep || len(phrase) > maxPhrase || m.Sender.Account == "" {
		return ""
	}
	person := string(m.Sender.Account)
	keep, decided, err := s.book.decided(ctx, person)
	if err != nil {
		s.deps.Log.Warn("what somebody decided about their phrases could not be read", "err", err)
		return ""
	}
	if decided && keep {
		if err := s.book.missed(ctx, phrase, m.Lang, s.deps.Clock.Now()); err != nil {
			s.deps.Log.Warn("a phrase could not be kept", "err", err)
		}
	}
	if decided {
		return ""
	}
	_, asked := s.lastMiss(place(m))
	s.remember(place(m), missed{phrase, m.Lang, s.deps.Clock.Now()})
	if asked {
		return "" // it was said a moment ago
	}
	return "If my administrators may see this sentence, to teach me, say: keep it"
}

// place is where somebody says something: what was said in private is not kept for
// a yes in a room.
func place(m *bot.Message) string {
	d := m.Destination()
	return string(m.Sender.Account) + "\x00" + d.Transport + "\x00" + string(d.To)
}

// remember waits for consent. Of too many the oldest are forgotten.
func (s *Skill) remember(place string, m missed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.recent) >= maxRecent {
		for who, old := range s.recent {
			if m.at.Sub(old.at) > consentLife {
				delete(s.recent, who)
			}
		}
	}
	if _, waits := s.recent[place]; waits || len(s.recent) < maxRecent {
		s.recent[place] = m
	}
}

// lastMiss is what somebody said there a moment ago that was not understood.
func (s *Skill) lastMiss(place string) (missed, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.recent[place]
	return m, ok && s.deps.Clock.Now().Sub(m.at) <= consentLife
}

// forget drops what waits for consent there.
func (s *Skill) forget(place string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.recent, place)
}

// Miss is a phrase that was not understood and may be kept, with nobody's name.
type Miss struct {
	Phrase, Lang string
	Times        int64
	Latest       time.Time
}

// Misses reads what is kept in a store that a bot may be running on: the most
// frequent first, at most limit. A store that the skill never ran on has none.
func Misses(ctx context.Context, db *store.DB, limit int) ([]Miss, error) {
	rows, err := (&book{db}).misses(ctx, limit)
	var list []Miss
	for _, r := range rows {
		list = append(list, Miss{Phrase: r.Phrase, Lang: r.Lang, Times: r.Times, Latest: time.UnixMilli(r.Latest)})
	}
	return list, err
}
