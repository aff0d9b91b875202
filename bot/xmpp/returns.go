package xmpp

import (
	"sync"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// onReturn enters what a message says of one of ours that is on its way: an
// error, the echo of a room, a receipt. A receipt that says nothing else is
// done with then.
func (t *Transport) onReturn(e *stream.Element, from stream.JID) {
	c := t.courier
	switch e.Attr("type") {
	case "error":
		se := stream.ParseStanzaError(e)
		fate := bounced(se)
		if _, room := t.rooms.get(from); room {
			fate = sentBack(se)
		}
		c.learned(flightKey{from.String(), e.Attr("id")}, fate)
		return
	case "groupchat":
		r, ok := t.rooms.get(from.Bare())
		if ok && current(e) {
			r.marked(e, t.clock.Now())
		}
		if !ok || from.Resource() == "" || from.Resource() != r.nick() {
			return
		}
		for _, id := range ids(e) {
			c.arrived(r.jid.String(), id)
		}
		return
	}
	if id := e.Child(nsReceipts, "received").Attr("id"); id != "" {
		c.arrived(from.String(), id)
	}
	if e.Child(nsReceipts, "request") != nil && from.Resource() != "" {
		c.asking.add(from.String())
	}
}

// ids are the names that the sender of a message gave it. Some rooms replace
// the first but none the second (XEP-0359).
func ids(e *stream.Element) []string {
	list := []string{e.Attr("id")}
	if id := e.Child(nsStanzaIDs, "origin-id").Attr("id"); id != "" && id != list[0] {
		list = append(list, id)
	}
	return list
}

// maxAskers bounds askers; twice as many are remembered at times.
const maxAskers = 5000

// askers are the full JIDs that have asked for receipts, and so give them. Who
// was silent while many others asked is forgotten.
type askers struct {
	mu       sync.Mutex
	now, old map[string]struct{}
}

func (a *askers) add(full string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.now == nil || len(a.now) >= maxAskers {
		a.now, a.old = make(map[string]struct{}), a.now
	}
	a.now[full] = struct{}{}
}

func (a *askers) has(full string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, now := a.now[full]
	_, old := a.old[full]
	return now || old
}

var _ bot.Courier = (*Transport)(nil)
