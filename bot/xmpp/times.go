package xmpp

import "time"

// times are the waits of a Transport. They are together, and not constants, so
// that a test can shorten them.
type times struct {
	// firstRetry and lastRetry bound the wait before the next connection. The
	// last one is short because the server is one machine that an administrator
	// restarts, not a service with a million clients, and people expect the bot
	// back within seconds.
	firstRetry, lastRetry time.Duration
	// conflictRetry is the least wait after another connection took ours over.
	conflictRetry time.Duration
	// connect bounds one attempt, from the dial to the stream that is ready.
	connect time.Duration
	// refusalGrace is for how long a refusal is retried once a stream had been
	// accepted: a server that is starting refuses what it has not loaded yet.
	refusalGrace time.Duration
	// farewell bounds the good-byes to rooms and contacts.
	farewell time.Duration
	// silence is how long nothing must have come before a stop hangs up.
	silence time.Duration

	// pingEvery and pingTimeout are those of stream.Config. Together they are
	// how long a dead line may go unnoticed, at worst.
	pingEvery, pingTimeout time.Duration

	// canaryHome is how long a canary may take to come home, canaryAgain the
	// pause before the next flock while one is missing.
	canaryHome, canaryAgain time.Duration

	// barrier is how long the other side may take to answer the ping behind a
	// batch, echo how long a room may be silent on what it should repeat, answer
	// how long the receiver of parcels may be.
	barrier, echo, answer time.Duration
	// resume is how long what was written to a stream that broke waits for the
	// next one, which may resume it.
	resume time.Duration
	// recall bounds one question to a room about what it has kept.
	recall time.Duration

	// keepEvery is how often the room keeper looks.
	keepEvery time.Duration
	// joinPatience is how long a join may stay unanswered, or a refusal stand,
	// before it is sent again; the wait doubles up to joinPatienceMax.
	joinPatience, joinPatienceMax time.Duration
	// selfPingAfter is for how long a room may be silent before we ask whether
	// we are still in it (XEP-0410 section 3), selfPingTimeout for how long it
	// may think about the answer.
	selfPingAfter, selfPingTimeout time.Duration
}

func defaultTimes() times {
	return times{
		firstRetry: 200 * time.Millisecond, lastRetry: 5 * time.Second,
		conflictRetry: 5 * time.Second,
		connect:       20 * time.Second,
		refusalGrace:  time.Minute,
		farewell:      time.Second,
		silence:       100 * time.Millisecond,
		pingEvery:     25 * time.Second, pingTimeout: 10 * time.Second,
		canaryHome: 5 * time.Second, canaryAgain: time.Minute,
		barrier: 30 * time.Second, echo: 30 * time.Second, answer: 30 * time.Second,
		resume: time.Minute, recall: 20 * time.Second,
		keepEvery:    time.Second,
		joinPatience: 2 * time.Second, joinPatienceMax: 5 * time.Minute,
		selfPingAfter: time.Minute, selfPingTimeout: 20 * time.Second,
	}
}
