package entity

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"dragoman/internal/clock"
	"dragoman/nlu"
	"dragoman/nlu/when"
)

// The kinds of entity beside those of package nlu. The first four are the
// gazetteers that Dragoman's skills use; any other name works as well.
const (
	KindMachine = "machine"
	KindPerson  = "person" // a known name, a bare JID or @nick
	KindRoom    = "room"   // a known name, the JID of a room or #name
	KindEvent   = "event"

	KindOrdinal    = "ordinal"    // 3 for "third", -1 for "last", -2 for the one before it
	KindPhone      = "phone"      // E.164: +4915123456789
	KindEmail      = "email"      // the domain in small letters
	KindURL        = "url"        // scheme and host in small letters
	KindHost       = "host"       // an IP address or a host's name, with or without :port
	KindLanguage   = "language"   // BCP 47: de, pt-BR
	KindQuoted     = "quoted"     // what stands in quotation marks, without them
	KindDate       = "date"       // 2026-12-05
	KindTime       = "time"       // 15:00
	KindDateTime   = "datetime"   // 2026-12-05T15:00
	KindRange      = "range"      // A/B
	KindRecurrence = "recurrence" // an RRULE value of RFC 5545
)

// MaxEntities is how many entities of a text Find reports. No request has as
// many; the bound keeps hostile text cheap.
const MaxEntities = 256

// Entity is a value that stands in a text.
type Entity struct {
	Kind       string
	Start, End int // bytes of the text, quotation marks included
	// Text is the value in its canonical form: what the Kind constant says, or
	// a known name in its own spelling. Resolve of it gives it again.
	Text string
	// Known is true for the name of a gazetteer that is known and for every
	// value of a typed kind. It is false for a JID, @nick or #room that nobody
	// made known, and where several names are as near to what was written; Text
	// is then what was written. It is false as well for a time with two readings
	// (When.Ambiguous); Text is the first. Ask before you act on it.
	Known bool
	// Distance is the number of typing mistakes between what was written and
	// the name. Case, accents, hyphens and spaces are no mistakes.
	Distance int
	// Number is the value of a number or an ordinal.
	Number float64
	// Unit is "%" for a percentage and empty otherwise.
	Unit string
	// When is the value of a duration, date, time, datetime, range or recurrence.
	When when.Expression
}

// Fits reports whether a slot of that kind can take e: a slot of its own kind,
// of text or word, and of int where e is a whole number without a unit.
func (e *Entity) Fits(kind string) bool {
	switch kind {
	case e.Kind, nlu.KindText:
		return true
	case nlu.KindWord, "":
		return e.Kind == KindQuoted
	case nlu.KindInt:
		return e.Kind == nlu.KindNumber && e.Unit == "" && e.Number == float64(int64(e.Number)) && -1e15 < e.Number && e.Number < 1e15
	}
	return false
}

// Options are what a Recognizer needs to know of its surroundings. The zero
// value is good for all but national telephone numbers outside of North America
// and for times in a zone that is not the clock's.
type Options struct {
	// Clock says what "tomorrow" is counted from; nil is the system's.
	Clock clock.Clock
	// Location is the zone of the times that people write; nil is the zone of
	// the clock's time.
	Location *time.Location
	// Languages are those whose words are known: "en", "de", "fr", "es". Empty
	// is all four. Find takes one of them per text.
	Languages []string
	// Country is the calling code of telephone numbers in national form: "49",
	// "1". With an empty one, or one that does not exist, only the North American (555) 555-5555 and
	// 555-555-5555 are understood without a calling code.
	Country string
	// RoomDomains are domains whose JIDs are rooms. Those that begin with
	// conference, muc, room or rooms always are.
	RoomDomains []string
	// Gazetteers are the names known from the start, by kind.
	Gazetteers map[string][]string
}

// Recognizer finds the entities of texts. It is safe for many goroutines at
// once, and a change of its names stops none of them.
type Recognizer struct {
	clock       clock.Clock
	location    *time.Location
	languages   languages
	country     string
	roomDomains []string

	scratch sync.Pool // *scratch
	live    atomic.Pointer[snapshot]
	writing sync.Mutex                      // one writer at a time
	known   map[string]map[string]knownName // by kind and nameKey; guarded by writing
	serial  int                             // counts names; guarded by writing
}

// New returns a Recognizer that knows what o names.
func New(o Options) *Recognizer {
	r := &Recognizer{
		clock: o.Clock, location: o.Location, languages: languageSet(o.Languages),
		country: trimCountry(o.Country), known: make(map[string]map[string]knownName),
	}
	if r.clock == nil {
		r.clock = clock.System{}
	}
	for _, d := range o.RoomDomains {
		r.roomDomains = append(r.roomDomains, nlu.Fold(d))
	}
	r.scratch.New = func() any { return new(scratch) }
	r.live.Store(&snapshot{})
	r.setAll(o.Gazetteers)
	return r
}

// scratch is the memory of one Find, used again by the next.
type scratch struct {
	text      string
	lang      languages
	atoms     []atom
	fold      []byte // the folded letters of all atoms, one after the other
	quotes    []quotation
	owned     []span // what addresses and telephone numbers are made of
	found     []match
	typos     []typo
	deletions deletions
	hashes    []uint32 // of words that may be misspelt
	looked    int      // how many those are
	buf       []byte
	live      *snapshot
	times     []when.Expression
	out       []Entity
	first     int // where the entities of this text begin in out
}

// span is a part of the text, in bytes.
type span struct{ start, end int }

// Find appends the entities of text to dst, sorted by where they begin, the
// longer first, then by kind. lang is the language of the text ("de"), or empty
// where it is unknown.
//
// It reports every reading: in "rsvp 1" the 1 may be a number or, where one is
// called so, an event, and a slot takes the kind it needs. Of one kind only
// readings that no other contains are reported. Nothing is reported inside of
// addresses and telephone numbers. Cover picks readings that do not overlap.
//
// With room in dst it allocates only where a value has to be written anew, such
// as the E.164 form of a telephone number.
func (r *Recognizer) Find(dst []Entity, text, lang string) []Entity {
	if len(text) > nlu.MaxText {
		return dst
	}
	s := r.scratch.Get().(*scratch)
	s.start(text, r.languages.pick(lang), r.live.Load())
	s.out, s.first = dst, len(dst)

	r.addresses(s)
	r.phones(s)
	quoted(s)
	r.names(s)
	numbers(s)
	tongue(s)
	bools(s)
	r.times(s)

	dst = s.out
	sortEntities(dst[s.first:])
	dst = dst[:s.first+len(slices.CompactFunc(dst[s.first:], sameEntity))]
	s.drop()
	r.scratch.Put(s)
	return dst
}

// start makes s ready for a text.
func (s *scratch) start(text string, lang languages, live *snapshot) {
	s.text, s.lang, s.live = text, lang, live
	s.owned, s.hashes, s.looked = s.owned[:0], s.hashes[:0], 0
	s.atomize()
}

// drop forgets what keeps memory of a text alive, and outsize buffers.
func (s *scratch) drop() {
	s.text, s.live, s.out = "", nil, nil
	if cap(s.atoms) > 4096 {
		*s = scratch{}
	}
}

// add reports an entity and returns it, to be completed; nil when there are too many.
func (s *scratch) add(kind string, start, end int, text string) *Entity {
	if len(s.out)-s.first >= MaxEntities {
		return nil
	}
	s.out = append(s.out, Entity{Kind: kind, Start: start, End: end, Text: text, Known: true})
	return &s.out[len(s.out)-1]
}

// own makes a part of the text one whole in which nothing else is looked for.
func (s *scratch) own(start, end int) {
	s.owned = append(s.owned, span{start, end})
	for i := s.atomAt(start); i < len(s.atoms) && int(s.atoms[i].start) < end; i++ {
		s.atoms[i].owner = int32(len(s.owned))
	}
}

// atomAt returns the first atom that ends after byte i of the text.
func (s *scratch) atomAt(i int) int {
	lo, hi := 0, len(s.atoms)
	for lo < hi {
		if m := (lo + hi) / 2; int(s.atoms[m].end) <= i {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// free reports whether a reading of atoms from to to cuts through no address or
// telephone number; it may be the whole of one.
func (s *scratch) free(from, to int) bool {
	start, end := int(s.atoms[from].start), int(s.atoms[to-1].end)
	for _, owner := range [2]int32{s.atoms[from].owner, s.atoms[to-1].owner} {
		if owner > 0 && (start > s.owned[owner-1].start || end < s.owned[owner-1].end) {
			return false
		}
	}
	return true
}
