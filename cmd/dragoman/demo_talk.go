package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"dragoman/bot/console"
	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
)

// demoPrompt is what john types behind.
const demoPrompt = "john> "

// answerPause is how long the prompt waits for the bot, so that most answers
// come before it and not into it.
const answerPause = 500 * time.Millisecond

// errQuit ends the conversation.
var errQuit = errors.New("quit")

const talkHelp = `  get-status machine1         a line goes to the bot as a direct message
  subscribe machine1          the bot tells you when the machine changes
  help                        what else the bot understands
  /room !get-status machine1  say it in the room; there ! or "dragoman:" calls the bot
  /stop, /start               stop and start the process behind machine1
  /help, /quit                this list; leave (Ctrl-D too)`

// talk lets the person at the terminal write as john through the real server.
func (d *demo) talk(ctx context.Context, std streams) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	screen := console.NewScreen(std.out, demoPrompt)
	welcome := fmt.Sprintf("You are %s (john@%s) on a Prosody of your own, in the room %s with the bot.\n%s\n"+
		"Any XMPP client on this machine can join you as mary@%s, password %s, at %s, if it takes a self-signed certificate.",
		demoPerson, d.server.Domain, d.room, talkHelp, d.server.Domain, d.maryPassword, d.server.C2S)
	if err := screen.Print(welcome); err != nil {
		return err
	}

	t := &talker{demo: d, screen: screen, spoke: make(chan struct{}, 1)}
	var listening sync.WaitGroup
	listening.Go(func() { t.listen(ctx) })
	defer listening.Wait()
	defer cancel()
	lines := console.Lines(ctx, std.in)
	for {
		if err := screen.Ask(); err != nil {
			return err
		}
		select {
		case l, ok := <-lines:
			if !ok {
				return screen.Leave()
			}
			screen.Entered()
			if err := t.take(ctx, l); errors.Is(err, errQuit) {
				return nil
			} else if err != nil {
				return err
			}
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), screen.Leave())
		}
	}
}

// talker is the terminal's side of the demo.
type talker struct {
	*demo
	screen *console.Screen
	spoke  chan struct{} // gets a value when the bot has said something
}

// take does what one line asks for.
func (t *talker) take(ctx context.Context, l console.Line) error {
	text := strings.TrimSpace(l.Text)
	word, rest, _ := strings.Cut(text, " ")
	switch {
	case l.Err != nil:
		return l.Err
	case l.Long:
		return t.screen.Print(fmt.Sprintf("That line is longer than %d bytes and was skipped.", console.MaxLine))
	case text == "":
		return nil
	case word == "/quit":
		return errQuit
	case word == "/help":
		return t.screen.Print(talkHelp)
	case word == "/stop":
		return t.screen.Print(t.stopMachine())
	case word == "/start":
		return t.screen.Print(t.startMachine(ctx))
	case word == "/room" && strings.TrimSpace(rest) == "":
		return t.screen.Print("Say what in the room? For example: /room !get-status " + demoMachine)
	case word == "/room":
		return t.say(ctx, func() error { return t.john.SayRoom(t.room, strings.TrimSpace(rest)) })
	case strings.HasPrefix(word, "/"):
		return t.screen.Print("There is no " + word + "; /help shows what there is.")
	}
	return t.say(ctx, func() error { return t.john.Say(demoBot, text) })
}

// say sends something and gives the bot a moment to answer.
func (t *talker) say(ctx context.Context, send func() error) error {
	select {
	case <-t.spoke: // about something earlier
	default:
	}
	if err := send(); err != nil {
		return err
	}
	pause := clock.System{}.NewTimer(answerPause)
	defer pause.Stop()
	select {
	case <-t.spoke:
	case <-pause.C():
	case <-ctx.Done():
	}
	return nil
}

// stopMachine is what the person is told about it.
func (t *talker) stopMachine() string {
	if t.machine.stopped {
		return demoMachine + " is stopped already; /start starts it."
	}
	t.machine.stop()
	return fmt.Sprintf("The process behind %s (%d) is stopped.", demoMachine, t.machine.pid())
}

func (t *talker) startMachine(ctx context.Context) string {
	if !t.machine.stopped {
		return fmt.Sprintf("%s runs already, as process %d; /stop stops it.", demoMachine, t.machine.pid())
	}
	m, err := startMachine(ctx, t.machine.address)
	if err != nil {
		return err.Error()
	}
	t.machine = m
	return fmt.Sprintf("%s runs again, as process %d.", demoMachine, m.pid())
}

// listen prints what john receives until ctx ends or his connection does,
// which ends the demo.
func (t *talker) listen(ctx context.Context) {
	for {
		m, err := t.john.Expect(ctx, func(m counterpart.Msg) bool { return m.Kind == "message" && m.Body != "" })
		if err != nil {
			t.fail(err) // without effect when ctx has ended
			return
		}
		who, isBot := t.speaker(m)
		if err := t.screen.Print(who + ": " + m.Body); err != nil {
			t.fail(err)
			return
		}
		if !isBot {
			continue
		}
		select {
		case t.spoke <- struct{}{}:
		default:
		}
	}
}

// speaker is who wrote a message, with the room it was written in.
func (t *talker) speaker(m counterpart.Msg) (who string, isBot bool) {
	bare, resource, _ := strings.Cut(m.From, "/")
	switch {
	case m.Type == "error":
		return bare + " could not be reached with", false
	case bare == t.room && m.Type == "groupchat":
		return "[" + demoRoom + "] " + resource, resource == demoNick
	case bare == demoBot:
		return theBot, true
	}
	return m.From, false
}
