package outbox

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"dragoman/bot"
	"dragoman/store/queue"
)

const (
	// alertKind are the jobs that tell the administrators.
	alertKind = "alert"
	// alertEvery is how often they are told at most: what fails together is
	// told together.
	alertEvery = time.Minute
	// alertBatch is how many destinations are told of at once, and
	// alertNamed how many of them by name.
	alertBatch = 1000
	alertNamed = 5
	// quietFor is how long a destination is not told of again.
	quietFor = 24 * time.Hour
	// reasonMax bounds what is quoted of a reason, in characters.
	reasonMax = 120
)

// alert is that jobs of a kind, to a destination if it has one, are being given up.
type alert struct {
	Job    int64
	Kind   string
	To     bot.Address `json:",omitempty"`
	State  queue.State
	Reason string
}

// Dead is for queue.Config.Dead: it has the administrators told, once a day for
// each destination, or kind of job, that something became a dead letter or that
// its outcome is unknown. Which of all the other messages did, the lists show.
func (o *Outbox) Dead(ctx context.Context, i queue.Info) error {
	a := alert{Job: i.ID, Kind: i.Kind, State: i.State, Reason: shortened(i.Reason, reasonMax)}
	if i.Kind == alertKind {
		o.log.Error("the administrators could not be told of dead letters", "job", i.ID)
		return nil
	}
	if l, ok := letterOf(i); ok {
		if i.State == queue.StateUnknown && l.secret() {
			return nil // whom it concerns is told openly
		}
		a.To = l.To
	}
	o.log.Warn("given up", "job", i.ID, "kind", i.Kind, "state", string(i.State), "to", masked(a.To))
	if len(o.cfg.Admins()) == 0 {
		return nil
	}
	_, err := o.Once(ctx, "alert\x00"+i.Kind+"\x00"+i.Group, quietFor, func(ctx context.Context) error {
		_, err := o.cfg.Queue.Add(ctx, queue.Item{
			Kind: alertKind, Group: alertKind, RunAt: o.clock.Now().Truncate(alertEvery).Add(alertEvery), Args: a,
		})
		return err
	})
	return err
}

// handleAlerts registers the telling with the queue.
func (o *Outbox) handleAlerts() {
	queue.HandleBatch(o.cfg.Queue, queue.Options{
		Kind: alertKind, Workers: 1, Batch: alertBatch, Attempts: math.MaxInt32,
		Backoff: queue.Backoff{First: time.Second, Max: alertEvery},
	}, func(ctx context.Context, jobs []*queue.Job[alert]) []error {
		errs := make([]error, len(jobs))
		if err := o.tell(ctx, jobs); err != nil {
			errs[0] = err
			for i := range errs[1:] {
				errs[i+1] = queue.Snooze(0)
			}
		}
		return errs
	})
}

// tell adds one notice for each administrator, and ends the alerts with it.
func (o *Outbox) tell(ctx context.Context, jobs []*queue.Job[alert]) error {
	alerts := make([]alert, len(jobs))
	for i, j := range jobs {
		alerts[i] = j.Args
	}
	return o.cfg.DB.Do(ctx, func(ctx context.Context) error {
		for _, admin := range o.cfg.Admins() {
			if o.routes[admin.Transport] == nil {
				o.log.Warn("an administrator cannot be told of dead letters: there is no such transport", "transport", admin.Transport)
				continue
			}
			out := bot.Outgoing{Destination: admin, Reply: bot.Say(summary(alerts, admin.Room))}
			if err := o.Add(ctx, out); err != nil {
				return err
			}
		}
		for _, j := range jobs {
			if err := j.Done(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// summary says what was given up. In a room nobody reads a telephone number.
func summary(alerts []alert, room bool) string {
	var b strings.Builder
	for n, a := range alerts {
		if n == alertNamed {
			fmt.Fprintf(&b, "… and %d more destinations.\n", len(alerts)-n)
			break
		}
		to := Visible(string(a.To))
		if room {
			to = Visible(masked(a.To))
		}
		switch {
		case a.State == queue.StateUnknown && to != "":
			fmt.Fprintf(&b, "Nobody knows whether a message to %s arrived", to)
		case a.State == queue.StateUnknown:
			fmt.Fprintf(&b, "Nobody knows whether a job of %s was done", a.Kind)
		case to != "":
			fmt.Fprintf(&b, "A message to %s could not be delivered", to)
		default:
			fmt.Fprintf(&b, "A job of %s could not be done", a.Kind)
		}
		fmt.Fprintf(&b, " (job %d)", a.Job)
		if a.Reason != "" && !room {
			b.WriteString(": " + strings.TrimSuffix(Visible(a.Reason), "."))
		}
		b.WriteString(".\n")
	}
	b.WriteString("It is kept. There may be more of the same kind; I tell of each destination once a day. " +
		`Say "outbox failed", "outbox unknown" or "queue list dead" to see all.`)
	return b.String()
}

// shortened is the first line of s, cut at limit characters.
func shortened(s string, limit int) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(s); len(r) > limit {
		return string(slices.Concat(r[:limit-1], []rune("…")))
	}
	return s
}
