package status

import (
	"context"
	"slices"

	"dragoman/bot"
)

// laneKey names a lane. Every room has its own, since the bot may not be in it
// at the moment. Direct messages wait for nothing but the connection, so those
// of one transport share a lane.
type laneKey struct {
	transport string
	room      bot.Address // empty for direct messages
}

func laneOf(d bot.Destination) laneKey {
	if d.Room {
		return laneKey{d.Transport, d.To}
	}
	return laneKey{d.Transport, ""}
}

// lane delivers notices in order. It exists as long as it has some.
type lane struct {
	key     laneKey
	teller  *teller
	waiting pending // guarded by teller.mu
}

// notice is a change and the places of one lane that are to be told.
type notice struct {
	change *change
	to     []bot.Destination
}

// drive delivers what is waiting until nothing is, or ctx ends.
func (l *lane) drive(ctx context.Context) {
	t := l.teller
	for {
		t.mu.Lock()
		n, ok := l.waiting.take()
		if !ok {
			delete(t.lanes, l.key)
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		l.deliver(ctx, n)
		if ctx.Err() != nil {
			return // the change stays open
		}
		t.mu.Lock()
		t.close(n.change)
		t.mu.Unlock()
	}
}

// deliver hands one notice to the transport for each place. What the transport
// refuses, or does not take in time, is logged and given up.
func (l *lane) deliver(stop context.Context, n notice) {
	t := l.teller
	if !t.watched(n.change.machine) {
		return
	}
	ctx, cancel := context.WithTimeout(stop, patience-t.clock.Now().Sub(n.change.at))
	defer cancel()
	reply := bot.Say(n.change.text())
	var missed int
	var first error
	for i, d := range n.to {
		err := t.notify.Notify(ctx, d, reply)
		if err == nil {
			continue
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			missed += len(n.to) - i
			break
		}
		missed++
	}
	if missed > 0 {
		t.log.Error("a notice did not reach its places", "machine", n.change.machine.Name, "to", n.change.to,
			"transport", l.key.transport, "room", l.key.room, "places", len(n.to), "missed", missed,
			"stopping", stop.Err() != nil, "err", first)
	}
}

// pending are notices in the order of their coming, at most one of each
// machine. The zero value is empty.
type pending struct {
	order []*machine
	by    map[*machine]notice
}

// put appends a notice, or replaces the one that waits of the same machine and
// returns that.
func (p *pending) put(n notice) (before notice, waited bool) {
	m := n.change.machine
	if before, waited = p.by[m]; !waited {
		p.order = append(p.order, m)
	}
	if p.by == nil {
		p.by = make(map[*machine]notice)
	}
	p.by[m] = n
	return before, waited
}

// putBack makes a notice that was taken the first again, unless a later one of
// its machine has come.
func (p *pending) putBack(n notice) {
	m := n.change.machine
	if _, later := p.by[m]; later {
		return
	}
	p.order = slices.Insert(p.order, 0, m)
	p.by[m] = n
}

// take removes the oldest.
func (p *pending) take() (notice, bool) {
	if len(p.order) == 0 {
		return notice{}, false
	}
	m := p.order[0]
	p.order[0] = nil
	p.order = p.order[1:]
	n := p.by[m]
	delete(p.by, m)
	return n, true
}

// takeAll removes the oldest, at most n.
func (p *pending) takeAll(n int) []notice {
	list := make([]notice, 0, min(n, len(p.order)))
	for len(list) < n {
		next, ok := p.take()
		if !ok {
			break
		}
		list = append(list, next)
	}
	return list
}
