package bottest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// Run plays a script with skills that anybody may use:
//
//	john: get-status machine1
//	bot: machine1 is currently running for 3 hours
//	john@ops: dragoman: subscribe machine1
//	bot@ops: john is now subscribed ...
//	... 5m ...
//	bot@ops: machine1 has gone down.
//
// Each line is one of
//
//	who: text            somebody writes a direct message to the bot
//	who@room: text       somebody says it in a room; it is meant for the bot
//	                     where it begins with the bot's name and : or ,
//	who@room -> bot: t   somebody writes to the bot alone inside a room
//	bot: text            the bot answers whoever spoke last, where they spoke
//	bot@room: text       the bot says it in a room
//	bot -> who: text     the bot writes a direct message
//	bot -> who@room: t   the bot writes to somebody alone inside a room
//	... 5m ...           time goes by
//	# words              a comment
//
// An indented line continues the text of the one above. What the bot says has
// to be the text of the whole reply; an end of "..." stands for whatever
// follows, and /.../ is a regular expression for the whole.
//
// The bot answers before the script goes on, so what takes it time needs a
// line that lets time go by. What it says to one place has to come in the order
// of the script. Where no line expects it to speak it must be silent: anything
// that is left over at the end fails the test.
//
// The skills are used in a bubble of package testing/synctest. One that makes
// channels, starts goroutines or opens a database when it is made has to be made
// inside: see Play.
func Run(t *testing.T, skills []bot.Skill, script string) {
	t.Helper()
	Play(t, bot.Config{}, script, func(*testing.T, *bot.Bot) []bot.Skill { return skills })
}

// Play is Run for a bot with a configuration (what is left out is filled in as
// by Start, and the clock is always that of the bubble) and for skills with a life of their own. make is called inside the
// bubble: time.Now and the system's clock are the time of the script there, the
// Cleanup of its t runs inside too, and the Bot is the bot.Notifier that the
// skills will speak through.
func Play(t *testing.T, cfg bot.Config, script string, make func(t *testing.T, b *bot.Bot) []bot.Skill) {
	t.Helper()
	steps, err := parse(script)
	if err != nil {
		t.Fatalf("script: %v", err)
	}
	cfg = filled(cfg)
	cfg.Clock = clock.System{}
	watchdog := time.AfterFunc(watchdogLimit, func() {
		panic("bottest: a script does not end. Something that it waits for happens outside its bubble: " +
			"a skill blocks on a channel that was made before Play called make, or on the network")
	})
	defer watchdog.Stop()
	synctest.Test(t, func(t *testing.T) {
		wire := NewTransport(TransportName)
		chat := start(t, cfg, wire, wire.With(Typing|Receipts|Names), func(b *bot.Bot) []bot.Skill { return make(t, b) })
		p := &player{chat: chat, name: cfg.Name}
		if err := p.play(steps); err != nil {
			t.Fatalf("script: %v\nwhat happened:\n%s", err, p.transcript.String())
		}
	})
}

// watchdogLimit is how long a script may take of real time.
const watchdogLimit = time.Minute

// player plays the steps of a script inside a bubble.
type player struct {
	chat *Chat
	name string

	read       int       // of what was sent
	unread     []said    // what the script has not asked for yet
	speaker    *speech   // who spoke last
	known      []*speech // everybody who spoke, to find them by address
	transcript strings.Builder
}

// said is one thing that the bot said.
type said struct{ place, text string }

func (p *player) play(steps []step) error {
	for _, s := range steps {
		if err := p.step(s); err != nil {
			return fmt.Errorf("line %d: %w", s.line, err)
		}
	}
	if err := p.chat.Stop(); err != nil {
		return fmt.Errorf("the bot ended with: %w", err)
	}
	p.listen()
	if len(p.unread) > 0 {
		return fmt.Errorf("the bot also said, to %s: %q", p.unread[0].place, p.unread[0].text)
	}
	return nil
}

func (p *player) step(s step) error {
	switch {
	case s.says != nil:
		p.tell(s.source)
		p.speaker = s.says
		p.known = append(p.known, s.says)
		m := s.says.message(p.name)
		m.At = p.chat.clock.Now()
		if err := p.chat.Deliver(m); err != nil {
			return fmt.Errorf("the bot did not take %q: %w", s.source, err)
		}
	case s.pass > 0:
		p.tell(s.source)
		time.Sleep(s.pass)
	}
	synctest.Wait()
	p.listen()
	if s.want != nil {
		return p.expect(s.want)
	}
	return nil
}

// listen takes note of what the bot has said.
func (p *player) listen() {
	sent := p.chat.Sent()
	for _, out := range sent[p.read:] {
		it := said{p.placeOf(out.Destination), out.Reply.Plain()}
		p.unread = append(p.unread, it)
		p.tell("bot (to " + it.place + "): " + it.text)
	}
	p.read = len(sent)
}

// tell adds to the transcript that a failure shows.
func (p *player) tell(what string) {
	p.transcript.WriteString("  " + strings.ReplaceAll(what, "\n", "\n      ") + "\n")
}

// placeOf is the place of a destination, in the words of the script.
func (p *player) placeOf(to bot.Destination) string {
	if room, ok := strings.CutSuffix(string(to.To), string(Room(""))); ok && to.Room {
		return "@" + room
	}
	for _, s := range p.known {
		switch m := s.message(p.name); {
		case to.To == m.From && s.room != "":
			return s.who + "@" + s.room
		case to.To == m.From, to.To == m.Sender.Account:
			return s.who
		}
	}
	return string(to.To)
}

// expect takes the next thing that the bot said to a place.
func (p *player) expect(want *speech) error {
	if want.who == "" && want.room == "" {
		if p.speaker == nil {
			return fmt.Errorf("nobody has spoken yet; write bot@room or bot -> who")
		}
		text := want.text
		want = &speech{who: p.speaker.who, room: p.speaker.room, own: p.speaker.own, text: text}
	}
	place := want.place()
	for i, it := range p.unread {
		if it.place != place {
			continue
		}
		p.unread = append(p.unread[:i], p.unread[i+1:]...)
		ok, err := matches(want.text, it.text)
		if err == nil && !ok {
			err = fmt.Errorf("to %s the bot said\n  %q\nand should have said\n  %q", place, it.text, want.text)
		}
		return err
	}
	return fmt.Errorf("the bot said nothing to %s and should have said %q", place, want.text)
}
