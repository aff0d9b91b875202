// Package rules reads plain language by templates. It understands exactly the
// sentences that somebody wrote down, in microseconds, and is certain of them;
// it does not learn and does not guess.
//
// # Templates
//
// Two templates for the status of a machine:
//
//	[what is|what's|show me] [the] status of {machine}
//	is {machine} (up|down|alive)
//
// What they are made of:
//
//   - Words stand for themselves. Case, final punctuation and the kind of
//     apostrophe play no part; accents do.
//   - [a|b] is a, b or nothing. (a|b) is a or b. Brackets nest.
//   - {name} is a slot of the command, in a sentence once.
//   - A backslash makes the next character an ordinary one.
//   - A space separates words from slots and brackets. Only 's and punctuation
//     may follow a slot directly ({machine}'s status), and a slot may follow an
//     elision (l'{machine}).
//
// Every sentence needs a word of its own. The exception is a sentence of nothing
// but names of gazetteers, which matches when all of them are known.
//
// # Slots
//
// How much a slot takes depends on its kind:
//
//   - "word": one word or one quoted run.
//   - "int", "number", "bool", "duration": one word that is such a value;
//     a duration may be two ("15 minutes").
//   - "text": one word or more, up to 512.
//   - a gazetteer such as "machine": up to four words that the Resolver knows
//     together, else one word or quoted run, with a lower score.
//
// # Politeness
//
// "hey bot, could you please ... thanks!" is taken off in English, German,
// French and Spanish. A template that has these words itself wins over that.
//
// # Which template wins
//
// Where several match, the one that explains more of the message: more tokens
// that are literal words, known names or typed values; then more literal words;
// then fewer unknown names; then fewer tokens that could be anything; then the
// longer template; then one in the language of the message; then the first
// command by name. So the order in which templates are given decides nothing
// between two commands.
//
// # How it works
//
// All templates of all commands become one automaton over tokens by Glushkov's
// construction: a state for each word or slot, and no empty moves. Every
// template has a key, the rarest set of words of which each of its sentences
// has one; a message is tried only on templates whose key it has, usually a
// handful. The automaton then moves all readings forward together, token by
// token, and keeps the best reading for each state. The time is the length of
// the message times the states that are alive, whatever the templates look like.
package rules
