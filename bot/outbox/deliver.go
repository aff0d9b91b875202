package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"dragoman/bot"
	"dragoman/store/queue"
)

const (
	// longestAsked bounds how long a far side may ask to wait.
	longestAsked = time.Hour
	// openTries is how often a person is told openly what they may have
	// missed, if the courier says each time that nobody knows whether that
	// arrived. A try in which the process died is none of them: most of the
	// batch was not sent in it.
	openTries = 5
)

// What an administrator reads where the courier gave no reason.
var (
	errHeld     = errors.New("the destination cannot be reached")
	errReturned = errors.New("it came back")
	errRefused  = errors.New("it was refused")
	errInDoubt  = errors.New("it was sent, and nobody knows whether it arrived")
	errStopping = errors.New("the bot is being stopped")
)

// delivery is one batch to one destination, on its way.
type delivery struct {
	outbox *Outbox
	route  *route
	group  string
	jobs   []*queue.Job[letter]
	fates  []bot.Fate // of the jobs
}

// deliver takes messages to one destination to the courier, and tells the queue
// what became of each.
func (o *Outbox) deliver(ctx context.Context, r *route, jobs []*queue.Job[letter]) []error {
	d := &delivery{outbox: o, route: r, group: jobs[0].Args.group(), jobs: jobs, fates: make([]bot.Fate, len(jobs))}
	d.carry(ctx)
	errs := d.verdicts()
	if err := d.confess(ctx); err != nil {
		for i := range errs { // those in doubt stay so
			if d.fates[i].State == bot.InDoubt {
				errs[i] = queue.RetryAfter(err, firstPause)
			}
		}
	}
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.Args.ID
	}
	o.pending.settle(ids...)
	if r.stuck(d.group) {
		o.pending.settleGroup(r.key(d.group))
	}
	return errs
}

// inDoubt reports whether a person may have got the letter in an earlier try
// that had no end, and would get it again in silence. When somebody retries a job
// by hand its attempts begin anew: then it is sent as if it had never been.
func inDoubt(j *queue.Job[letter]) bool {
	return j.Args.secret() && !j.Tried.IsZero() && j.Attempt > 1
}

// carry fills in the fates.
func (d *delivery) carry(ctx context.Context) {
	batch, which := make([]bot.Outgoing, 0, len(d.jobs)), make([]int, 0, len(d.jobs))
	for i, j := range d.jobs {
		if inDoubt(j) {
			d.fates[i] = bot.Fate{State: bot.InDoubt}
			continue
		}
		out := j.Args.outgoing(d.route.name)
		out.Tried = j.Tried
		batch, which = append(batch, out), append(which, i)
	}
	if len(batch) == 0 {
		return
	}
	fates := d.hand(ctx, batch)
	for n, i := range which {
		d.fates[i] = bot.Fate{State: bot.InDoubt} // if the courier forgot one
		if n < len(fates) && fates[n].State != 0 {
			d.fates[i] = fates[n]
		}
	}
}

// hand gives the batch to the transport. After a panic nobody knows what was
// sent: that must not look like a try that never was.
func (d *delivery) hand(ctx context.Context, batch []bot.Outgoing) (fates []bot.Fate) {
	ctx, t, end := d.route.begin(ctx, d.group)
	defer end()
	defer func() {
		if p := recover(); p != nil {
			d.outbox.log.Error("a transport panicked", "transport", d.route.name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			fates = nil
		}
	}()
	switch t := t.(type) {
	case nil: // closed after the claim
		return allOf(len(batch), bot.Fate{State: bot.Held, Err: errStopping})
	case bot.Courier:
		return t.Carry(ctx, batch)
	default:
		return sendAll(ctx, t, batch)
	}
}

// sendAll is Carry for a transport that cannot say more than that it took a
// message. Behind one that it did not take no other goes.
func sendAll(ctx context.Context, t bot.Transport, batch []bot.Outgoing) []bot.Fate {
	fates := allOf(len(batch), bot.Fate{State: bot.Held})
	for i, out := range batch {
		if err := t.Send(ctx, out); err != nil {
			fates[i] = bot.Fate{State: bot.Returned, Err: err}
			break
		}
		fates[i] = bot.Fate{State: bot.Arrived}
	}
	return fates
}

func allOf(n int, f bot.Fate) []bot.Fate {
	fates := make([]bot.Fate, n)
	for i := range fates {
		fates[i] = f
	}
	return fates
}

// verdicts turns the fates into what the queue is told.
func (d *delivery) verdicts() []error {
	now := d.outbox.clock.Now()
	pause := d.pause(now)
	errs := make([]error, len(d.jobs))
	for i, j := range d.jobs {
		f := d.fates[i]
		given := now.Sub(j.Added) > d.outbox.cfg.GiveUp
		switch f.State {
		case bot.Arrived:
		case bot.Held:
			errs[i] = later(cmp.Or(f.Err, errHeld), pause, given)
		case bot.Returned:
			errs[i] = returned(&j.Args, cmp.Or(f.Err, errReturned), cmp.Or(min(f.After, longestAsked), pause), given)
		case bot.Refused:
			errs[i] = queue.Permanent(cmp.Or(f.Err, errRefused))
		default:
			errs[i] = d.doubted(j, cmp.Or(f.Err, errInDoubt), pause, given)
		}
	}
	return errs
}

// later is the verdict on what was certainly not sent: its try does not count.
func later(reason error, pause time.Duration, giveUp bool) error {
	if giveUp {
		return queue.Permanent(fmt.Errorf("given up, because it is too old: %w", reason))
	}
	return because{reason, queue.Snooze(pause)}
}

// returned is the verdict on what came back. To a person that is as good as not
// sent; elsewhere the try is counted, since it can be looked for.
func returned(l *letter, reason error, pause time.Duration, giveUp bool) error {
	if giveUp || l.personal() {
		return later(reason, pause, giveUp)
	}
	return queue.RetryAfter(reason, pause)
}

// doubted is the verdict on what may have arrived.
func (d *delivery) doubted(j *queue.Job[letter], reason error, pause time.Duration, giveUp bool) error {
	told := j.Args.Repeats && j.Attempt >= openTries && d.route.failures(d.group) >= openTries
	if giveUp || j.Args.secret() || told {
		return queue.Unknown(reason)
	}
	return queue.RetryAfter(reason, pause)
}

// pause notes how the destination does and returns how long to leave it alone.
func (d *delivery) pause(now time.Time) time.Duration {
	for _, f := range d.fates {
		switch f.State {
		case bot.Arrived, bot.Refused:
			continue
		case bot.Held:
			return d.route.troubled(d.group, now, firstHold, longestHold)
		}
		return d.route.troubled(d.group, now, firstPause, longestPause)
	}
	d.route.eased(d.group)
	return 0
}

// confess adds the letters that tell people openly what they may have missed.
// Their IDs are derived, so a second confession of the same adds nothing.
func (d *delivery) confess(ctx context.Context) error {
	var open []letter
	for i, j := range d.jobs {
		if d.fates[i].State == bot.InDoubt && j.Args.secret() {
			open = append(open, j.Args.repetition())
		}
	}
	if len(open) == 0 {
		return nil
	}
	// At the stop, too: what was sent a moment ago is in doubt.
	ctx = context.WithoutCancel(ctx)
	return d.outbox.cfg.DB.Do(ctx, func(ctx context.Context) error {
		for _, l := range open {
			if err := d.outbox.add(ctx, d.route, l); err != nil {
				return err
			}
		}
		return nil
	})
}
