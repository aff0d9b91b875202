package xmpp_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

// TestFaults runs what breaks connections and servers, on real ones and on the fake.
func TestFaults(t *testing.T) {
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		for _, test := range []struct {
			name string
			run  func(context.Context, *testing.T, *place)
		}{
			{"a refusal at the first connect ends the bot with a clear error", aRefusalEndsTheBot},
			{"a second connection is noticed", aSecondConnectionIsNoticed},
			{"what is queued at the stop is sent", whatIsQueuedAtTheStopIsSent},
			{"a dead line is noticed", aDeadLineIsNoticed},
			{"a paused server is noticed", aPausedServerIsNoticed},
			{"a killed server finds the bot back in its rooms", aKilledServerFindsTheBotBack},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(ctx, t, s) })
		}
	})
}

func aRefusalEndsTheBot(ctx context.Context, t *testing.T, s *place) {
	unknown := "the server knows no component"
	if s.Kind == "ejabberd" {
		unknown = "also says so of a domain it does not know" // it has one answer for both
	}
	for _, test := range []struct {
		name, want string
		condition  string
		change     setup
	}{
		{"wrong secret", "refuses the secret of " + botDomain, stream.NotAuthorized,
			func(_ *xmpp.Config, c *component.Config) { c.Secret = "wrong" }},
		{"unknown domain", unknown, stream.HostUnknown, func(x *xmpp.Config, c *component.Config) {
			c.Domain = "nobody.example.org"
			x.Main = stream.MustParse("dragoman@nobody.example.org")
		}},
	} {
		r := launch(ctx, t, s, nil, test.change)
		select {
		case err := <-r.ended:
			var refused *stream.Error
			if err == nil || !strings.Contains(err.Error(), test.want) || !errors.As(err, &refused) {
				t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
			} else if s.Kind == "prosody" && refused.Condition != test.condition {
				t.Errorf("%s: condition %s, want %s", test.name, refused.Condition, test.condition)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells the secret: %v", test.name, err)
			}
		case <-time.After(soon):
			t.Errorf("%s: the bot goes on trying", test.name)
		}
	}
}

func aSecondConnectionIsNoticed(ctx context.Context, t *testing.T, s *place) {
	const split, taken = "takes a share", "another connection uses this address"
	alone := launch(ctx, t, s, (*xmpp.Transport).HastyCanary)
	alone.awaitLog("msg=connected")
	john := s.login(ctx, t, "john")
	john.settle()
	check(t, john.Ping(ctx, mainJID))
	since := alone.journal.len()

	began := time.Now()
	second := launch(ctx, t, s, (*xmpp.Transport).HastyCanary)
	if s.Kind == "prosody" { // it gives the domain to the newcomer and says so
		line := alone.awaitLogSince(since, taken)
		if !strings.Contains(line, "kick_old") || !waitsFiveSeconds(line) {
			t.Errorf("after a conflict it logs %s, want kick_old and a wait of 5 s", line)
		}
		second.awaitLog("msg=connected")
		john.settle() // with the second, undisturbed
		alone.silent(split)
		second.silent(split)
		alone.stop()
		return
	}
	alone.silent(split) // as long as it was alone
	for _, r := range []*rig{second, alone} {
		if line := r.awaitLog(split); !strings.Contains(line, "level=ERROR") {
			t.Errorf("the split is no error: %s", line)
		}
	}
	t.Logf("both noticed the split %v after the second began", time.Since(began).Round(time.Millisecond))
}

// waitsFiveSeconds reads retry_in of a line of the log.
func waitsFiveSeconds(line string) bool {
	_, after, _ := strings.Cut(line, "retry_in=")
	value, _, _ := strings.Cut(after, " ")
	d, err := time.ParseDuration(value)
	return err == nil && d >= 5*time.Second
}

func whatIsQueuedAtTheStopIsSent(ctx context.Context, t *testing.T, s *place) {
	const many = 100
	r := up(ctx, t, s)
	comp := s.evil(ctx, t)
	var batch strings.Builder
	for i := range many {
		fmt.Fprintf(&batch, "<message id='q%d' from='q%[1]d@%s' to='%s'><body>count queued</body></message>", i, evilDomain, mainJID)
	}
	comp.raw(batch.String())
	comp.hears(mainJID, "queued ")
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("Run returned %v after its context ended", err)
	}
	done := r.calls.of("queued")
	for range done - 1 {
		comp.hears(mainJID, "queued ")
	}
	t.Logf("%d of %d were accepted before the stop, and all of them answered", done, many)
}

func aDeadLineIsNoticed(ctx context.Context, t *testing.T, s *place) {
	line := counterpart.LineTo(t, s.Component(botDomain))
	r := launch(ctx, t, s, (*xmpp.Transport).Hasty, at(line.Addr()), inRooms(s.Room("ops")))
	r.awaitLogSince(0, "in the room")
	john := s.login(ctx, t, "john")
	for _, fault := range []struct {
		name       string
		hurt, mend func()
	}{
		{"stalled", line.Stall, line.Pass},
		{"swallowed", line.Swallow, func() { line.Pass(); line.Reset() }},
	} {
		since, began := r.journal.len(), time.Now()
		fault.hurt()
		r.awaitLogSince(since, "msg=disconnected", stream.ErrPingTimeout.Error())
		noticed := time.Since(began)
		since, began = r.journal.len(), time.Now()
		fault.mend()
		r.awaitLogSince(since, "in the room")
		t.Logf("%s line: noticed in %v, back in the room %v after it was mended",
			fault.name, noticed.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
		john.settle()
	}
	since := r.journal.len()
	line.Reset()
	r.awaitLogSince(since, "in the room")
	john.settle()
}

func aPausedServerIsNoticed(ctx context.Context, t *testing.T, s *place) {
	r := launch(ctx, t, s, (*xmpp.Transport).Hasty, inRooms(s.Room("ops")))
	r.awaitLogSince(0, "in the room")
	john := s.login(ctx, t, "john")
	john.settle()
	since, began := r.journal.len(), time.Now()
	check(t, s.Pause())
	r.awaitLogSince(since, "msg=disconnected", stream.ErrPingTimeout.Error())
	noticed := time.Since(began)
	since, began = r.journal.len(), time.Now()
	check(t, s.Resume())
	r.awaitLogSince(since, "in the room")
	back := time.Since(began)
	t.Logf("paused %s: noticed in %v, back in the room %v after it went on", s.Kind, noticed.Round(time.Millisecond), back.Round(time.Millisecond))
	if back > 10*time.Second {
		t.Errorf("back after %v, want 10 s at most", back)
	}
	john.settle()
	r.silent("takes a share")
}

// aKilledServerFindsTheBotBack kills the server again and again under traffic
// in a room and directly. Each request has a name that nothing else has, so
// that what is executed or answered twice shows.
func aKilledServerFindsTheBotBack(ctx context.Context, t *testing.T, s *place) {
	const kills = 2
	ops := s.Room("ops")
	r := launch(ctx, t, s, nil, inRooms(ops))
	r.awaitLogSince(0, "in the room")
	replies := &calls{by: map[string]int{}}
	for round := range kills {
		john, comp := s.login(ctx, t, "john"), s.evil(ctx, t)
		john.join(ops, "John")
		load := startLoad(ctx, comp, john, ops, round)
		comp.hears(mainJID, fmt.Sprintf("r%d-100 ", round)) // it is under way
		since := r.journal.len()
		check(t, s.Kill())
		load.Wait()
		r.awaitLogSince(since, "msg=disconnected")
		count(replies, comp, john)

		began := time.Now()
		check(t, s.Restart(ctx))
		returned := time.Now()
		r.awaitLogSince(since, "in the room")
		back := time.Since(returned)
		t.Logf("%s was back %v after its start; the bot was in its room %v after that", s.Kind,
			returned.Sub(began).Round(time.Millisecond), back.Round(time.Millisecond))
		if back > 10*time.Second {
			t.Errorf("in its room %v after the server's return, want 10 s at most", back)
		}
	}
	// Whatever the server still had of the time before is here by now.
	john, comp := s.login(ctx, t, "john"), s.evil(ctx, t)
	john.join(ops, "John")
	john.sees(ops, "dragoman", "")
	john.sayRoom(ops, "!count the last")
	john.hears(ops+"/dragoman", "the last 1")
	comp.settle()
	john.settle()
	count(replies, comp, john)
	asked, answered := 0, 0
	for what, n := range r.calls.all() {
		if asked++; n > 1 {
			t.Errorf("%s was executed %d times", what, n)
		}
	}
	for what, n := range replies.all() {
		if answered++; n > 1 {
			t.Errorf("%s was answered %d times", what, n)
		}
	}
	t.Logf("%d requests executed, %d of the answers seen, none twice", asked, answered)
}

// startLoad writes to the bot, directly and in the room, until it cannot any
// more.
func startLoad(ctx context.Context, comp, john *person, room string, round int) *sync.WaitGroup {
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i += 10 {
			var batch strings.Builder
			for k := i; k < i+10; k++ {
				fmt.Fprintf(&batch, "<message id='%d' from='u%d@%s' to='%s'><body>count r%d-%d</body><origin-id xmlns='urn:xmpp:sid:0' id='o%[5]d-%[6]d'/></message>",
					k, k%20, evilDomain, mainJID, round, k)
			}
			if comp.Raw(ctx, batch.String()) != nil {
				return
			}
		}
	})
	wg.Go(func() {
		for i := 0; ; i++ {
			_, err := john.Send(ctx, counterpart.Outgoing{To: room, Type: "groupchat", Body: "!count room" + strconv.Itoa(round) + "-" + strconv.Itoa(i)})
			if err != nil || len(john.Received(func(e counterpart.Event) bool { return e.Kind == "disconnected" })) > 0 {
				return
			}
		}
	})
	return &wg
}

// count enters the answers that have come.
func count(replies *calls, from ...*person) {
	for _, p := range from {
		for _, e := range p.Received(messages("")) {
			if e.Type != "error" && e.Delay == "" && strings.Contains(e.From, "dragoman") && !strings.HasPrefix(e.Body, "!") {
				replies.add(e.Body)
			}
		}
	}
}
