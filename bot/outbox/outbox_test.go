package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/outbox"
	"dragoman/bot/outbox/outboxtest"
	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

// bubble runs a test in which time passes only while everybody waits, on an
// outbox that leads to a world.
func bubble(t *testing.T, admins []bot.Destination, test func(t *testing.T, p *process, w *outboxtest.World)) {
	t.Helper()
	t.Parallel()
	s := &storage{url: "sqlite::memory:"}
	s.admins, s.giveUp = func() []bot.Destination { return admins }, 40*time.Minute
	synctest.Test(t, func(t *testing.T) {
		w := outboxtest.NewWorld()
		p := s.start(t, clock.System{}, map[string]bot.Transport{outboxtest.TransportName: w.Courier()})
		synctest.Wait()
		test(t, p, w)
		p.stop()
	})
}

func message(to, id, text string) bot.Outgoing {
	return bot.Outgoing{Destination: bot.Destination{Transport: outboxtest.TransportName, To: bot.Address(to)}, ID: id, Reply: bot.Say(text)}
}

func has(t *testing.T, w *outboxtest.World, to string, want ...string) {
	t.Helper()
	if got := w.Texts(bot.Address(to)); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%s read %q, want %q", to, got, want)
	}
}

func TestAHeldPlaceIsAskedAgainWithin15Seconds(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *process, w *outboxtest.World) {
		w.Close("john")
		add(t, p, message("john", "a", "hello"))
		before := w.Carried()
		time.Sleep(20 * time.Minute)
		tries := w.Carried() - before
		if tries < 1200/15 || tries > 1200/15+10 {
			t.Errorf("%d tries in 20 minutes", tries)
		}
		has(t, w, "john")
		opened := time.Now()
		w.Open("john")
		p.Sent(t.Context(), "a")
		for len(w.Got("john")) == 0 {
			<-w.Changed()
		}
		if waited := time.Since(opened); waited > 100*time.Millisecond {
			t.Errorf("sent %v after the opening", waited)
		}
		if e := entries(t, p, outbox.Acknowledged); len(e) != 1 && time.Since(opened) > time.Second {
			t.Errorf("entries: %+v", e)
		}
		if tried := w.Got("john")[0].Tried; !tried.IsZero() {
			t.Errorf("what was held counts as tried at %v", tried)
		}
	})
}

func TestALateNoticeKeepsTheTimeAtWhichItHappened(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *process, w *outboxtest.World) {
		w.Close("john")
		out := message("john", "a", "machine1 has gone down.")
		happened := time.Now().Add(-time.Minute).UTC()
		out.At = happened
		add(t, p, out)
		add(t, p, message("john", "b", "now"))
		accepted := time.Now()
		time.Sleep(10 * time.Minute)
		w.Open("john")
		for len(w.Got("john")) < 2 {
			<-w.Changed()
		}
		if got := w.Got("john"); !got[0].At.Equal(happened) || !got[1].At.Equal(accepted) {
			t.Errorf("at %v and %v, want %v and %v", got[0].At, got[1].At, happened, accepted)
		}
	})
}

func TestWhatIsTooOldIsGivenUpAndAnAdministratorTold(t *testing.T) {
	admin := message("admin", "", "").Destination
	bubble(t, []bot.Destination{admin}, func(t *testing.T, p *process, w *outboxtest.World) {
		w.Close("john")
		add(t, p, message("john", "a", "old"))
		time.Sleep(30 * time.Minute)
		add(t, p, message("john", "b", "young"))
		time.Sleep(15 * time.Minute)
		if failed := entries(t, p, outbox.Failed); len(failed) != 1 || failed[0].MessageID != "a" || !strings.Contains(failed[0].Reason, "too old") {
			t.Errorf("failed: %+v", failed)
		}
		if told := w.Texts("admin"); len(told) != 1 || !strings.Contains(told[0], "A message to john could not be delivered") {
			t.Errorf("told: %q", told)
		}
		w.Open("john")
		time.Sleep(time.Minute)
		has(t, w, "john", "young")
	})
}

func TestAdministratorsAreToldTogetherAndOnceADay(t *testing.T) {
	room := message("ops", "", "").Destination
	room.Room = true
	admins := []bot.Destination{message("admin", "", "").Destination, room}
	bubble(t, admins, func(t *testing.T, p *process, w *outboxtest.World) {
		flood := func(day int) {
			for i := range 10 {
				for _, to := range []string{"15551234567@sms", "jane", "jack", "jim", "joe", "jill", "jo"} {
					w.Plan(bot.Address(to), outboxtest.Refusal)
					add(t, p, message(to, fmt.Sprint(day, to, i), "hello"))
				}
			}
			time.Sleep(2 * time.Minute)
		}
		flood(1)
		told := w.Texts("admin")
		if len(told) != 1 || strings.Count(told[0], "could not be delivered") != 5 || !strings.Contains(told[0], "2 more destinations") {
			t.Fatalf("told: %q", told)
		}
		if inRoom := strings.Join(w.Texts("ops"), "\n"); strings.Contains(inRoom, "5551234") || !strings.Contains(inRoom, "xxxxxxxx567@sms") {
			t.Errorf("the room reads %s", inRoom)
		}
		flood(2) // the same day
		if n := len(w.Texts("admin")); n != 1 {
			t.Errorf("told %d times", n)
		}
		time.Sleep(24 * time.Hour)
		flood(3)
		if n := len(w.Texts("admin")); n != 2 {
			t.Errorf("told %d times by the next day", n)
		}
		if n := len(entries(t, p, outbox.Failed)); n == 0 {
			t.Error("no dead letter is listed")
		}
	})
}

// An administrator who cannot be told is no reason to tell the administrators.
func TestAlertsDoNotFeedThemselves(t *testing.T) {
	bubble(t, []bot.Destination{message("admin", "", "").Destination}, func(t *testing.T, p *process, w *outboxtest.World) {
		w.Plan("admin", outboxtest.Refusal, outboxtest.Refusal, outboxtest.Refusal, outboxtest.Refusal)
		w.Plan("john", outboxtest.Refusal)
		add(t, p, message("john", "a", "hello"))
		time.Sleep(10 * time.Minute)
		if n := len(entries(t, p)); n > 4 {
			t.Errorf("%d messages came of one", n)
		}
	})
}

func TestOnlyOpenRepetitionsInDoubtConcernAdministrators(t *testing.T) {
	bubble(t, []bot.Destination{message("admin", "", "").Destination}, func(t *testing.T, p *process, w *outboxtest.World) {
		w.Plan("john", outboxtest.LostAck)
		add(t, p, message("john", "a", "hello"))
		time.Sleep(10 * time.Minute)
		has(t, w, "admin")
		for range 10 {
			w.Plan("jane", outboxtest.LostBoth)
		}
		add(t, p, message("jane", "b", "hello"))
		time.Sleep(10 * time.Minute)
		if told := w.Texts("admin"); len(told) != 1 || !strings.Contains(told[0], "Nobody knows whether a message to jane arrived") {
			t.Errorf("told: %q", told)
		}
		if unknown := entries(t, p, outbox.Unknown); len(unknown) != 3 {
			t.Errorf("unknown: %+v", unknown)
		}
	})
}

// A courier that hangs or panics is nobody's loss.
func TestACourierWithAMistakeLosesNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *process, w *outboxtest.World) {
		w.OnDeath(func() { panic("a mistake") })
		w.Plan("ops", outboxtest.DieBefore)
		out := message("ops", "a", "hello")
		out.Room = true
		add(t, p, out)
		release := w.Stall("john")
		defer release()
		add(t, p, message("john", "b", "hello"))
		time.Sleep(time.Minute)
		has(t, w, "ops", "hello")
		time.Sleep(10 * time.Minute)
		release()
		time.Sleep(10 * time.Minute)
		has(t, w, "john", "hello")
	})
}

func entries(t *testing.T, p *process, states ...outbox.State) []outbox.Entry {
	t.Helper()
	list, err := p.Messages(t.Context(), outbox.Filter{States: states, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMessagesAreListedWithTheirStates(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *process, w *outboxtest.World) {
		w.Close("ops")
		w.Plan("jane", outboxtest.Refusal)
		waiting := message("ops", "w", "waits")
		waiting.Room = true
		parcel := message("stage", "p", "")
		parcel.Parcel = &bot.Parcel{Kind: "issues.translate"}
		for _, out := range []bot.Outgoing{waiting, message("jane", "r", "refused"), message("john", "k", "arrives"), parcel} {
			add(t, p, out)
		}
		time.Sleep(2500 * time.Millisecond) // between two tries
		want := map[string]outbox.State{"w": outbox.Accepted, "r": outbox.Failed, "k": outbox.Acknowledged, "p": outbox.Acknowledged}
		texts := map[string]string{"w": "waits", "r": "refused", "k": "arrives", "p": "parcel issues.translate"}
		list := entries(t, p)
		if len(list) != len(want) {
			t.Fatalf("%+v", list)
		}
		for _, e := range list {
			if e.State != want[e.MessageID] || e.Text != texts[e.MessageID] || e.Transport != outboxtest.TransportName || e.Added.IsZero() ||
				(e.State == outbox.Accepted) != e.Finished.IsZero() || e.Room != (e.MessageID == "w") || (e.State == outbox.Acknowledged) == (e.Reason != "") {
				t.Errorf("%+v", e)
			}
		}
		if got := entries(t, p, outbox.Failed); len(got) != 1 || got[0].To != "jane" {
			t.Errorf("failed: %+v", got)
		}
		if got, err := p.Messages(t.Context(), outbox.Filter{Transport: "other"}); err != nil || len(got) != 0 {
			t.Errorf("of another transport: %+v, %v", got, err)
		}
		if got, err := p.Messages(t.Context(), outbox.Filter{Limit: 2, Before: list[0].ID}); err != nil || len(got) != 2 || got[0].ID != list[1].ID {
			t.Errorf("the next page: %+v, %v", got, err)
		}
	})
}

func TestOldMarksAreDeleted(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *process, _ *outboxtest.World) {
		for i := range 2500 {
			keep := time.Minute
			if i%100 == 0 {
				keep = time.Hour
			}
			if _, err := p.Once(t.Context(), fmt.Sprint(i), keep, func(context.Context) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(12 * time.Minute)
		if n := count(t, p.db, "SELECT COUNT(*) FROM inbox_seen"); n != 25 {
			t.Errorf("%d marks are left, want 25", n)
		}
	})
}

func TestADatabaseThatTakesNothingIsNotAccepted(t *testing.T) {
	databases(t, func(t *testing.T, fresh func(testing.TB) *storage) {
		s := fresh(t)
		w := outboxtest.NewWorld()
		p := s.start(t, clock.System{}, map[string]bot.Transport{outboxtest.TransportName: w.Courier()})
		mine := errors.New("mine")
		for _, tt := range []struct {
			name string
			err  error
			want bool
		}{
			{"the handler's own", mine, false},
			{"a refusal", bot.Refuse("no"), false},
			{"full", fmt.Errorf("insert: %w", store.ErrFull), true},
		} {
			_, err := p.Once(t.Context(), tt.name, time.Hour, func(context.Context) error { return tt.err })
			if errors.Is(err, bot.ErrNotAccepted) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Once(gone, "gone", time.Hour, func(context.Context) error { return nil }); !errors.Is(err, context.Canceled) || errors.Is(err, bot.ErrNotAccepted) {
			t.Errorf("whoever went away: %v", err)
		}
		if p.db.Dialect() == store.SQLite {
			full(t, p)
		}
		p.cut()
		if _, err := p.Once(t.Context(), "cut", time.Hour, func(context.Context) error { return nil }); !errors.Is(err, bot.ErrNotAccepted) {
			t.Errorf("without a database: %v", err)
		}
		if err := p.Add(t.Context(), message("john", "z", "hello")); !errors.Is(err, bot.ErrNotAccepted) {
			t.Errorf("without a database: %v", err)
		}
		p.kill()
	})
}

// full fills the database up, and makes room again.
func full(t *testing.T, p *process) {
	limit(t, p.db, true)
	var err error
	accepted := 0
	for ; err == nil && accepted < 1000; accepted++ {
		_, err = p.Once(t.Context(), fmt.Sprint("full", accepted), time.Hour, func(ctx context.Context) error {
			return p.Add(ctx, message("john", fmt.Sprint(accepted), strings.Repeat("long ", 2000)))
		})
	}
	if !errors.Is(err, bot.ErrNotAccepted) || !errors.Is(err, store.ErrFull) {
		t.Errorf("on a full database: %v", err)
	}
	limit(t, p.db, false)
	again, err := p.Once(t.Context(), fmt.Sprint("full", accepted-1), time.Hour, func(ctx context.Context) error {
		return p.Add(ctx, message("john", "last", "it works again"))
	})
	if again || err != nil {
		t.Errorf("after room was made: again %v, %v", again, err)
	}
}

func TestRunRefusesWhatItCannotDo(t *testing.T) {
	w := outboxtest.NewWorld()
	p := sqlite(t).start(t, clock.System{}, map[string]bot.Transport{outboxtest.TransportName: w.Courier()})
	add(t, p, message("john", "a", "hello"))
	for len(w.Got("john")) == 0 {
		<-w.Changed()
	}
	if err := p.Run(t.Context(), nil); err == nil {
		t.Error("a second Run was accepted")
	}
	idle := outbox.New(outbox.Config{DB: p.db, Queue: queue.New(queue.Config{DB: p.db, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})})
	if err := idle.Run(t.Context(), map[string]bot.Transport{"other": w.Courier()}); err == nil {
		t.Error("a transport that was not announced was accepted")
	}
}

// Where a lease is lost nothing is claimed, and who wins it delivers.
func TestNothingIsSentBehindTheFence(t *testing.T) {
	s := sqlite(t)
	refuse := errors.New("not ours")
	var ours = make(chan struct{})
	s.fence = func(context.Context) error {
		select {
		case <-ours:
			return nil
		default:
			return refuse
		}
	}
	synctest.Test(t, func(t *testing.T) {
		w := outboxtest.NewWorld()
		p := s.start(t, clock.System{}, map[string]bot.Transport{outboxtest.TransportName: w.Courier()})
		add(t, p, message("john", "a", "hello"))
		time.Sleep(time.Hour)
		if n := w.Carried(); n > 0 {
			t.Errorf("%d messages were carried", n)
		}
		close(ours)
		time.Sleep(2 * time.Minute)
		has(t, w, "john", "hello")
		p.stop()
	})
}
