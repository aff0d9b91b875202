package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

func TestAPanicEndsThatRequestAlone(t *testing.T) {
	var log logged
	chat := bottest.Start(t, bot.Config{Log: log.logger()}, commands{
		run("crash", func(_ context.Context, r *bot.Request) (bot.Reply, error) {
			return bot.Sayf("%d", []int{}[len(r.Text)]), nil
		}),
		say("ping", "pong"),
	})
	reply := chat.Ask(bottest.Direct("john", "crash"))
	id := incidentOf(t, reply)
	if strings.Contains(reply, "out of range") || !strings.Contains(reply, "crash failed") {
		t.Errorf("the person was told %q", reply)
	}
	if got := chat.Ask(bottest.Direct("john", "ping")); got != "pong" {
		t.Errorf("after the panic ping got %q", got)
	}
	if l := log.String(); !strings.Contains(l, id) || !strings.Contains(l, "out of range") || !strings.Contains(l, "execute_test.go") {
		t.Errorf("the log lacks the incident, the panic or where it was:\n%s", l)
	}
}

func TestAPanicInATypeThatParsesItselfEndsThatRequestAlone(t *testing.T) {
	type args struct {
		X brittle `slot:"x" ask:"Which?"`
	}
	play(t, `
		john: it boom
		bot: it failed. The administrator ...
		john: it
		bot: Which?
		john: boom
		bot: Your request failed. The administrator ...
		john: it fine
		bot: done
	`, of[args]())
}

// brittle is a type whose UnmarshalText panics.
type brittle string

func (b *brittle) UnmarshalText(text []byte) error {
	if string(text) == "boom" {
		panic("boom")
	}
	*b = brittle(text)
	return nil
}

// hang is a command that ends with its context, or with release.
func hang(release <-chan struct{}) *bot.Cmd {
	return run("hang", func(ctx context.Context, _ *bot.Request) (bot.Reply, error) {
		select {
		case <-ctx.Done():
			return bot.Reply{}, ctx.Err()
		case <-release:
			return bot.Say("released"), nil
		}
	})
}

func TestAnOverrunEndsThatRequestAlone(t *testing.T) {
	play(t, `
		john: hang
		... 9999ms ...
		... 1ms ...
		bot: /hang took longer than 10s and was given up. .* incident .{8}\./
		john: ping
		bot: pong
		# Nobody else waited, and what John wrote meanwhile was kept.
		john: hang
		john: ping
		mary: ping
		bot: pong
		... 10s ...
		bot -> john: hang took longer ...
		bot -> john: pong
	`, hang(nil), say("ping", "pong"))
}

func TestAnOverrunIsGivenUpAlsoWhereItIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := make(chan struct{})
		chat := bottest.Start(t, bot.Config{Overrun: 3 * time.Second}, commands{
			run("deaf", func(context.Context, *bot.Request) (bot.Reply, error) {
				<-deaf
				return bot.Say("too late"), nil
			}),
			say("ping", "pong"),
		})
		began := time.Now()
		if got := chat.Ask(bottest.Direct("john", "deaf")); !strings.HasPrefix(got, "deaf took longer than 3s") {
			t.Errorf("an overrun got %q", got)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it was given up after %v", took)
		}
		close(deaf)
		if got := chat.Ask(bottest.Direct("john", "ping")); got != "pong" {
			t.Errorf("after the overrun ping got %q", got)
		}
	})
}

func TestAShortOverrunIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{Overrun: 100 * time.Millisecond}, commands{hang(nil)})
		began := time.Now()
		chat.Ask(bottest.Direct("john", "hang"))
		if took := time.Since(began); took != 100*time.Millisecond {
			t.Errorf("a request with an overrun of 100ms was given up after %v", took)
		}
		if n := len(chat.TypingChanges()); n > 0 {
			t.Errorf("typing was shown %d times within 100ms", n)
		}
	})
}

func TestTypingIsShownAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		chat := bottest.Start(t, bot.Config{}, commands{hang(release), say("ping", "pong")})
		chat.Ask(bottest.Direct("john", "ping"))
		m := bottest.Direct("john", "hang")
		chat.Send(m)
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if n := len(chat.TypingChanges()); n != 0 {
			t.Fatalf("typing was shown %d times before a second had passed", n)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		close(release)
		chat.AwaitReceipt(t, m)
		if got := chat.TypingChanges(); len(got) != 1 || got[0].About != m || !got[0].On {
			t.Errorf("typing changes %+v, want one, on, about the message", got)
		}
	})
}

func TestASlowCommandNeedsNoTypist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.StartWith(t, bot.Config{}, 0, commands{run("slow", func(context.Context, *bot.Request) (bot.Reply, error) {
			time.Sleep(5 * time.Second)
			return bot.Say("done"), nil
		})})
		if got := chat.Ask(bottest.Direct("john", "slow")); got != "done" {
			t.Errorf("got %q", got)
		}
	})
}

func TestAnErrorHasTwoAudiences(t *testing.T) {
	secret := errors.New("dial tcp 10.0.0.7: secret-42")
	tests := []struct {
		name     string
		err      error
		want     string
		incident bool
	}{
		{"plain", secret, "fail failed.", true},
		{"with both", &bot.Error{Text: "I could not store it.", Err: secret}, "I could not store it.", true},
		{"wrapped", fmt.Errorf("secret-42: %w", &bot.Error{Text: "I could not store it.", Err: secret}), "I could not store it.", true},
		{"refusal", bot.Refuse("No machine %q.", "%s"), `No machine "%s".`, false},
		{"wrapped refusal", fmt.Errorf("secret-42: %w", bot.Refuse("No.")), "No.", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log logged
			chat := bottest.Start(t, bot.Config{Log: log.logger()}, commands{run("fail", func(context.Context, *bot.Request) (bot.Reply, error) {
				return bot.Say("not this"), tt.err
			})})
			reply := chat.Ask(bottest.Direct("john", "fail"))
			if !strings.HasPrefix(reply, tt.want) || strings.Contains(reply, "secret-42") || strings.Contains(reply, "not this") {
				t.Errorf("the person was told %q, want %q", reply, tt.want)
			}
			if !tt.incident {
				if reply != tt.want {
					t.Errorf("the person was told %q, want exactly %q", reply, tt.want)
				}
				return
			}
			if id := incidentOf(t, reply); !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "secret-42") {
				t.Errorf("the log lacks incident %s or its cause:\n%s", id, log.String())
			}
		})
	}
}

func TestAnErrorOfAccessIsNeverSilence(t *testing.T) {
	chat := bottest.Start(t, bot.Config{Access: bottest.AccessFunc(func(*bot.Message, *bot.Cmd) error {
		return errors.New("secret-42")
	})}, commands{say("ping", "pong")})
	reply := chat.Ask(bottest.Direct("john", "ping"))
	if incidentOf(t, reply); strings.Contains(reply, "secret-42") {
		t.Errorf("the person was told %q", reply)
	}
}

func TestALongReplyIsCutAtALineWithAnOpenWord(t *testing.T) {
	line := strings.Repeat("ä", 49) // 99 bytes with its end
	tests := map[string]struct {
		reply bot.Reply
		want  func(string) bool
	}{
		"lines": {bot.Say(strings.Repeat(line+"\n", 199) + line), func(s string) bool {
			kept := strings.Count(s, line)
			return strings.HasSuffix(s, fmt.Sprintf("%s\n… cut here; %d more lines.", line, 200-kept))
		}},
		"table": {bot.Reply{Table: &bot.Table{Rows: slicesOf(200, []string{line, "x"})}}, func(s string) bool {
			return strings.Contains(s, "  x\n… cut here; ")
		}},
		"one line": {bot.Say(strings.Repeat("ä", 10_000)), func(s string) bool {
			return strings.HasSuffix(s, "ä\n… cut here; 1 more line.")
		}},
		"no text at all": {bot.Say(strings.Repeat("\x80", 20_000)), func(s string) bool {
			return strings.HasSuffix(s, "\n… cut here; 1 more line.")
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.reply.Private = true
			chat := bottest.Start(t, bot.Config{}, commands{run("long", func(context.Context, *bot.Request) (bot.Reply, error) {
				return tt.reply, nil
			})})
			chat.Send(bottest.InRoom("john", "ops", "long"))
			out := chat.Next(t)
			if got := out.Reply.Plain(); len(got) > 13<<10 || !tt.want(got) {
				t.Errorf("%d bytes that end in %q", len(got), got[max(0, len(got)-120):])
			}
			if out.Room {
				t.Error("a private reply went to the room when it was cut")
			}
		})
	}
}

func slicesOf[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}
