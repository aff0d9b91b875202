package language

import (
	"math"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The constants of the model; losses are natural logarithms. They were set by
// hand on testdata/before.tsv and after.tsv.
const (
	unit = 32 // a loss of 1 in the integers of the tables

	listed      = 3    // what a word of a list counts, in occurrences
	sampled     = 6    // what a word of a sample counts
	most        = 8    // more than this counts no more
	perTokens   = 500  // occurrences count as in a text of so many words
	variant     = 0.5  // what the spelling without accents counts
	unseen      = 0.12 // what a word counts that a full table lacks
	unseenThin  = 0.3  // the same in a thin table, which lacks much
	borrowed    = 300  // letter groups that each language borrows from all
	groupShare  = 0.45 // what a letter group counts, because they overlap
	maxWordLoss = 5    // what a known word can cost a language at most
	maxNewLoss  = 3    // the same for a word of samples only: names and borrowed words are among them
	maxRestLoss = 2    // the same for a word known by its letters only
	strayShare  = 0.5  // what no known language loses, in shares of the mean
)

// The logarithms of unseen and unseenThin.
const (
	logUnseen     = -2.120
	logUnseenThin = -1.204
)

// lexicon counts the words and the letter groups of all languages.
type lexicon struct {
	n      int // languages
	index  index
	counts []float32 // a row of n for every entry: words first, then groups
	zero   []float32 // a row of none
	words  []word    // the words of the first entries
	tabled int       // words before this are in the tables
	groups []uint32  // the entries of the letter groups of every word, one word after the other
	ends   []int     // where the groups of each word end
	thin   []bool    // languages without a full table
}

func newLexicon(n int) *lexicon {
	return &lexicon{
		n: n, index: newIndex(1 << 16), zero: make([]float32, n), thin: make([]bool, n),
		counts: make([]float32, 0, n<<15), words: make([]word, 0, 1<<13), groups: make([]uint32, 0, 1<<18),
	}
}

// entry returns the number of an entry and makes it if need be.
func (x *lexicon) entry(key uint32) int {
	id, isNew := x.index.put(key)
	if isNew {
		x.counts = append(x.counts, x.zero...)
	}
	return id
}

// addTable counts what is built in about a language.
func (x *lexicon) addTable(lang int, t table) {
	x.addText(lang, t.words, listed)
	tokens := 0
	var w word
	for s := (scanner{text: t.text}); s.next(&w); {
		tokens++
	}
	x.addText(lang, t.text, perTokens/float32(max(tokens, 1)))
}

// addText counts the words of a text and their spellings without accents.
func (x *lexicon) addText(lang int, text string, weight float32) {
	var w word
	for s := (scanner{text: text}); s.next(&w); {
		x.addWord(lang, &w, weight)
		if plain := w.plain(false); plain != w {
			x.addWord(lang, &plain, weight*variant)
			if long := w.plain(true); long != plain {
				x.addWord(lang, &long, weight*variant)
			}
		}
	}
}

func (x *lexicon) addWord(lang int, w *word, weight float32) {
	id := x.entry(w.key())
	if id == len(x.words) {
		x.words = append(x.words, *w)
	}
	x.counts[id*x.n+lang] += weight
}

// addGroups counts the letter groups of every word once for each language that
// has it. How often a word is said does not count: the letters are for the
// words that are in no table, and those are rare ones.
func (x *lexicon) addGroups() {
	var keys [maxKeys]uint32
	var langs [maxTags]int
	for i := range x.words {
		have := langs[:0]
		for lang, c := range x.counts[i*x.n : (i+1)*x.n] {
			if c > 0 {
				have = append(have, lang)
			}
		}
		groups := keys[:0]
		if len(have) > 0 { // else it is silenced
			groups = x.words[i].appendGroups(x.words[i].appendLetters(groups))
		}
		for _, key := range groups {
			id := x.entry(key)
			x.groups = append(x.groups, uint32(id))
			for _, lang := range have {
				x.counts[id*x.n+lang]++
			}
		}
		x.ends = append(x.ends, len(x.groups))
	}
}

// losses returns what each entry costs each language, a row of n+1 for every
// entry: the last is for no known language at all.
func (x *lexicon) losses() []uint8 {
	stride := x.n + 1
	rows := make([]uint8, x.index.n*stride)
	x.groupLosses(rows, stride)
	var rest [maxTags + 1]int32
	start := 0
	for i, end := range x.ends {
		groups := x.groups[start:end]
		start = end
		counts := x.counts[i*x.n : (i+1)*x.n]
		if slices.Max(counts) == 0 {
			continue // silenced
		}
		clear(rest[:])
		for _, id := range groups {
			for l, v := range rows[int(id)*stride : (int(id)+1)*stride] {
				rest[l] += int32(v)
			}
		}
		clampRest(rest[:x.n], maxRestLoss*unit)
		limit := int32(maxWordLoss * unit)
		if i >= x.tabled {
			limit = maxNewLoss * unit
		}
		x.wordLosses(rows[i*stride:(i+1)*stride], counts, &rest, limit)
	}
	return rows
}

// wordLosses fills the row of one word from its counts and the loss by its
// letters, up to a limit.
func (x *lexicon) wordLosses(row []uint8, counts []float32, rest *[maxTags + 1]int32, limit int32) {
	var logs [maxTags]float32
	best := float32(math.Inf(-1))
	for l, c := range counts {
		switch {
		case c == 0 && x.thin[l]:
			logs[l] = logUnseenThin
		case c == 0:
			logs[l] = logUnseen
		case x.thin[l]:
			logs[l] = log(min(c, most) + unseenThin)
		default:
			logs[l] = log(min(c, most) + unseen)
		}
		best = max(best, logs[l])
	}
	var losses [maxTags]int32
	for l := range counts {
		losses[l] = int32(unit * (best - logs[l]))
		if counts[l] < 1 {
			losses[l] += rest[l] // whoever has the word needs no letters for it
		}
	}
	clampRest(losses[:x.n], limit)
	sum := int32(0)
	for l := range counts {
		row[l] = uint8(losses[l])
		sum += losses[l]
	}
	row[x.n] = uint8(strayShare * float32(sum) / float32(x.n))
}

// groupLosses fills the rows of the letter groups.
func (x *lexicon) groupLosses(rows []uint8, stride int) {
	total := make([]float32, x.n)
	all := float32(0)
	for i := len(x.words) * x.n; i < len(x.counts); i += x.n {
		for l, c := range x.counts[i : i+x.n] {
			total[l] += c
			all += c
		}
	}
	for l := range total {
		total[l] = log(total[l] + borrowed)
	}
	once := make([][]uint8, x.n) // the rows of what one word of one language has: most of them
	for id := len(x.words); id < x.index.n; id++ {
		counts := x.counts[id*x.n : (id+1)*x.n]
		row := rows[id*stride : (id+1)*stride]
		sum := float32(0)
		for _, c := range counts {
			sum += c
		}
		if sum > 1 {
			groupLoss(row, counts, total, sum/all)
			continue
		}
		l := slices.Index(counts, 1)
		if once[l] == nil {
			groupLoss(row, counts, total, sum/all)
			once[l] = row
		}
		copy(row, once[l])
	}
}

// groupLoss fills the row of one letter group that is share of all. logTotal
// holds the logarithms of what the groups of each language are divided by.
func groupLoss(row []uint8, counts, logTotal []float32, share float32) {
	var logs [maxTags]float32
	best := float32(math.Inf(-1))
	none := log(borrowed * share)
	for l, c := range counts {
		logs[l] = none - logTotal[l]
		if c > 0 {
			logs[l] = log(c+borrowed*share) - logTotal[l]
		}
		best = max(best, logs[l])
	}
	for l := range counts {
		row[l] = uint8(min(groupShare*unit*(best-logs[l]), math.MaxUint8))
	}
}

// clampRest makes losses relative to the least and bounds them.
func clampRest(losses []int32, most int32) {
	least := losses[0]
	for _, v := range losses {
		least = min(least, v)
	}
	for i, v := range losses {
		losses[i] = min(v-least, most)
	}
}

// log is the natural logarithm of a positive number with an error below 0.005:
// half a million of them are needed, and the tables are coarser.
func log(x float32) float32 {
	bits := math.Float32bits(x)
	m := math.Float32frombits(bits&0x7FFFFF|0x3F800000) - 1 // 0 to 1
	frac := m * (1.4425 + m*(-0.7038+m*(0.3978-m*0.1365)))  // log2(1+m)
	return math.Ln2 * (float32(int(bits>>23)-127) + frac)
}

// plain returns the word without accents. With long, vowels with a diaeresis
// become two letters as German writes them: ü is ue.
func (w *word) plain(long bool) word {
	var p word
	for _, r := range w.letters[:w.n] {
		if r < utf8.RuneSelf {
			p.add(r)
			continue
		}
		umlaut := r == 'ä' || r == 'ö' || r == 'ü'
		switch r {
		case 'ø':
			p.add('o')
		case 'ł':
			p.add('l')
		case 'đ':
			p.add('d')
		case 'ı':
			p.add('i')
		case 'æ':
			p.add('a')
			p.add('e')
		case 'œ':
			p.add('o')
			p.add('e')
		default:
			var buf [utf8.UTFMax]byte
			if d := norm.NFD.Properties(utf8.AppendRune(buf[:0], r)).Decomposition(); d != nil {
				r, _ = utf8.DecodeRune(d)
			}
			p.add(r)
			if long && umlaut {
				p.add('e')
			}
		}
	}
	return p
}

// countWords returns how many different words texts have.
func countWords(texts []string) int {
	seen := make(map[uint32]bool)
	var w word
	for _, text := range texts {
		for s := (scanner{text: text}); s.next(&w); {
			seen[w.key()] = true
		}
	}
	return len(seen)
}

// silence makes words say nothing about the language.
func (x *lexicon) silence(text string) {
	var w word
	for s := (scanner{text: text}); s.next(&w); {
		id := x.entry(w.key())
		if id == len(x.words) {
			x.words = append(x.words, w)
		}
		clear(x.counts[id*x.n : (id+1)*x.n])
	}
}
