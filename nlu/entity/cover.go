package entity

import (
	"cmp"
	"slices"

	"dragoman/nlu"
)

// sortEntities sorts by where entities begin, the longer first, then by rank.
func sortEntities(found []Entity) {
	slices.SortFunc(found, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(rank(&a), rank(&b)),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text))
	})
}

// sameEntity reports whether two recognisers found the same.
func sameEntity(a, b Entity) bool {
	return a.Kind == b.Kind && a.Start == b.Start && a.End == b.End && a.Text == b.Text
}

// rank orders readings of the same words: a known name before an address,
// before a time, before a number, before a name that nobody knows.
func rank(e *Entity) int {
	switch e.Kind {
	case KindURL, KindHost:
		return 1
	case KindPhone:
		return 2
	case KindRecurrence, KindRange, KindDateTime, KindDate, KindTime, nlu.KindDuration:
		return 3
	case KindEmail:
		return 5
	case nlu.KindNumber, KindOrdinal:
		return 6
	case KindLanguage:
		return 7
	case nlu.KindBool:
		return 8
	case KindQuoted:
		return 10
	}
	switch {
	case e.Known:
		return 0
	case e.Kind == KindRoom:
		return 4 // its address says that it is one
	}
	return 9
}

// Cover appends to dst the entities of found that do not overlap: of those that
// do, the longest, and of the same words the known name before the address, the
// time, the number and the quoted text. found is in the order of Find.
//
// A stage that knows which kinds a command takes does better: it picks the
// readings that fit its slots.
func Cover(dst, found []Entity) []Entity {
	begin := len(dst)
	for i := range found {
		e := &found[i]
		last := len(dst) - 1
		if last < begin || e.Start >= dst[last].End {
			dst = append(dst, *e)
		} else if e.End-e.Start > dst[last].End-dst[last].Start && (last == begin || e.Start >= dst[last-1].End) {
			dst[last] = *e
		}
	}
	return dst
}
