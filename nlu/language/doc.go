// Package language tells in which language a chat message is. It knows few
// languages and says so: a message that is in none of those the bot speaks, or
// that is too short to tell, gets no answer rather than a guess.
//
//	d, err := language.New(language.Options{Languages: []string{"en", "de"}})
//	lang, p := d.Detect("hey bot, wie ist der status von web1") // "de", 0.99
//	lang, p = d.Detect("come sta il server")                    // "": Italian is not configured
//	lang, p = d.Detect("web1?")                                 // "": a name has no language
//
// # How it works
//
// Of every language there is a table in this package: common words, and some
// sentences that people might say to a bot. English, German, French and
// Spanish have long ones. The others are short and there for one purpose: what
// looks more like Dutch than like German is not German. So the tables of
// languages that are not configured are part of every Detector, and one that
// is configured for German only refuses English.
//
// New counts in which languages each word occurs, and in how many words of
// each language each group of three or four letters occurs. From the counts
// comes a loss: how much less likely a word is in one language than in the
// language it fits best. Detect adds up the losses of a message:
//
//   - A word of the tables costs the languages that lack it up to maxWordLoss;
//     one that only the caller's samples have, up to maxNewLoss.
//   - Any other word is judged by its letters, so that typos and inflections
//     count. It costs up to maxRestLoss, half of that with a capital: it may
//     be a name.
//   - A word with a letter that is in no table ("ĝ", "я", "是") speaks against
//     all languages.
//   - Anything that holds a digit, "@", "/", "_", "=" or an inner dot is a
//     name or an address and is passed over, and so are the bytes that the
//     caller gives as known names. Words that every language has borrowed,
//     such as "status", say nothing.
//   - "None that is known" takes part as well. It loses a fixed share of what
//     a word costs on average: less than a language that does not fit, more
//     than one that does. It wins where each word points to another language.
//
// The sums become probabilities (a softmax), and a configured language that
// has at least the share of threshold is the answer. Every spelling is counted
// with and without its accents, and German umlauts as ae, oe, ue as well, so
// that "como esta" and "koennt ihr" are understood.
//
// # What it doesn't do
//
// It looks at the first 2 KB of a message and gives one language for it: in a
// message of two languages it names the one that prevails, or none. It can't
// tell dialects or scripts of one language apart. Long foreign titles inside a
// message should be given as spans to skip.
package language
