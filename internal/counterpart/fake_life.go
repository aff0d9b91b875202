package counterpart

import (
	"context"
	"time"
)

// Pause freezes the server as SIGSTOP does: connections stay open and new ones
// are taken, but nothing is read and nothing is answered. What people do is
// done at Resume.
func (f *FakeXMPP) Pause() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.paused == nil {
		f.paused = make(chan struct{})
	}
	return nil
}

// Resume lets a paused server go on: what was queued is served.
func (f *FakeXMPP) Resume() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.paused == nil {
		return nil
	}
	close(f.paused)
	f.paused = nil
	frozen := f.frozen
	f.frozen = nil
	for _, do := range frozen {
		do()
	}
	return nil
}

// do runs what a person does, at once or after the pause.
func (f *FakeXMPP) do(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.paused != nil {
		f.frozen = append(f.frozen, what)
		return
	}
	what()
}

// Kill ends the server as a crash would: every connection is reset, what was
// on its way is gone, the rooms are empty and the people offline. Accounts,
// archives and messages for people who are offline stay for Restart.
func (f *FakeXMPP) Kill() error {
	f.Refuse()
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.links {
		l.abort()
	}
	f.up = false
	for _, r := range f.rooms {
		r.occupants = nil
	}
	for _, a := range f.accounts {
		for _, u := range a.devices {
			u.inbox.put(Event{Kind: "disconnected"})
		}
		a.devices = nil
	}
	f.frozen = nil
	return nil
}

// Restart takes connections again after Kill, at the same address; a server
// that runs is killed first. The error is that of listening; ctx is for the
// likeness with Server.
func (f *FakeXMPP) Restart(context.Context) error {
	if err := f.Kill(); err != nil {
		return err
	}
	if err := f.Resume(); err != nil {
		return err
	}
	f.mu.Lock()
	f.up = !f.stopped
	f.mu.Unlock()
	return f.Accept()
}

// stopGrace is how long Stop waits for a peer to take its last words.
const stopGrace = time.Second

// Stop ends the server in good order: components read system-shutdown and the
// end of their stream. It returns when nothing runs any more; who takes nothing for
// a second is reset. A second Stop does nothing.
func (f *FakeXMPP) Stop() error {
	f.Refuse()
	f.mu.Lock()
	if f.stopped {
		f.mu.Unlock()
		return nil
	}
	f.stopped, f.up = true, false
	for l := range f.links {
		l.refuse("system-shutdown", "")
	}
	for _, a := range f.accounts {
		a.devices = nil
	}
	f.mu.Unlock()

	gone := make(chan struct{})
	go func() { f.running.Wait(); close(gone) }()
	t := f.clock.NewTimer(stopGrace)
	defer t.Stop()
	select {
	case <-gone:
	case <-t.C():
		f.mu.Lock()
		for l := range f.links {
			l.abort()
		}
		f.mu.Unlock()
	}
	close(f.done)
	<-gone
	f.port.release()
	return nil
}
