package client

import (
	"testing"

	"dragoman/bot/xmpp/stream"
)

// P1: the server is told of nothing that is not done with, and of what is done
// with later without asking again: it may never have a reason to.
func TestWhatIsDoneLateIsConfirmedUnasked(t *testing.T) {
	later := make(chan func(), 3)
	steps, done := make(chan struct{}), make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		p.newSession("s1")
		p.send("<message/><message/><message/>")
		if h := p.confirmed(); h != "0" {
			t.Errorf("confirmed %s when nothing was done with", h)
		}
		for _, want := range []string{"2", "3"} {
			steps <- struct{}{}
			if h := p.want("a").Attr("h"); h != want {
				t.Errorf("told of %s, want %s", h, want)
			}
		}
	})
	store := &memoryStore{saved: map[string]Saved{}}
	link := mustConnect(t, plainAccount(t, addr, func(c *Config) { c.Resume = store }))
	handling := link.Handling
	link.Handling = func(e *stream.Element) func() {
		later <- handling(e)
		return func() {}
	}
	work(t, link, nil)
	<-steps
	first, second, third := <-later, <-later, <-later
	second()
	first()
	<-steps
	third()
	<-done
	if saved, _ := store.Load(t.Context(), "bot@"+testDomain); saved.Handled != 3 {
		t.Errorf("the ResumeStore has %d, want 3", saved.Handled)
	}
}
