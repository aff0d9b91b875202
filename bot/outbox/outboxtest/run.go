package outboxtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/bot"
)

// Run checks an Outbox and its Journal. fresh gives an empty storage to each
// case; cases run in parallel.
func Run(t *testing.T, fresh func(t testing.TB) Storage) {
	for name, test := range map[string]func(*rig){
		"what is added arrives once and in order":                       arrives,
		"an id counts once, no id never":                                countsOnce,
		"a message commits with its cause, or not at all":               commitsTogether,
		"a key is noted once within its time":                           notedOnce,
		"of many at once one runs":                                      oneRuns,
		"a panic leaves no note":                                        panics,
		"what is held goes out in order when the place opens":           held,
		"what is held goes out though the opening was missed":           heldMissed,
		"what came back is sent again before what follows":              bounced,
		"what is refused is given up and holds nothing up":              refused,
		"in a room doubt is cleared by looking":                         doubtInRoom,
		"a parcel in doubt is sent again under its id":                  doubtInParcel,
		"a person in doubt is told openly, once":                        doubtInChat,
		"a dead destination delays no other":                            deadDestination,
		"without a line nothing is tried":                               lineDown,
		"sent means tried, held or given up":                            sent,
		"again sends only what has not arrived":                         again,
		"a stop waits for what is on its way":                           stops,
		"a destination of a transport that is gone is an error":         transportGone,
		"a transport that is no courier has got what it took":           plainTransport,
		"at once from many, each destination keeps the order of adding": manyAdders,
		"all of a message survives":                                     wholeMessage,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newRig(t, fresh(t)))
		})
	}
	t.Run("a kill loses nothing and repeats nothing in silence", func(t *testing.T) { kills(t, fresh) })
}

func numbered(n int, make func(i int) bot.Outgoing) (all []bot.Outgoing, texts []string) {
	for i := range n {
		all = append(all, make(i))
		texts = append(texts, all[i].Reply.Text)
	}
	return all, texts
}

func arrives(r *rig) {
	const n = 40
	var texts []string
	for i := range n {
		text := fmt.Sprint(i)
		r.add(chat("john", "c"+text, text), room("ops", "r"+text, text), parcel("stage", "p"+text))
		texts = append(texts, text)
	}
	r.reads("john", texts...)
	r.reads("ops", texts...)
	r.await("parcels", func() bool { return len(r.world.Got("stage")) == n })
	for i, out := range r.world.Got("stage") {
		if want := fmt.Sprintf("p%d", i); out.Parcel == nil || out.Parcel.ID != want || out.ID != want {
			r.Errorf("parcel %d is %+v", i, out)
		}
		if !out.Tried.IsZero() || out.At.IsZero() || out.Transport != TransportName {
			r.Errorf("first try of %+v", out)
		}
	}
}

func countsOnce(r *rig) {
	r.add(chat("john", "a", "one"), chat("john", "a", "two"), chat("john", "", "three"), chat("john", "", "three"))
	r.reads("john", "one", "three", "three")
	r.add(chat("john", "a", "four"), chat("john", "z", "end"))
	r.reads("john", "one", "three", "three", "end")
	got := r.world.Got("john")
	if got[1].ID == "" || got[1].ID == got[2].ID {
		r.Errorf("ids of messages without one: %q and %q", got[1].ID, got[2].ID)
	}
}

var errHandler = errors.New("the handler failed")

func commitsTogether(r *rig) {
	do := func(fail error) func(context.Context) error {
		return func(ctx context.Context) error {
			return errors.Join(r.Add(ctx, chat("john", "x", "done")), fail)
		}
	}
	if again, err := r.Once(r.ctx, "k", time.Hour, do(errHandler)); !errors.Is(err, errHandler) || again || errors.Is(err, bot.ErrNotAccepted) {
		r.Errorf("again %v, %v", again, err)
	}
	if again, err := r.Once(r.ctx, "k", time.Hour, do(nil)); err != nil || again {
		r.Errorf("after a failure: again %v, %v", again, err)
	}
	r.add(chat("john", "z", "end"))
	r.reads("john", "done", "end")
}

func notedOnce(r *rig) {
	runs := 0
	do := func(context.Context) error { runs++; return nil }
	for i, step := range []struct {
		wait  time.Duration
		key   string
		again bool
	}{{0, "k", false}, {0, "k", true}, {0, "other", false}, {2 * time.Second, "k", true}, {time.Minute, "k", false}, {0, "k", true}} {
		r.passes(step.wait)
		if again, err := r.Once(r.ctx, step.key, 30*time.Second, do); err != nil || again != step.again {
			r.Errorf("step %d: again %v, %v", i, again, err)
		}
	}
	if runs != 3 {
		r.Errorf("%d runs, want 3", runs)
	}
}

func oneRuns(r *rig) {
	const n = 8
	for round := range 20 {
		var runs, repeats atomic.Int64
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				again, err := r.Once(r.ctx, fmt.Sprint(round), time.Hour, func(context.Context) error { runs.Add(1); return nil })
				if err != nil {
					r.Error(err)
				}
				if again {
					repeats.Add(1)
				}
			})
		}
		wg.Wait()
		if runs.Load() != 1 || repeats.Load() != n-1 {
			r.Fatalf("%d runs, %d repetitions", runs.Load(), repeats.Load())
		}
	}
}

func panics(r *rig) {
	func() {
		defer func() {
			if recover() == nil {
				r.Error("the panic did not come through")
			}
		}()
		_, _ = r.Once(r.ctx, "k", time.Hour, func(context.Context) error { panic("boom") })
	}()
	if again, err := r.Once(r.ctx, "k", time.Hour, func(context.Context) error { return nil }); again || err != nil {
		r.Errorf("again %v, %v", again, err)
	}
}

func held(r *rig) {
	r.world.Close("ops")
	all, texts := numbered(50, func(i int) bot.Outgoing { return room("ops", fmt.Sprint(i), fmt.Sprint(i)) })
	r.add(all...)
	r.add(chat("john", "", "others go on"))
	r.reads("john", "others go on")
	r.passes(20 * time.Second)
	if got := r.world.Got("ops"); len(got) > 0 {
		r.Errorf("sent to a closed room: %v", got)
	}
	r.world.Open("ops")
	r.reads("ops", texts...)
}

func heldMissed(r *rig) {
	r.world.Close("john")
	r.add(chat("john", "a", "one"), chat("john", "b", "two"))
	r.passes(30 * time.Second)
	r.world.change(func() { r.world.at("john").closed = false })
	r.reads("john", "one", "two") // and nothing about a repetition
}

func bounced(r *rig) {
	for _, to := range []string{"john", "ops"} {
		r.world.Plan(bot.Address(to), Bounce, Bounce, 0, Bounce)
		make := chat
		if to == "ops" {
			make = room
		}
		all, texts := numbered(5, func(i int) bot.Outgoing { return make(to, to+fmt.Sprint(i), fmt.Sprint(i)) })
		r.add(all...)
		r.reads(to, texts...)
	}
}

func refused(r *rig) {
	r.world.Plan("john", 0, Refusal)
	all, _ := numbered(4, func(i int) bot.Outgoing { return chat("john", fmt.Sprint(i), fmt.Sprint(i)) })
	r.add(all...)
	r.reads("john", "0", "2", "3")
	r.passes(time.Minute)
	r.add(chat("john", "z", "end"))
	r.reads("john", "0", "2", "3", "end")
}

func doubtInRoom(r *rig) {
	r.world.Plan("ops", LostAck, LostBoth, LostAck)
	all, texts := numbered(6, func(i int) bot.Outgoing { return room("ops", fmt.Sprint(i), fmt.Sprint(i)) })
	r.add(all...)
	r.reads("ops", texts...)
}

func doubtInParcel(r *rig) {
	r.world.Plan("stage", LostAck, LostBoth, LostAck)
	r.add(parcel("stage", "a"), parcel("stage", "b"))
	r.await("parcels", func() bool { return len(r.world.Got("stage")) == 2 })
	if got := r.world.Got("stage"); got[0].ID != "a" || got[1].ID != "b" {
		r.Errorf("got %+v", got)
	}
}

// openly is how a person is told what they may have missed.
func openly(text string) func(string) bool {
	return func(got string) bool {
		return got != text && strings.HasSuffix(got, text) && strings.Contains(got, "ossibly again")
	}
}

func doubtInChat(r *rig) {
	r.world.Plan("john", LostAck, LostBoth)
	r.add(chat("john", "a", "first"))
	r.add(chat("john", "b", "second"), chat("john", "c", "third"))
	r.await("an open repetition", func() bool {
		return slices.ContainsFunc(r.world.Texts("john"), openly("second")) && slices.Contains(r.world.Texts("john"), "third")
	})
	r.await("the other", func() bool { return slices.ContainsFunc(r.world.Texts("john"), openly("first")) })
	r.passes(time.Minute)
	got := r.world.Texts("john")
	slices.Sort(got)
	if len(got) != 4 || !slices.Contains(got, "first") || slices.Contains(got, "second") {
		r.Errorf("John read %q", got)
	}

	// Where nobody hears of the open repetition either, there is an end to it,
	// and the plain text does not come back.
	r.world.Plan("jane", slices.Repeat([]Fault{LostAck}, 20)...)
	r.add(chat("jane", "d", "hello"))
	r.passes(2 * time.Minute)
	got = r.world.Texts("jane")
	if len(got) < 2 || len(got) > 10 || got[0] != "hello" || slices.ContainsFunc(got[1:], func(text string) bool { return !openly("hello")(text) }) {
		r.Errorf("Jane read %q", got)
	}
}

func deadDestination(r *rig) {
	release := r.world.Stall("dead")
	defer release()
	r.world.Plan("sick", slices.Repeat([]Fault{Bounce}, 20)...)
	r.world.Close("closed")
	for i := range 100 {
		for _, to := range []string{"dead", "sick", "closed", "john"} {
			r.add(chat(to, fmt.Sprint(to, i), fmt.Sprint(i)))
		}
	}
	r.await("the healthy one", func() bool { return len(r.world.Got("john")) == 100 })
	if n := len(r.world.Got("dead")) + len(r.world.Got("closed")); n > 0 {
		r.Errorf("%d went to those that take nothing", n)
	}
	release()
	r.world.Open("closed")
	for _, to := range []bot.Address{"dead", "sick", "closed"} {
		r.await(string(to), func() bool { return len(r.world.Got(to)) == 100 })
		for i, text := range r.world.Texts(to) {
			if text != fmt.Sprint(i) {
				r.Fatalf("%s read %q at place %d", to, text, i)
			}
		}
	}
}

func lineDown(r *rig) {
	r.add(chat("john", "", "before"))
	r.reads("john", "before")
	r.world.SetLine(false)
	r.passes(time.Second)
	carried := r.world.Carried()
	r.add(chat("john", "", "after"), room("ops", "", "after"))
	r.passes(time.Minute)
	if n := r.world.Carried() - carried; n > 0 {
		r.Errorf("%d messages were tried without a line", n)
	}
	r.world.SetLine(true)
	r.reads("john", "before", "after")
	r.reads("ops", "after")
}
