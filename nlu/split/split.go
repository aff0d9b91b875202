package split

import (
	"slices"
	"strings"
	"unicode"

	"dragoman/nlu"
)

// leastSure is the score that every part of a message that is split has to
// exceed: two weak readings are no stronger than one.
const leastSure = 0.5

// hint is the score from which on a part that is not sure is more than a remark.
const hint = 0.5

// The bounds of the search, so that a long message costs no more than a few
// readings.
const (
	maxWishes = 4
	maxCuts   = 6
	maxText   = 2 << 10 // bytes; who writes more than that has one wish, or none
)

// Parse reads text, whose language is lang or unknown (""), as one wish or as
// several, in their order. It returns at least one Intent and nil, or a Miss.
// Spans in the slots count from the beginning of text.
func Parse(c *nlu.Chain, text, lang string) ([]nlu.Intent, *nlu.Miss) {
	whole, miss := c.Parse(text, lang)
	score := whole.Score
	if miss != nil || whole.Usage != nil {
		score = 0
	}
	if score == 1 || len(text) > maxText {
		return one(whole, miss)
	}
	cuts := find(text)
	if len(cuts) == 0 || len(cuts) > maxCuts {
		return one(whole, miss)
	}
	s := &search{chain: c, text: text, lang: lang, cuts: cuts}
	s.read()
	if best := s.several(score); best != nil {
		return best, nil
	}
	if score == 0 {
		if in, ok := s.only(); ok {
			return []nlu.Intent{in}, nil
		}
	}
	return one(whole, miss)
}

func one(in nlu.Intent, miss *nlu.Miss) ([]nlu.Intent, *nlu.Miss) {
	if miss != nil {
		return nil, miss
	}
	return []nlu.Intent{in}, nil
}

// part is one reading of the text between two cuts.
type part struct {
	intent nlu.Intent
	ok     bool // understood, whole and to be run
	hinted bool // something in it means a command, though not surely
	name   bool // it is a name and nothing else
}

// search reads all parts once and then looks for the best way through them.
type search struct {
	chain *nlu.Chain
	text  string
	lang  string
	cuts  []cut
	parts [maxCuts + 1][maxCuts + 1]part // from piece i to piece j
}

// piece returns the bytes of the text from piece i to piece j.
func (s *search) piece(i, j int) (start, end int) {
	end = len(s.text)
	if i > 0 {
		start = s.cuts[i-1].end
	}
	if j < len(s.cuts) {
		end = s.cuts[j].start
	}
	return start, end
}

// read parses every run of pieces but the whole.
func (s *search) read() {
	n := len(s.cuts)
	for i := 0; i <= n; i++ {
		for j := i; j <= n; j++ {
			if i == 0 && j == n {
				continue
			}
			start, end := s.piece(i, j)
			s.parts[i][j] = s.part(start, end)
		}
	}
}

func (s *search) part(start, end int) part {
	in, miss := s.chain.Parse(s.text[start:end], s.lang)
	if miss != nil {
		return part{hinted: len(miss.Readings) > 0 && miss.Readings[0].Score >= hint}
	}
	if in.Usage != nil {
		return part{hinted: true}
	}
	p := part{hinted: true}
	for i := range in.Slots {
		v := &in.Slots[i]
		if v.End == 0 {
			continue // a default
		}
		p.name = p.name || blank(s.text[start:start+v.Start]) && blank(s.text[start+v.End:end])
		v.Start, v.End = v.Start+start, v.End+start
	}
	for _, slot := range s.chain.Command(in.Command).Slots {
		if slot.Kind == nlu.KindLine {
			return p // what follows belongs to the line
		}
	}
	p.intent, p.ok = in, s.complete(in)
	return p
}

// again is the wish before p once more, about the name that p is: "subscribe web1
// and web2" are two. It reports false where p is more than a name, or a name for
// which that wish has no place.
func (s *search) again(before nlu.Intent, p *part) (nlu.Intent, bool) {
	if !p.name {
		return nlu.Intent{}, false
	}
	kind := ""
	for _, slot := range s.chain.Command(p.intent.Command).Slots {
		if slot.Name == p.intent.Slots[0].Slot {
			kind = slot.Kind
		}
	}
	again := before
	again.Slots = slices.Clone(before.Slots)
	for _, slot := range s.chain.Command(before.Command).Slots {
		for i := range again.Slots {
			if v := &again.Slots[i]; v.Slot == slot.Name && slot.Kind == kind && v.End > 0 {
				name := v.Slot
				*v = p.intent.Slots[0]
				v.Slot = name
				return again, true
			}
		}
	}
	return nlu.Intent{}, false
}

// complete reports whether the command of in has all that it requires: what the
// bot would have to ask for cannot wait behind the next wish.
func (s *search) complete(in nlu.Intent) bool {
	for _, slot := range s.chain.Command(in.Command).Slots {
		if _, given := in.Slots.Lookup(slot.Name); slot.Required && !given {
			return false
		}
	}
	return true
}

// several returns the wishes whose weakest is surest, or nil where none is surer
// than the whole.
func (s *search) several(whole float64) []nlu.Intent {
	var best, now []nlu.Intent
	weakest := max(whole, leastSure)
	var walk func(from int, low float64)
	walk = func(from int, low float64) {
		if low <= weakest {
			return
		}
		if from > len(s.cuts) {
			if len(now) > 1 {
				best, weakest = slices.Clone(now), low
			}
			return
		}
		if len(now) == maxWishes {
			return
		}
		for to := len(s.cuts); to >= from; to-- {
			p := &s.parts[from][to]
			wish, ok := p.intent, p.ok
			if p.name && len(now) > 0 {
				wish, ok = s.again(now[len(now)-1], p)
			} else if ok && slices.ContainsFunc(now, func(in nlu.Intent) bool { return in.Command == wish.Command }) {
				ok = false
			}
			if !ok {
				continue
			}
			now = append(now, wish)
			walk(to+1, min(low, wish.Score))
			now = now[:len(now)-1]
		}
	}
	walk(0, 2) // more than any score, so that the first part lowers it
	return best
}

// only returns the one wish in a message that otherwise means nothing: what
// follows a remark, up to the next sentence, or the sentence before one.
func (s *search) only() (nlu.Intent, bool) {
	last := len(s.cuts)
	for from := 1; from <= last; from++ {
		if p := &s.parts[0][from-1]; p.ok && p.intent.Score > leastSure || !p.ok && p.hinted {
			break
		}
		for to := last; to >= from; to-- {
			after := to == last || s.cuts[to].sentence && !s.parts[to+1][last].hinted
			if p := &s.parts[from][to]; p.ok && after {
				return p.intent, true
			}
		}
	}
	for to := last - 1; to >= 0; to-- {
		if p := &s.parts[0][to]; p.ok && s.cuts[to].sentence && !s.parts[to+1][last].hinted {
			return p.intent, true
		}
	}
	return nlu.Intent{}, false
}

// cut is a place where one wish may end and the next begin.
type cut struct {
	start, end int  // the bytes that belong to neither
	sentence   bool // a sentence ends here, or a remark
}

// find returns the places at which text may be cut, in order.
func find(text string) []cut {
	var cuts []cut
	add := func(c cut) {
		if n := len(cuts); n > 0 && blank(text[cuts[n-1].end:c.start]) {
			cuts[n-1].end = c.end // "and then", ", and"
			cuts[n-1].sentence = cuts[n-1].sentence || c.sentence
			return
		}
		if !blank(text[:c.start]) {
			cuts = append(cuts, c)
		}
	}
	scan := nlu.NewScanner(text, 0)
	from := 0
	for {
		w, ok := scan.Next()
		if !ok {
			break
		}
		if line := strings.IndexByte(text[from:w.Start], '\n'); line >= 0 && from > 0 {
			add(cut{from + line, w.Start, true})
		}
		from = w.End
		if w.Quoted {
			continue
		}
		if kind, ok := joins(w.Text); ok {
			add(cut{w.Start, w.End, kind})
			continue
		}
		if marks := len(nlu.TrimEnd(w.Text)); w.End-w.Start == len(w.Text) && marks < len(w.Text) {
			last := w.Text[len(w.Text)-1]
			add(cut{w.Start + marks, w.End, last != ','}) // "if web1 is down, tell me" is one sentence
		}
	}
	for n := len(cuts); n > 0 && blank(text[cuts[n-1].end:]); n-- {
		cuts = cuts[:n-1] // what ends the message parts nothing
	}
	return cuts
}

func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !nlu.IsEndMark(r) {
			return false
		}
	}
	return true
}

// joins reports whether a word joins two wishes in one of the four languages,
// and whether what stands before it may be a mere remark.
func joins(word string) (remark, ok bool) {
	var buf [32]byte
	if len(word) > len(buf) {
		return false, false
	}
	switch string(nlu.AppendFold(buf[:0], word)) {
	case "and", "then", "also", "plus", "&", "+", "und", "dann", "danach", "sowie", "außerdem", "ausserdem",
		"et", "puis", "ensuite", "y", "e", "luego", "después", "despues", "además", "ademas":
		return false, true
	case "but", "anyway", "btw", "aber", "übrigens", "jedenfalls", "mais", "sinon", "bref", "pero", "–", "—", "-", "...", "…":
		return true, true
	}
	return false, false
}
