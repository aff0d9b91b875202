// Package llm asks a large language model what a message means, after every
// other stage has missed. It speaks to any address that is compatible with
// OpenAI's chat completions, a model on the same machine included. Everything
// that it gets back is taken for what a stranger wrote.
//
//	client, err := llm.New(llm.Options{On: llm.OnMiss, BaseURL: "http://127.0.0.1:8080/v1", Model: "small", ...})
//	defer client.Close()
//	r, err := client.Ask(ctx, llm.Request{Person: key, Text: text, Source: llm.Chat, Commands: allowed})
//
// It is no nlu.Stage, because it blocks: the caller turns to it after an
// nlu.Miss. It runs nothing, keeps no conversation and knows no permission. The
// caller passes only the commands that the sender may use, and checks the
// sender's rights again when it executes one.
//
// # What the model may say
//
// Each command becomes one tool. The model calls at most MaxCalls of them, or
// none; all calls of an answer must hold or the whole answer is worth nothing:
//
//   - The tool is one that was offered. Its arguments are one flat JSON object
//     of slots that the command has, each given once.
//   - The model points, it does not write. A text is a piece of the person's own
//     message, up to case and white space, and the Intent carries the person's
//     spelling. A number or a length of time is in the message in digits or in
//     words. Both are in the form of nlu.Canon.
//   - A name of a list resolves by the Resolver. If nothing in the message
//     resolves to it, somebody has to confirm it. Options.Listed says which kinds
//     are lists; the value of any other is a piece of the message.
//   - A bool is a single bit that people seldom spell out ("and tell everyone"),
//     so one without a word for it in the message has to be confirmed.
//
// Result.Confirm says that the caller asks before it runs anything: for the
// above, for a command that changes what others see, and when the model says
// that it is unsure. A required slot that the message does not give is absent,
// as in any Intent. What an answer that is refused was about is in
// Result.Nearest, to be offered.
//
// The Score of an Intent is what the model says of itself, in three steps that
// are far apart because such numbers are rough: ScoreCertain, ScoreLikely (also
// when it says nothing) and ScoreUnsure. It never is 1.
//
// # What reaches the model
//
// The text of a person in chat is the user's message. The text of a mail or an
// SMS (Untrusted, the zero Source) goes as data between delimiters of a fresh
// random name, and never together with tools: it can lead to a free answer
// where those are allowed, and to no Intent. Free answers are bounded plain
// text without control and direction characters; the caller never reads them as
// a command or a format.
//
// Also sent are the names and summaries of the commands, the help of their
// slots and the names that Options.Names gives. Who the person is, is not sent.
//
// # When it does not work
//
// One question takes Options.Timeout at most and is never repeated. After three
// failures in a row the client asks nobody for a while, so that not every miss
// costs the person the whole timeout; a server that names a time with
// Retry-After gets it. Tokens are counted for each person and day, reserved
// before the question and corrected after it. All of these are errors of type
// *Error, on which the caller answers by itself.
package llm
