package learn

import (
	"math"
	"sync"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
	"dragoman/nlu/classify"
	"dragoman/nlu/entity"
	"dragoman/nlu/language"
	"dragoman/nlu/tagger"
)

// Name is the name of this stage.
const Name = "learned"

// negligible is the probability below which a command is not looked at, unless
// there is nothing else to offer.
const negligible = 0.01

// surelyForeign is how probable another language than those that are configured
// must be to refuse a text for it.
const surelyForeign = 0.9

// maxText is the longest message in bytes that is looked at: the models were
// trained on sentences.
const maxText = 2 << 10

// Stage reads what no template describes, by what it learned from examples. It
// implements nlu.Stage and nlu.Ranker and is immutable, apart from the names that
// its Recognizer knows, so it is safe for many goroutines at once.
type Stage struct {
	commands   map[string]*command
	marked     map[string]bool // the kinds of slot that a recogniser fills
	words      *classify.Model
	tags       *tagger.Model
	vocabulary map[string]bool // the folded words of all examples
	denials    denials
	judge      judge
	recognizer *entity.Recognizer
	speaks     *language.Detector
	act, ask   float64
	pool       sync.Pool // of *scratch
}

// command is what the stage knows of one command.
type command struct {
	name    string
	why     string
	slots   []nlu.Slot
	changes bool
}

// reading is one way to understand a text.
type reading struct {
	command *command
	score   float64 // how probable it is that this reading is right
	p       float64 // of the label, before anything is known of the slots
	missing int     // slots that are required and not there
	idle    int     // names in the text that no slot takes
	named   int     // slots that a known name or value fills
	unnamed int     // slots that are filled by what nobody knows
	from    int     // its values in scratch.values
	to      int
}

// scratch is the memory of one message.
type scratch struct {
	entities []entity.Entity
	skip     []nlu.Span
	marks    []classify.Mark
	tokens   []tagger.Token
	words    []string
	hints    []tagger.Mark
	tagged   []int
	used     []bool // by entity, in the reading that is made
	values   nlu.Values
	readings [classify.Top]reading
	n        int
	result   classify.Result
	lang     string
	fold     []byte
	known    int     // words that an example has
	unknown  int     // words that none has
	signals  signals // of the best reading
	nothing  float64 // the probability of no command at all
	foreign  float64 // how probable it is that the text is in no language that is spoken here
}

// Name implements nlu.Stage.
func (s *Stage) Name() string { return Name }

// Parse implements nlu.Stage. It is sure from the score on that the band "act"
// begins with, and has nothing to say below the band "ask".
func (s *Stage) Parse(text, lang string, into nlu.Values) (nlu.Intent, bool) {
	x := s.pool.Get().(*scratch)
	defer s.done(x)
	s.read(x, text, lang)
	if x.n == 0 || x.readings[0].score < s.ask {
		return nlu.Intent{}, false
	}
	return x.intent(0, into), x.readings[0].score >= s.act
}

// Readings implements nlu.Ranker: what to ask about.
func (s *Stage) Readings(text, lang string) []nlu.Intent {
	x := s.pool.Get().(*scratch)
	defer s.done(x)
	s.read(x, text, lang)
	var out []nlu.Intent
	if x.n == 0 || x.readings[0].score < s.ask {
		return nil
	}
	for i := range x.n {
		// A second choice is worth a question if it is not much worse.
		if r := x.readings[i]; len(out) < 3 && r.score >= s.ask/2 && r.score >= x.readings[0].score/4 {
			out = append(out, x.intent(i, nil))
		}
	}
	return out
}

// intent makes an Intent of the i-th reading, with its slots in the memory of
// into.
func (x *scratch) intent(i int, into nlu.Values) nlu.Intent {
	r := &x.readings[i]
	return nlu.Intent{
		Command: r.command.name, Stage: Name, Score: r.score, Why: r.command.why,
		Slots: append(into[:0], x.values[r.from:r.to]...),
	}
}

// read finds the readings of a text, best first.
func (s *Stage) read(x *scratch, text, lang string) {
	x.reset()
	if len(text) > maxText {
		return
	}
	x.lang = lang
	spoken, p := s.speaks.Detect(text)
	if spoken != "" {
		x.lang = spoken
	}
	x.entities = s.recognizer.Find(x.entities, text, x.lang)
	for i := range x.entities {
		if e := &x.entities[i]; s.marked[e.Kind] && e.Known {
			x.marks = append(x.marks, classify.Mark{Kind: e.Kind, Start: e.Start, End: e.End})
			x.skip = append(x.skip, nlu.Span{Start: e.Start, End: e.End})
		}
	}
	if len(x.skip) > 0 { // what a machine is called is no language
		spoken, p = s.speaks.Detect(text, x.skip...)
	}
	if spoken == "" {
		x.foreign = p
	}
	if x.tokenize(text); x.foreign > surelyForeign && len(x.tokens) >= 3 {
		return // what is nobody's language here is not guessed at
	}
	s.understand(x, text)
}

// understand reads a text of which the language and the entities are known.
func (s *Stage) understand(x *scratch, text string) {
	s.count(x)
	x.result = s.words.Classify(text, x.marks)
	for i := range x.result.N {
		top := x.result.Top[i]
		if top.Label == nlu.OutOfScope {
			x.nothing = top.P
		} else if c := s.commands[top.Label]; c != nil && (x.n < 2 || top.P > negligible) {
			s.fill(x, text, c, top.P)
		}
	}
	s.weigh(x)
}

// done gives memory back, without the text that was read in it.
func (s *Stage) done(x *scratch) {
	x.reset()
	s.pool.Put(x)
}

func (x *scratch) reset() {
	clear(x.entities)
	clear(x.words)
	clear(x.values)
	x.entities, x.skip, x.marks = x.entities[:0], x.skip[:0], x.marks[:0]
	x.words, x.hints, x.values = x.words[:0], x.hints[:0], x.values[:0]
	x.n, x.foreign, x.lang, x.result = 0, 0, "", classify.Result{}
	x.known, x.unknown, x.nothing = 0, 0, 0
}

// tokenize cuts the text for the tagger and tells it what was recognised.
func (x *scratch) tokenize(text string) {
	x.tokens = tagger.Tokenize(x.tokens[:0], text)
	x.words = tagger.Words(x.words[:0], text, x.tokens)
	x.hints = hints(x.hints[:0], x.tokens, x.marks)
}

// hints are marks as the tagger counts: in tokens.
func hints(dst []tagger.Mark, tokens []tagger.Token, marks []classify.Mark) []tagger.Mark {
	for _, m := range marks {
		if from, to := tagger.Cover(tokens, m.Start, m.End); from < to {
			dst = append(dst, tagger.Mark{Kind: m.Kind, Start: from, End: to})
		}
	}
	return dst
}

// The factors by which the slots of a reading speak against it.
const (
	missing = 0.5 // for a slot that is required and not there
	idle    = 0.6 // for a name in the text that no slot takes

	idleWhole = 0.65 // for the same, in the score of the whole reading
)

// weigh orders the readings by the probability of both command and slots, and
// judges how probable it is that the best one is right.
func (s *Stage) weigh(x *scratch) {
	list := x.readings[:x.n]
	if len(list) == 0 {
		return
	}
	// What the slots say moves probability between the commands that are
	// candidates. It takes none from the sentences that mean no command.
	known, sum := 0.0, 0.0
	for i := range list {
		r := &list[i]
		r.score = r.p * math.Pow(missing, float64(r.missing)) * math.Pow(idle, float64(r.idle))
		known += r.p
		sum += r.score
	}
	for i := range list {
		list[i].score *= known / sum
	}
	for i := 1; i < len(list); i++ { // a handful, and no allocation
		for j := i; j > 0 && list[j].score > list[j-1].score; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	x.observe()
	denied := false // the message says not to do it
	if x.nothing > list[0].score {
		x.signals[signalOutvoted] = 1
	}
	if x.negated() {
		x.signals[signalNegated] = s.denials.odd(list[0].command.name)
		denied = list[0].command.changes && s.denials.against(list[0].command.name)
	}
	right := s.judge.score(&x.signals)
	if denied {
		right = min(right, s.ask/2)
	}
	best := list[0].score
	for i := range list {
		list[i].score *= right / best
	}
	// A name that nothing uses is a hint that the message has another wish.
	list[0].score *= math.Pow(idleWhole, float64(list[0].idle))
}

// observe gathers the signals of the best reading.
func (x *scratch) observe() {
	best, second := &x.readings[0], x.nothing
	if x.n > 1 {
		second = max(second, x.readings[1].score)
	}
	words := float64(max(1, x.known+x.unknown))
	x.signals = signals{
		signalTop: logOdds(best.score), signalMargin: math.Log((best.score + 1e-4) / (second + 1e-4)), signalNothing: logOdds(x.nothing),
		signalUnknown: float64(x.unknown) / words,
		signalMissing: float64(best.missing), signalIdle: float64(best.idle),
		signalNamed: float64(best.named), signalUnnamed: float64(best.unnamed),
		signalLength: math.Log(words), signalEnergy: x.result.Signals[classify.SignalEnergy].Value, signalSupport: x.result.Signals[classify.SignalStems].Value,
	}
}

// logOdds of a probability, bounded.
func logOdds(p float64) float64 {
	p = max(1e-4, min(1-1e-4, p))
	return math.Log(p / (1 - p))
}

// count counts the words that some example has, and those that none has.
func (s *Stage) count(x *scratch) {
	for i, t := range x.tokens {
		if r, _ := utf8.DecodeRuneInString(x.words[i]); !unicode.IsLetter(r) || x.marked(t) {
			continue
		}
		x.fold = nlu.AppendFold(x.fold[:0], x.words[i])
		if s.vocabulary[string(x.fold)] {
			x.known++
		} else {
			x.unknown++
		}
	}
}

func (x *scratch) marked(t tagger.Token) bool {
	for _, m := range x.marks {
		if t.Start < m.End && m.Start < t.End {
			return true
		}
	}
	return false
}
