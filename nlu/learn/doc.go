// Package learn is the stage that understands what no template describes. It
// joins what learns from examples: the recognisers of package entity, the
// classifier, and the tagger, which marks the words that fill slots.
//
// # How it reads a message
//
//   - The language is found out. A message in a language that nobody configured
//     is refused, and not guessed at.
//   - Names, numbers, times and the like are recognised. Names are live: a
//     machine that was added a moment ago counts.
//   - The classifier says how probable each command is, with misspelt words too.
//     It sees the kinds of what was recognised beside the words, and it has
//     learned a label for sentences that mean no command at all.
//   - For each of the likeliest commands the slots are filled: the tagger says
//     which words, a recogniser says which value. A command that lacks a required
//     slot, or leaves a name in the text unused, loses against one that does not.
//   - The judge says how probable it is that the best reading is right. This is the
//     Score, and the caller's two bands decide what it is good for: to act, to ask
//     "did you mean", or neither.
//
// # How it learns
//
// From the examples of the commands, a few sentences of each template, each
// command as one types it, and sentences that mean nothing ([oos] in a list of
// phrases). The names in them are exchanged, and half of the time they are not
// recognised, so that the words around a name count and not the name.
//
// The judge is fitted to what models say of sentences that they have not seen:
// half of them at a time is held out. It is a logistic regression on a dozen
// signals, which Explain shows. The way, to hold out whole commands, is
// what package classify does for itself; here sentences that mean no command are
// known, which is better where there are few commands.
//
// Training is deterministic, and what it makes depends on nothing but the
// phrases, so it can be kept in a Cache under their hash.
//
// The package knows no conversation and runs nothing. What has several wishes in
// one message is cut by package split before it comes here.
package learn
