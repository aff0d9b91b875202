package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// fleet is a list of machines that changes.
type fleet struct {
	mu    sync.Mutex
	names []string
	fail  func() error
	gate  func() // called before the names are returned
}

func (f *fleet) set(fail func() error, names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names, f.fail = names, fail
}

func (f *fleet) list(context.Context) ([]string, error) {
	f.mu.Lock()
	names, fail, gate := slices.Clone(f.names), f.fail, f.gate
	f.mu.Unlock()
	if gate != nil {
		gate()
	}
	if fail != nil {
		return nil, fail()
	}
	return names, nil
}

// status is a command about them.
func (f *fleet) status() *bot.Cmd {
	return bot.Command("get-status", func(_ context.Context, _ *bot.Request, a machineArgs) (bot.Reply, error) {
		return bot.Sayf("%s is up", a.Machine), nil
	}).Summary("say how a machine is").Say("en", "how does {machine} fare").Suggest("machine", f.list)
}

func TestANameThatIsSuggestedFromNowOnIsKnownToTheNextMessage(t *testing.T) {
	f := &fleet{}
	chat := bottest.Start(t, bot.Config{}, commands{f.status()})
	for _, step := range []struct {
		names []string
		known bool
	}{{nil, false}, {[]string{"Old Lady"}, true}, {[]string{"web1", "old lady"}, true}, {[]string{"web1"}, false}} {
		f.set(nil, step.names...)
		got := chat.Ask(bottest.Direct("john", "how does old lady fare"))
		if strings.HasSuffix(strings.ToLower(got), "old lady is up") != step.known {
			t.Errorf("with the machines %q the bot says %q", step.names, got)
		}
	}
}

func TestASuggestThatFailsKeepsTheNamesThatItGave(t *testing.T) {
	for name, fail := range map[string]func() error{
		"with an error": func() error { return errors.New("no store") },
		"with a panic":  func() error { panic("no store") },
	} {
		t.Run(name, func(t *testing.T) {
			log := &logged{}
			f := &fleet{names: []string{"old lady"}}
			chat := bottest.Start(t, bot.Config{Log: log.logger()}, commands{f.status()})
			f.set(fail)
			for range 2 {
				if got := chat.Ask(bottest.Direct("john", "how does old lady fare")); got != "old lady is up" {
					t.Errorf("the bot says %q", got)
				}
			}
			if !strings.Contains(log.String(), "kind=machine") {
				t.Errorf("the log says\n%s", log)
			}
			f.set(nil, "young man")
			if got := chat.Ask(bottest.Direct("john", "how does young man fare")); got != "young man is up" {
				t.Errorf("after it works again the bot says %q", got)
			}
		})
	}
}

// A bot that learns anew reads the names while messages do the same. What is read
// first may not win over what is read last.
func TestANameIsNotForgottenWhileTheBotLearns(t *testing.T) {
	f := &fleet{names: []string{"old lady"}}
	cmds := doors() // which other tests train too
	cmds[2].Suggest("machine", f.list)
	chat := bottest.Start(t, bot.Config{Learning: learning(0, 0, "")}, cmds)
	learned(t, chat.Bot)
	// A message asks for the names and is delayed before it tells them.
	entered, release := make(chan struct{}), make(chan struct{})
	f.mu.Lock()
	f.gate, f.names = sync.OnceFunc(func() { close(entered); <-release }), []string{"old lady", "grandpa"}
	f.mu.Unlock()
	chat.Send(bottest.Direct("john", "what is the status of old lady"))
	<-entered
	f.mu.Lock()
	f.gate, f.names = nil, []string{"old lady", "young man"}
	f.mu.Unlock()
	ended := make(chan error, 1)
	go func() { ended <- chat.Bot.Learn(t.Context()) }()
	limit := time.After(100 * time.Millisecond) // it may wait for the message, or not
	select {
	case err := <-ended:
		ended <- err
	case <-limit:
	}
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := chat.Next(t).Reply.Text; got != "old lady is up" {
		t.Errorf("the bot says %q", got)
	}
	for n := range 2 {
		if got := chat.Ask(bottest.Direct(fmt.Sprint("mary", n), "what is the status of young man")); got != "young man is up" {
			t.Errorf("the bot says %q", got)
		}
	}
}
