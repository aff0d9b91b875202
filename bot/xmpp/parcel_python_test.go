package xmpp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os/exec"
	"reflect"
	"testing"

	"dragoman/bot"
	"dragoman/internal/counterpart"
)

// machine is a program in another language that speaks parcels.
type machine struct {
	*testing.T
	in  io.Writer
	out *bufio.Scanner
}

type machineLine struct {
	To    string `json:"to,omitempty"`
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	After string `json:"after"`
	Body  any    `json:"body"`
	Error string `json:"error,omitempty"`
	Up    bool   `json:"up,omitempty"`
}

func startMachine(ctx context.Context, t *testing.T, s *place) *machine {
	t.Helper()
	counterpart.Need(t, "slixmpp")
	host, port, err := net.SplitHostPort(s.Component(evilDomain))
	check(t, err)
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", "-I", "testdata/parcels.py", evilDomain, secret, host, port)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		_ = cmd.Wait()
	})
	m := &machine{t, in, bufio.NewScanner(out)}
	if !m.next().Up {
		t.Fatal("the machine is not up")
	}
	return m
}

// next is the next line that it says; the context of the test ends the wait, by
// ending the program.
func (m *machine) next() (l machineLine) {
	m.Helper()
	if !m.out.Scan() {
		m.Fatalf("the machine has ended: %v", m.out.Err())
	}
	check(m.T, json.Unmarshal(m.out.Bytes(), &l))
	return l
}

func (m *machine) send(l machineLine) {
	m.Helper()
	check(m.T, json.NewEncoder(m.in).Encode(l))
}

// The format is the package comment's, so that a program that nobody here wrote
// in a language of its own can be at the other end.
func TestAProgramInAnotherLanguageSpeaksParcels(t *testing.T) {
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		here := newDepot()
		here.refuse = func(p *bot.Parcel) error {
			if p.Kind == "unknown" {
				return bot.ErrNoReceiver
			}
			if string(p.Body) != `{"text": "<&> \u00fc \ufffe"}` {
				t.Errorf("the body is %s", p.Body)
			}
			return nil
		}
		c := carry(ctx, t, s, here)
		m := startMachine(ctx, t, s)
		body := map[string]any{"text": "<&> ü \uFFFE"}
		for _, test := range []struct{ id, kind, after, want string }{
			{"1", "test", "", ""},
			{"2", "test", "1", ""},
			{"4", "test", "3", "resource-constraint"}, // 3 is missing
			{"3", "test", "2", ""},
			{"4", "test", "3", ""},
			{"4", "test", "", ""}, // again
			{"5", "unknown", "", "feature-not-implemented"},
			{"", "test", "", "bad-request"},
		} {
			m.send(machineLine{To: mainJID, ID: test.id, Kind: test.kind, After: test.after, Body: body})
			if got := m.next(); got.ID != test.id || got.Error != test.want {
				t.Errorf("parcel %q of kind %s is answered with %q, want %q", test.id, test.kind, got.Error, test.want)
			}
		}
		if got := here.took(); !reflect.DeepEqual(got, []string{"1", "2", "3", "4"}) {
			t.Errorf("the effects are %q", got)
		}

		to := "machine@" + evilDomain
		c.wants(bot.Arrived, parcel(to, "a", "{\"text\":\"<&> ü \uFFFE\"}"), parcel(to, "b", "[1,2]"))
		first, second := m.next(), m.next()
		if first.ID != "a" || first.Kind != "test" || first.After != "" || !reflect.DeepEqual(first.Body, any(body)) {
			t.Errorf("the first that came is %+v", first)
		}
		if second.ID != "b" || second.After != "a" {
			t.Errorf("the second that came is %+v", second)
		}
	})
}
