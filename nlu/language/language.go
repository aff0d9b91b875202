package language

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"dragoman/nlu"
)

const (
	maxTags   = 64   // languages of a Detector, those only known to be refused included
	minWords  = 100  // different words that make samples enough
	threshold = 0.65 // the least probability of an answer

	priorOther = 1.0 // a language that is not configured is less likely
	priorStray = 0.5 // so is one that is not known
	sharpness  = 0.9 // words of a message say the same twice
)

// Options say which languages are expected.
type Options struct {
	// Languages are the languages the bot speaks, as BCP 47 primary language
	// subtags: "en", "de". en, de, fr and es need nothing else.
	Languages []string
	// Samples are things that people say to the bot, by language, such as the
	// examples of its commands. Their words count more than those built in. A
	// language other than en, de, fr and es is known by its samples: they must
	// have 100 different words at least. Samples of languages that are not in
	// Languages are ignored.
	Samples map[string][]string
}

// Detector tells in which of its languages a message is. It is immutable and
// may be used by many goroutines at once.
type Detector struct {
	tags       []string // configured first, in the order of Options
	configured int
	index      index
	words      int     // entries before this are words, the others letter groups
	losses     []uint8 // a row for each entry: of each language, then of none
}

// Guess is one possible language of a message.
type Guess struct {
	// Language is a tag; empty stands for none that the Detector knows.
	Language string
	// Configured says that it is one of Options.Languages.
	Configured bool
	// P is its probability; all guesses of a message sum up to 1.
	P float64
}

// New returns a Detector. The error names a language that there is no data
// for, or that is given twice.
func New(o Options) (*Detector, error) {
	if len(o.Languages) == 0 {
		return nil, errors.New("language: no language is configured")
	}
	d := &Detector{}
	for _, tag := range o.Languages {
		tag = strings.ToLower(tag)
		if tag == "" || strings.ContainsAny(tag, "-_ ") {
			return nil, fmt.Errorf("language: %q is not a primary language tag such as en", tag)
		}
		if slices.Contains(d.tags, tag) {
			return nil, fmt.Errorf("language: %s is configured twice", tag)
		}
		d.tags = append(d.tags, tag)
	}
	d.configured = len(d.tags)
	full, background := builtIn()
	tables := slices.Concat(full, background)
	for _, t := range tables {
		if !slices.Contains(d.tags, t.tag) {
			d.tags = append(d.tags, t.tag)
		}
	}
	if len(d.tags) > maxTags {
		return nil, fmt.Errorf("language: %d languages are configured, at most %d are possible", d.configured, maxTags-len(tables))
	}
	x := newLexicon(len(d.tags))
	for lang, tag := range d.tags {
		x.thin[lang] = !slices.ContainsFunc(full, func(t table) bool { return t.tag == tag })
		if x.thin[lang] && lang < d.configured {
			if words := countWords(o.Samples[o.Languages[lang]]); words < minWords {
				return nil, fmt.Errorf("language: %s is configured, but its samples have %d different words of the %d that are needed: "+
					"give more samples, or leave it out (en, de, fr and es need none)", tag, words, minWords)
			}
		}
	}
	for _, t := range tables {
		x.addTable(slices.Index(d.tags, t.tag), t)
	}
	x.tabled = len(x.words)
	for lang := range d.configured {
		for _, s := range o.Samples[o.Languages[lang]] {
			x.addText(lang, s, sampled)
		}
	}
	x.silence(international)
	x.addGroups()
	d.words = len(x.words)
	d.losses = x.losses()
	d.index = x.index
	return d, nil
}

// Detect returns the language of a text and its probability. The language is
// empty when it is none of the configured ones or not clear: P is then how
// sure that is. Words in the bytes of skip do not count; give it the names
// that were found in the text.
func (d *Detector) Detect(text string, skip ...nlu.Span) (lang string, p float64) {
	var s scores
	d.score(&s, text, skip)
	best, sum := 0, 0.0
	for i, v := range s[:d.configured] {
		if v > s[best] {
			best = i
		}
		sum += v
	}
	if s[best] < threshold {
		return "", 1 - sum
	}
	return d.tags[best], s[best]
}

// Rank appends all guesses to dst, the likeliest first.
func (d *Detector) Rank(dst []Guess, text string, skip ...nlu.Span) []Guess {
	var s scores
	d.score(&s, text, skip)
	start := len(dst)
	for i, tag := range d.tags {
		dst = append(dst, Guess{Language: tag, Configured: i < d.configured, P: s[i]})
	}
	dst = append(dst, Guess{P: s[len(d.tags)]})
	slices.SortStableFunc(dst[start:], func(a, b Guess) int {
		switch {
		case a.P > b.P:
			return -1
		case a.P < b.P:
			return 1
		}
		return 0
	})
	return dst
}

// scores hold a probability for each language and one for none.
type scores [maxTags + 1]float64

// score fills s with the probabilities of a text.
func (d *Detector) score(s *scores, text string, skip []nlu.Span) {
	n := len(d.tags)
	var loss [maxTags + 1]int32
	for i := d.configured; i < n; i++ {
		loss[i] = priorOther * unit
	}
	loss[n] = priorStray * unit
	var w word
	first := true
	for sc := (scanner{text: begin(text), skip: skip}); sc.next(&w); first = false {
		d.addWord(&loss, &w, first)
	}
	least := loss[0]
	for _, v := range loss[1 : n+1] {
		least = min(least, v)
	}
	sum := 0.0
	for i, v := range loss[:n+1] {
		s[i] = math.Exp(sharpness / unit * float64(least-v))
		sum += s[i]
	}
	for i := range s[:n+1] {
		s[i] /= sum
	}
}

// addWord adds what one word costs every language.
func (d *Detector) addWord(loss *[maxTags + 1]int32, w *word, first bool) {
	stride := len(d.tags) + 1
	if id, ok := d.index.find(w.key()); ok && id < d.words {
		half := 0
		if w.capital && !first {
			half = 1 // a word of a title, perhaps in another language
		}
		for i, v := range d.losses[id*stride : (id+1)*stride] {
			loss[i] += int32(v) >> half
		}
		return
	}
	if w.n > 1 || w.letters[0] >= utf8.RuneSelf {
		d.addUnknown(loss, w)
	}
}

// addUnknown adds what a word costs by its letters.
func (d *Detector) addUnknown(loss *[maxTags + 1]int32, w *word) {
	n := len(d.tags)
	var rest [maxTags + 1]int32
	var room [maxKeys]uint32
	keys := w.appendLetters(room[:0])
	for _, key := range keys {
		if id, ok := d.index.find(key); !ok || id < d.words { // a letter that no known language has
			for i := range n {
				loss[i] += maxRestLoss * unit
			}
			return
		}
	}
	for _, key := range w.appendGroups(keys) {
		if id, ok := d.index.find(key); ok && id >= d.words {
			for i, v := range d.losses[id*(n+1) : (id+1)*(n+1)] {
				rest[i] += int32(v)
			}
		}
	}
	most := int32(maxRestLoss * unit)
	if w.capital {
		most /= 2
	}
	clampRest(rest[:n], most)
	sum := int32(0)
	for i, v := range rest[:n] {
		loss[i] += v
		sum += v
	}
	loss[n] += int32(strayShare * float32(sum) / float32(n))
}
