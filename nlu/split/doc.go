// Package split reads several wishes in one message: "subscribe web1 and list
// events" are two, and "morning all! is web1 up?" is one with a greeting before
// it.
//
// A message is cut at words and marks that join wishes ("and then", "und", a
// full stop, a new line), never inside of quotes. It is split only where that is
// surer than not to: every part is understood and has all that its command
// requires, no two parts mean the same command, and the weakest part is surer
// than the whole message as one. What is certain as a whole is therefore never
// split: teach "up and running" = list machines. Of a greeting, a remark and one
// wish the wish alone is left, if it is a sentence of its own and nothing else
// in the message means a command.
//
// It understands nothing itself: every part goes through the nlu.Chain that it
// is given.
package split
