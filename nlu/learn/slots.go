package learn

import (
	"strings"

	"dragoman/nlu"
	"dragoman/nlu/entity"
	"dragoman/nlu/tagger"
)

// fill adds the reading of the text as command c, of probability p.
func (s *Stage) fill(x *scratch, text string, c *command, p float64) {
	r := &x.readings[x.n]
	*r = reading{command: c, p: p, from: len(x.values)}
	x.used = x.used[:0]
	for range x.entities {
		x.used = append(x.used, false)
	}
	x.tagged = s.tags.Tag(x.tagged[:0], x.words, c.name, x.hints...)
	for i := range c.slots {
		slot := &c.slots[i]
		v, ok := s.value(x, text, slot)
		switch {
		case ok:
			x.values = append(x.values, v)
			if v.Known {
				r.named++
			} else if slot.Kind != nlu.KindText {
				r.unnamed++
			}
		case slot.Required:
			r.missing++
		}
	}
	for i := range x.entities {
		if e := &x.entities[i]; !x.used[i] && s.calls(x, e) && !x.inside(r.from, e) {
			r.idle++
		}
	}
	r.to = len(x.values)
	x.n++
}

// calls reports whether e can be nothing but the name of something that a command
// may be about. Many names are ordinary words as well.
func (s *Stage) calls(x *scratch, e *entity.Entity) bool {
	if !e.Known || e.Distance > 0 || !s.marked[e.Kind] || nlu.BuiltIn(e.Kind) {
		return false
	}
	from, to := tagger.Cover(x.tokens, e.Start, e.End)
	for _, w := range x.words[from:to] {
		x.fold = nlu.AppendFold(x.fold[:0], w)
		if !s.vocabulary[string(x.fold)] {
			return true
		}
	}
	return false
}

// inside reports whether a value of the reading that is made covers e.
func (x *scratch) inside(from int, e *entity.Entity) bool {
	for _, v := range x.values[from:] {
		if v.Start <= e.Start && e.End <= v.End {
			return true
		}
	}
	return false
}

// value finds what fills a slot: what the tagger says, in the form that a
// recogniser gives it, or else what only a recogniser found.
func (s *Stage) value(x *scratch, text string, slot *nlu.Slot) (nlu.Value, bool) {
	from, to := s.chunk(x, slot.Name)
	start, end := 0, 0
	if from < to {
		start, end = x.tokens[from].Start, x.tokens[to-1].End
	}
	// A value that a recogniser knows is better than words that may be one.
	if i := x.fitting(slot.Kind, start, end); start < end && i >= 0 {
		return x.take(i, slot.Name), true
	}
	if s.marked[slot.Kind] || slot.Kind == nlu.KindWord {
		i := x.fitting(slot.Kind, 0, len(text))
		if i >= 0 && (x.entities[i].Known || start == end) {
			return x.take(i, slot.Name), true
		}
	}
	if start < end {
		return said(text, slot, start, end)
	}
	return nlu.Value{}, false
}

// chunk returns the tokens that the tagger gave to a slot: the first run of them.
func (s *Stage) chunk(x *scratch, slot string) (from, to int) {
	for i, tag := range x.tagged {
		name := s.tags.Name(tag)
		if len(name) < 2 || name[2:] != slot || (from < to && name[0] == 'B') {
			if from < to {
				break
			}
			continue
		}
		if from == to {
			from = i
		}
		to = i + 1
	}
	return from, to
}

// fitting returns the entity between two bytes of the text that best fits a slot
// of that kind, or -1: a known name before one that is not, fewer mistakes before
// more, the longer before the shorter.
func (x *scratch) fitting(kind string, start, end int) int {
	best := -1
	for i := range x.entities {
		e := &x.entities[i]
		if x.used[i] || !fits(e, kind) || e.End <= start || e.Start >= end {
			continue
		}
		if best < 0 || better(e, &x.entities[best]) {
			best = i
		}
	}
	return best
}

// fits reports whether a slot of that kind can take e. Words can be anything, so
// only quotes tell where they begin and end; a text has its words from the
// tagger.
func fits(e *entity.Entity, kind string) bool {
	return kind != nlu.KindText && e.Fits(kind)
}

func better(a, b *entity.Entity) bool {
	switch {
	case a.Known != b.Known:
		return a.Known
	case a.Distance != b.Distance:
		return a.Distance < b.Distance
	}
	return a.End-a.Start > b.End-b.Start
}

// take makes a value of the i-th entity.
func (x *scratch) take(i int, slot string) nlu.Value {
	x.used[i] = true
	e := &x.entities[i]
	return nlu.Value{Slot: slot, Text: e.Text, Start: e.Start, End: e.End, Known: e.Known}
}

// said makes a value of what was written, if a slot of its kind can take it.
func said(text string, slot *nlu.Slot, start, end int) (nlu.Value, bool) {
	written := strings.Trim(nlu.TrimEnd(text[start:end]), " \"'“”„«»‘’‚‹›")
	value, ok := nlu.Canon(slot.Kind, nlu.Compose(written))
	return nlu.Value{Slot: slot.Name, Text: value, Start: start, End: end}, ok
}
