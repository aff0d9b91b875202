// Package nlu turns what a person wrote into an Intent: the name of a command
// and the values of its slots. It needs no network and no second process, and
// it takes microseconds. It runs nothing, keeps no conversation and knows no
// permission; what to do with an Intent is the caller's business.
//
// # A tour for newcomers
//
// The caller describes its commands once, as a list of Command: names, slots,
// and templates of plain language. It then builds stages from that list and
// joins them in a Chain:
//
//	st, err := structured.New(cmds)                           // get-status machine1
//	ru, err := rules.New(cmds, rules.Options{Resolver: live}) // what's the status of machine1?
//	chain, err := nlu.New(cmds, nlu.Options{Names: live}, st, ru)
//	intent, miss := chain.Parse(text, "en")
//
// A Stage is one way to read a message. The Chain asks them in order, and the
// first that is sure decides. Later stages are for what the earlier ones do not
// know, so the order goes from the certain to the likely:
//
//   - structured knows the name of a command and its values by position or by
//     flag. It never guesses.
//   - rules knows the sentences that the templates describe, and nothing else.
//   - learn knows what is like the examples of a command. It says how probable it
//     is that it is right, and refuses what it does not know. It is built of
//     entity (names, numbers, telephone numbers and, by way of when, times),
//     language, classify (which command) and tagger (which words fill a slot);
//     each of them is of use by itself.
//
// Package split cuts a message with several wishes before it comes to a Chain.
// What blocks is no Stage: llm, a language model over the network, is for the
// caller to turn to after a Miss. Package evaluate measures all of this.
//
// # Three outcomes
//
//   - An Intent without Usage: run the command. A required slot may be absent;
//     the caller asks for it. A name in a slot may be unknown; Value.Known and
//     the Score say so where the stage asked a Resolver.
//   - An Intent with Usage: the command is clear, but what was given does not
//     fit it, and no other stage understood the message either. Tell the person
//     Usage.String and run nothing.
//   - A Miss: no stage was sure. Miss.Readings are what the text may mean, and
//     Miss.Nearest has up to three commands to offer. An offer is a question,
//     never run on a guess.
//
// # Names that change
//
// A slot whose kind is not one of the Kind constants takes the name of
// something that exists: a machine, a room, a person. A Resolver knows these
// names at this moment. Gazetteer is one that holds them in memory; KnownFunc
// asks a function for all of them; entity.Recognizer forgives typos as well. A
// reading with a name that the Chain's own Resolver does not know is not sure any
// more, whatever the stage says, unless the name can hardly be an ordinary word.
//
// # When two texts are the same
//
// Fold says so for all stages: Unicode NFC and full case folding, without
// invisible characters. Scanner cuts a text into words and quoted runs for all
// stages, so that quotes mean the same everywhere. Both are linear in the text.
//
// # Many at once
//
// A Chain and the stages of this module are immutable after New, apart from
// memory that they reuse, and are meant for many goroutines at once. To change
// the commands, build new ones and swap the pointer.
package nlu
