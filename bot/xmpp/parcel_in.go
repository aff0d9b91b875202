package xmpp

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Bounds on the parcels that wait to be accepted. Who is beyond them is told to
// send again later.
const (
	laneLen    = 2 * window
	maxLanes   = 1000
	laneBudget = 8 << 20 // bytes of all that wait
	// parcelCost is what a parcel takes beside its body.
	parcelCost = 1 << 10
	// laneLinger is how long an idle sender keeps its goroutine.
	laneLinger = time.Minute
)

// parcels are those that came and wait to be accepted: one lane for each sender
// and address of ours, in the order of arrival.
type parcels struct {
	t      *Transport
	budget *semaphore.Weighted

	mu    sync.Mutex
	lanes map[lane]chan *delivery
	work  context.Context // nil while nothing is taken
	all   sync.WaitGroup
}

// lane is from whom to which address.
type lane struct{ from, to bot.Address }

func newParcels(t *Transport) *parcels {
	return &parcels{t: t, budget: semaphore.NewWeighted(laneBudget), lanes: make(map[lane]chan *delivery)}
}

// open begins to take parcels. The function that it returns ends that, and
// waits until what is being accepted is.
func (ps *parcels) open(ctx context.Context) (shut func()) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.work = work
	return func() {
		cancel()
		ps.mu.Lock()
		ps.work = nil
		ps.mu.Unlock()
		ps.all.Wait()
	}
}

// arrived queues a parcel for its turn. It runs on the stream's dispatcher and
// never waits.
func (ps *parcels) arrived(ctx context.Context, iq, e *stream.Element) {
	t := ps.t
	to, ok := t.in.(bot.Receiver)
	d, err := t.unwrap(iq, e)
	switch {
	case !ok:
		t.bounce(ctx, iq, parcelError(bot.ErrNoReceiver))
	case err != nil:
		t.bounce(ctx, iq, stream.StanzaError{Type: stream.TypeModify, Condition: "bad-request", Text: err.Error()})
	case !ps.queue(to, d):
		t.bounce(ctx, iq, parcelError(bot.ErrBusy))
	}
}

// queue reports whether there was room for the parcel.
func (ps *parcels) queue(to bot.Receiver, d *delivery) bool {
	cost := int64(len(d.parcel.Body) + parcelCost)
	if !ps.budget.TryAcquire(cost) {
		return false
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	key := lane{d.parcel.From, d.parcel.To}
	q := ps.lanes[key]
	if q == nil && ps.work != nil && len(ps.lanes) < maxLanes {
		q = make(chan *delivery, laneLen)
		ps.lanes[key] = q
		work := ps.work
		ps.all.Go(func() { ps.accept(work, to, key, q) })
	}
	select {
	case q <- d: // never, where there is no lane
		return true
	default:
		ps.budget.Release(cost)
		return false
	}
}

// accept hands the parcels of one lane to the core, one after the other, and
// answers each when it is committed. A parcel that names another before it is
// taken only right behind that one: what came out of order, because one before
// it was lost on the way or could not be accepted, has to come again.
func (ps *parcels) accept(ctx context.Context, to bot.Receiver, key lane, q chan *delivery) {
	last := "" // the latest parcel that is done with for good
	idle := ps.t.clock.NewTimer(laneLinger)
	defer idle.Stop()
	for {
		select {
		case d := <-q:
			err := errGap
			if d.after == "" || d.after == last {
				err = to.Accept(ctx, &d.parcel)
			}
			if err == nil || errors.Is(err, bot.ErrNoReceiver) {
				last = d.parcel.ID
			}
			ps.answer(ctx, d, err)
			ps.budget.Release(int64(len(d.parcel.Body) + parcelCost))
			idle.Reset(laneLinger)
		case <-idle.C():
			if ps.retire(key, q) {
				return
			}
			idle.Reset(laneLinger)
		case <-ctx.Done():
			ps.drop(key, q)
			return
		}
	}
}

// answer tells the sender what became of a parcel.
func (ps *parcels) answer(ctx context.Context, d *delivery, err error) {
	t := ps.t
	defer t.handled.Add(1) // a sign of life for who waits for silence
	if err == nil {
		t.answer(ctx, stream.ResultReply(d.iq))
		return
	}
	if !errors.Is(err, errGap) {
		t.log.Info("a parcel was not accepted", "kind", d.parcel.Kind, "id", d.parcel.ID, "err", err)
	}
	t.bounce(ctx, d.iq, parcelError(err))
}

// errGap says that the parcel before this one is missing.
var errGap = errors.New("the one before it is missing, send that first")

// parcelError is what the sender is told. What happened here is none of its
// business.
func parcelError(err error) stream.StanzaError {
	if errors.Is(err, bot.ErrNoReceiver) {
		return stream.StanzaError{Type: stream.TypeCancel, Condition: "feature-not-implemented", Text: bot.ErrNoReceiver.Error()}
	}
	e := stream.StanzaError{Type: stream.TypeWait, Condition: "resource-constraint"}
	for _, safe := range []error{errGap, bot.ErrBusy, bot.ErrStopped, bot.ErrNotAccepted} {
		if errors.Is(err, safe) {
			e.Text = safe.Error()
		}
	}
	return e
}

// retire removes an idle lane, unless a parcel has just come.
func (ps *parcels) retire(key lane, q chan *delivery) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if len(q) > 0 {
		return false
	}
	delete(ps.lanes, key)
	return true
}

// drop gives up what waits at the end: its senders have no result and send it
// again.
func (ps *parcels) drop(key lane, q chan *delivery) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.lanes, key)
	for len(q) > 0 {
		d := <-q
		ps.budget.Release(int64(len(d.parcel.Body) + parcelCost))
	}
}
