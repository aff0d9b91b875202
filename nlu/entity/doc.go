// Package entity finds the typed values in a message: names of machines,
// persons, rooms and events, numbers, places in a list, telephone numbers,
// addresses, languages, times, quoted text, yes and no. Each comes with its
// bytes in the text and a canonical value, in English, German, French and
// Spanish.
//
// It does not know what a message asks for, and it does not choose between
// readings: "rsvp 1" has a number, and where an event is called 1, that event
// as well. A stage that knows the slots of a command takes what fits them;
// Cover makes a choice for those who have no slots.
//
// # A tour for newcomers
//
//	r := entity.New(entity.Options{Country: "49"})
//	r.Set(entity.KindMachine, "machine1", "web-1")
//	found := r.Find(nil, "is machin1 up since half past three?", "en")
//
// found holds machine1 (written machin1, one mistake) and the time 15:30.
// What is added with Set and Add is known to the next Find. Resolve answers for
// a single value, so that a Recognizer is an nlu.Resolver too.
//
// # Names
//
// A text is cut into atoms: runs of letters, runs of digits, and marks. Case,
// accents, spaces, hyphens, dots and apostrophes between atoms play no part, so
// "web-1", "Web 1" and "WEB1" are one name, unless two known names differ in
// just that; then the one that is written so is meant, and neither where none
// is. A name begins and ends where a word does: web1 is not in web1-old, nor in
// web1.example.com.
//
// A word of letters may have mistakes: one in four to seven letters, two in
// eight or more, two in a name at most, and none in a name of fewer than five
// letters (four where digits stand beside them). Digits have none: web1 is never
// web2. Words may run together or fall apart ("mail server"). Words that many
// sentences have are no misspelt names. Where two names are as near, neither is
// guessed: Known is false.
//
// A name that is a word of every sentence, such as it or the, counts only in
// quotation marks, after @ or #, after = or after the word for its kind
// ("machine it").
//
// Of overlapping names of one kind the longer is reported, and of the same words
// the one with fewer mistakes. Names of different kinds are all reported.
//
// # Values
//
// Addresses and international telephone numbers own their text: no name and no
// number is looked for inside of them. Everything else may overlap.
//
// Nothing is guessed. 1.000 is no number, because it is a thousand to some and
// one to others; 1.000,5 and 1,000,000 are clear. A telephone number need not be
// valid, only possible; without a calling code it is one in the national form of
// Options.Country. Times come from package when; one with two readings, such as
// 05/12, has Known false.
//
// # How it works
//
// The names of a kind are an automaton of Aho and Corasick whose letters are
// atoms. One pass over a text finds all names that are written exactly, however
// many are known. (Measured with 10,000 names and a text of 18 atoms: 0.2 µs;
// looking up every run of up to five atoms in a hash table takes 0.7 µs, and
// needs a limit on the length of a name.)
//
// For mistakes, each atom that no name has is looked up in a neighbourhood: an
// index of what is left of the words of names when up to two letters are
// deleted. The few words that are found, compared in full, become further edges
// of the automaton's trie, which is walked from the atoms before.
//
// A change builds the automaton of that kind anew (about 20 ms for 10,000
// names) and swaps a pointer; Find never waits. Give many names in one call.
//
// Find takes time that is linear in the text. At most 64 words of a text are
// looked up as misspelt, and at most MaxEntities entities are reported.
package entity
