package check

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dragoman/internal/clock"
)

// fakeProber answers every address alike.
type fakeProber struct {
	ago time.Duration
	err error
}

func (f *fakeProber) Ping(context.Context, string) error { return f.err }
func (f *fakeProber) LastActivity(context.Context, string) (time.Duration, error) {
	return f.ago, f.err
}

func TestXMPPPing(t *testing.T) {
	for _, c := range []struct {
		err    error
		state  State
		detail string
	}{
		{nil, Up, ""},
		{fmt.Errorf("ping: %w", ErrAnswered), Up, ""},
		{fmt.Errorf("ping: %w", ErrNotThere), Down, "nobody is there"},
		{context.DeadlineExceeded, Down, "no answer in time"},
		{ErrNoConnection, Unknown, "no XMPP connection to ask over"},
		{context.Canceled, Unknown, interrupted},
		{errors.New("hunter2"), Unknown, "cannot ask over XMPP"},
	} {
		expect(t, run(t, Spec{Kind: "xmpp-ping", Target: "h"}, Deps{XMPP: &fakeProber{err: c.err}}), c.state, c.detail)
	}
}

func TestXMPPLastActivityMeansThreeThings(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		jid    string
		ago    time.Duration
		err    error
		state  State
		detail string
		since  time.Time
	}{
		{"h", 3 * time.Hour, nil, Up, "", now.Add(-3 * time.Hour)},
		{"h", 0, nil, Up, "", now},
		{"h", -time.Second, nil, Unknown, "the answer makes no sense", time.Time{}},
		{"h", 0, ErrAnswered, Up, "it answers, but does not tell since when", time.Time{}},
		{"h", 0, ErrNotThere, Down, "nobody is there", time.Time{}},
		{"h", 0, ErrNoConnection, Unknown, "no XMPP connection to ask over", time.Time{}},
		{"john@h/phone", 5 * time.Minute, nil, Up, "idle for 5 minutes", time.Time{}},
		{"john@h", 0, nil, Up, "", time.Time{}},
		{"john@h", 2 * time.Hour, nil, Down, "last seen 2 hours ago", time.Time{}},
		{"john@h", 0, ErrAnswered, Unknown, "its server does not tell; the account may have to share its presence with the bot", time.Time{}},
	} {
		check, err := New(Spec{Kind: "xmpp-last", Target: c.jid}, Deps{Clock: clock.NewFake(now), XMPP: &fakeProber{c.ago, c.err}})
		if err != nil {
			t.Fatal(err)
		}
		r := check.Check(t.Context())
		expect(t, r, c.state, c.detail)
		if !r.Since.Equal(c.since) {
			t.Errorf("%s %v: since %v, want %v", c.jid, c.ago, r.Since, c.since)
		}
	}
}

func TestXMPPNeedsAnAddress(t *testing.T) {
	for _, jid := range []string{"", "@h", "john@", "a b", "john@h h", "/r", "<a>@h"} {
		if _, err := New(Spec{Kind: "xmpp-ping", Target: jid}, Deps{XMPP: &fakeProber{}}); err == nil {
			t.Errorf("%q was accepted", jid)
		}
	}
}

func TestConditionTellsAnAnswerFromAnAbsence(t *testing.T) {
	for _, c := range []struct {
		jid, condition string
		want           error
	}{
		{"h", "service-unavailable", ErrAnswered},
		{"h", "feature-not-implemented", ErrAnswered},
		{"h", "forbidden", ErrNotAsked},
		{"h", "not-allowed", ErrNotAsked},
		{"h", "remote-server-not-found", ErrNotThere},
		{"h", "remote-server-timeout", ErrNotThere},
		{"john@h", "service-unavailable", ErrNotThere},
		{"h/r", "service-unavailable", ErrNotThere},
		{"john@h/r", "service-unavailable", ErrNotThere},
		{"john@h/r", "recipient-unavailable", ErrNotThere},
		{"john@h", "item-not-found", ErrNotThere},
		{"john@h", "gone", ErrNotThere},
		{"john@h/r", "feature-not-implemented", ErrAnswered},
		{"john@h/r", "something-new", ErrNotAsked},
	} {
		if got := Condition(c.jid, c.condition); got != c.want {
			t.Errorf("Condition(%s, %s) = %v, want %v", c.jid, c.condition, got, c.want)
		}
	}
}
