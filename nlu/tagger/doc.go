// Package tagger finds the slots of a text: in "add the album to my list" that
// "the album" is the music_item and "my list" the playlist. It learns this from
// examples, for slots whose values no recogniser can list: names of songs, what
// to remember, what to tell someone. It does not choose the command, which is
// package classify's business, and turns no words into dates or numbers, which
// is package entity's.
//
// # A tour for newcomers
//
// A text is cut into tokens (Tokenize), and each token gets a tag: B-list for
// the first token of a list, I-list for the others of it, O for a token
// outside of all slots. Finding slots then means choosing the best sequence of
// tags.
//
//	tokens:  add  the           album         to  my      list
//	tags:    O    B-music_item  I-music_item  O   B-list  I-list
//
// What can be seen at a token are its features: the word, the three words on
// each side and runs of them, the first and last letters, capitals and digits,
// and the entities that something else recognised there (Mark). A feature that
// was seen with a tag in training has a weight for it. The score of a sequence
// is the sum of the weights of all its tokens, and of each tag after the one
// before. Viterbi's algorithm finds the sequence of the highest score in one
// pass, among those that are legal: I-list comes only after B-list or I-list.
//
// Four kinds of features help with words that were never seen, which is what
// free text consists of:
//
//   - Anchors: the nearest frequent words on both sides, however far. An unknown
//     name lies between "add" and "to my", whether it has one word or six.
//   - Classes: what a word usually is in the training text (mostly O, mostly
//     B-artist, now and then I-track), for the word and its neighbours.
//   - Phrases: the longest run of words that filled this slot in an example.
//   - Marks: a recognised entity gives its words a class and an anchor of its
//     own, so that "restart web1" teaches what to do with any machine.
//
// What an example itself says about classes and phrases is taken out while it's
// trained on. Otherwise all names would be known ones, and the model would
// trust the list of names and learn nothing for new ones.
//
// # Training
//
// The model is a structured perceptron (Collins 2002). It tags an example with
// the weights it has; where the answer is wrong, every feature there moves one
// up for the right tag and one down for the wrong one. The final weights are
// the averages over all steps, which forget the last examples' whims. One thing
// is added to the textbook: while training, each wrong tag gets a bonus, so that
// the right sequence has to win by a distance. With few examples this is worth
// five points of F1. A conditional random field with the same features was tried
// and was no better.
//
// Weights are whole numbers and the order of the examples comes from a
// generator of our own, so the same examples give the same model, bit for bit,
// on any machine.
//
// # What the label does
//
// Tag and Find are told the label, the command or intent. It restricts the tags
// to those that the label was seen with, and has weights of its own for tags and
// their transitions; all else is shared by all labels, so that a command with
// ten examples profits from the others. An unknown label allows all tags,
// and the answer is much worse. A program that is not sure of the label asks
// Find for each likely one and takes the best product of the label's probability
// and the reading's.
//
// A slot that is filled only once in all examples of a label is filled at most
// once in an answer: of two candidates the better one stays.
//
// # What it costs
//
// SNIPS has 13,000 examples of 39 slots: training takes three seconds on one
// core and some 100 MB that are free afterwards; the model holds 3.3
// megabytes, 2.6 when stored; a sentence of nine words takes 20
// microseconds and no allocation. 300 examples train in 35 milliseconds.
//
// # How good it is
//
// F1 of whole slots: on the validation part of SNIPS 95.9 with the true label
// and 95.3 with labels of which 98 in 100 are right. With 270 examples of 33
// slots (xSID, by cross-validation on its training part) 75 in English and in
// German. Slot.P is fitted to be the share that is right.
package tagger
