package counterpart

import (
	"context"
	"maps"
	"slices"
)

// fakeOfflineLimit is how many messages are kept for somebody who is offline;
// what comes then is returned, as real servers do.
const fakeOfflineLimit = 10_000

// fakeAccount is somebody at the server's domain.
type fakeAccount struct {
	f       *FakeXMPP
	jid     string
	devices []*FakeUser // that are online
	stored  []*elem     // for when one comes online
	// sees are the addresses whose presence the account gets, seenBy those
	// that get its own.
	sees, seenBy map[string]bool
}

// account finds the account of a bare JID, or makes it.
func (f *FakeXMPP) account(bare string) *fakeAccount {
	a := f.accounts[bare]
	if a == nil {
		a = &fakeAccount{f: f, jid: bare, sees: map[string]bool{}, seenBy: map[string]bool{}}
		f.accounts[bare] = a
	}
	return a
}

// AddUser makes an account; the password is for the likeness with Server.
func (f *FakeXMPP) AddUser(_ context.Context, local, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.account(local + "@" + f.Domain)
	return nil
}

// toAccount is RFC 6121 section 8.5.
func (f *FakeXMPP) toAccount(s *elem, to jid) *fault {
	a := f.accounts[to.bare()]
	switch {
	case a == nil && s.local == "presence":
		return nil
	case a == nil:
		return faultUnavailable
	case s.local == "presence" && to.resource == "":
		a.presence(s)
		return nil
	}
	if to.resource != "" {
		for _, d := range a.devices {
			if d.jid == s.attr("to") {
				d.receive(s)
				return nil
			}
		}
	}
	switch s.local {
	case "message":
		return a.message(s, to)
	case "iq":
		if to.resource != "" || !asks(s) {
			return faultUnavailable
		}
		return f.toService(s, []*elem{identity("account", "registered", "")}, []string{nsPing}, nil)
	}
	return nil
}

// message is for the account, or for a device that is not there.
func (a *fakeAccount) message(s *elem, to jid) *fault {
	switch kind := s.attr("type"); {
	case kind == "groupchat":
		return faultUnavailable
	case kind == "error", kind == "headline" && (to.resource != "" || len(a.devices) == 0):
		return nil
	case len(a.devices) > 0:
		for _, d := range slices.Clone(a.devices) {
			d.receive(s)
		}
	case len(a.stored) == fakeOfflineLimit:
		return faultUnavailable
	default: // XEP-0160
		delay := el(nsDelay, "delay", "Offline Storage").set("from", a.f.Domain).set("stamp", a.f.stamp())
		a.stored = append(a.stored, s.clone().add(delay))
	}
	return nil
}

// presence keeps the books on who sees whom (RFC 6121 sections 3 and 4).
func (a *fakeAccount) presence(s *elem) {
	from := bareJID(s.attr("from"))
	switch s.attr("type") {
	case "subscribed":
		a.sees[from] = true
	case "unsubscribed":
		delete(a.sees, from)
	case "unsubscribe":
		delete(a.seenBy, from)
	case "probe":
		for _, d := range slices.Clone(a.devices) {
			if a.seenBy[from] {
				a.f.route(el(nsClient, "presence").set("from", d.jid).set("to", s.attr("from")))
			}
		}
		return
	}
	for _, d := range slices.Clone(a.devices) {
		d.receive(s)
	}
}

// tell sends the presence of a device to all who see it.
func (a *fakeAccount) tell(device, kind string) {
	for _, to := range slices.Sorted(maps.Keys(a.seenBy)) {
		a.f.route(el(nsClient, "presence").set("from", device).set("to", to).set("type", kind))
	}
}
