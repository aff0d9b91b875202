package bottest

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// TransportName is the name of the Transport that Start attaches.
const TransportName = "fake"

// Chat is a running bot and the fake transport that it is reached through.
type Chat struct {
	*Transport
	// Bot is the bot itself, which is also the bot.Notifier.
	Bot *bot.Bot
	// Ledger is its outbox and its journal, nil where the test brought its own.
	Ledger *Ledger

	tb    testing.TB
	clock clock.Clock
	stop  func() error
}

// Start runs a bot with those skills and a Transport that can do everything,
// until the test ends or Stop is called. What cfg leaves out is filled in:
// everybody may do everything, the bot is called dragoman and has a Ledger. When the test
// ends no goroutine of it may be left; such a test cannot be parallel.
func Start(tb testing.TB, cfg bot.Config, skills ...bot.Skill) *Chat {
	tb.Helper()
	t := NewTransport(TransportName)
	return start(tb, cfg, t, t.With(Typing|Receipts|Names), func(*bot.Bot) []bot.Skill { return skills })
}

// StartWith is Start with a Transport of only those capabilities.
func StartWith(tb testing.TB, cfg bot.Config, c Capability, skills ...bot.Skill) *Chat {
	tb.Helper()
	t := NewTransport(TransportName)
	return start(tb, cfg, t, t.With(c), func(*bot.Bot) []bot.Skill { return skills })
}

func start(tb testing.TB, cfg bot.Config, t *Transport, attach bot.Transport, build func(*bot.Bot) []bot.Skill) *Chat {
	tb.Helper()
	before := goleak.IgnoreCurrent()
	tb.Cleanup(func() { // the last one, after those of the skills
		if err := goleak.Find(before); err != nil && !tb.Failed() {
			tb.Errorf("goroutines outlived the bot: %v", err)
		}
	})
	cfg = filled(cfg)
	var ledger *Ledger
	if cfg.Outbox == nil && cfg.Journal == nil { // made here, which may be a bubble
		ledger = NewLedger(cfg.Clock)
		cfg.Outbox, cfg.Journal = ledger, ledger
	}
	b, err := bot.New(cfg)
	if err == nil {
		err = b.Add(build(b)...)
	}
	if err == nil {
		err = b.Attach(attach)
	}
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	<-t.running
	c := &Chat{Transport: t, Bot: b, Ledger: ledger, tb: tb, clock: cfg.Clock, stop: sync.OnceValue(func() error {
		cancel()
		return <-ended
	})}
	tb.Cleanup(func() {
		if err := c.Stop(); err != nil && !tb.Failed() {
			tb.Errorf("the bot ended with: %v", err)
		}
	})
	return c
}

func filled(cfg bot.Config) bot.Config {
	if cfg.Name == "" {
		cfg.Name = "dragoman"
	}
	if cfg.Access == nil {
		cfg.Access = AllowAll{}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.People == nil {
		cfg.People = &People{}
	}
	return cfg
}

// Stop ends the bot and returns what its Run returned. It may be called more
// than once.
func (c *Chat) Stop() error { return c.stop() }

// Send delivers messages, with the time of the bot's clock where they have
// none, and fails the test when one is not taken.
func (c *Chat) Send(messages ...*bot.Message) {
	c.tb.Helper()
	for _, m := range messages {
		if m.At.IsZero() {
			m.At = c.clock.Now()
		}
		if err := c.Deliver(m); err != nil {
			c.tb.Fatalf("%q was not taken: %v", m.Text, err)
		}
	}
}

// Ask delivers a message and returns the text of the next thing that the bot
// says, whomever it says it to.
func (c *Chat) Ask(m *bot.Message) string {
	c.tb.Helper()
	c.Send(m)
	return c.Next(c.tb).Reply.Plain()
}

// BotAddress is the address of ours that people write to.
const BotAddress bot.Address = "dragoman@bot.test"

// Account is the account of somebody called name: "John Doe" has
// john.doe@chat.test.
func Account(name string) bot.Address {
	return bot.Address(handle(name) + "@chat.test")
}

// Room is the address of a room called name.
func Room(name string) bot.Address { return bot.Address(name + "@rooms.test") }

func handle(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), "."))
}

// Direct is what somebody writes to the bot in a direct message. It has a
// unique id and asks for a receipt.
func Direct(who, text string) *bot.Message {
	return &bot.Message{
		ID: rand.Text(), Unique: true, Transport: TransportName,
		From: Account(who) + "/phone", To: BotAddress, Private: true, Addressed: true,
		Sender: bot.Person{Account: Account(who), Name: who, Handle: handle(who)},
		Text:   text, Lang: "en", WantsReceipt: true,
	}
}

// InRoom is what somebody says to the bot in a room, Text being without the
// bot's name.
func InRoom(who, room, text string) *bot.Message {
	m := Direct(who, text)
	m.Room, m.Private = Room(room), false
	m.From = Room(room) + "/" + bot.Address(who)
	m.Sender.Affiliation = "member"
	return m
}

// Overheard is what somebody says in a room to others than the bot.
func Overheard(who, room, text string) *bot.Message {
	m := InRoom(who, room, text)
	m.Addressed = false
	return m
}

// Whispered is what somebody writes to the bot privately in a room.
func Whispered(who, room, text string) *bot.Message {
	m := InRoom(who, room, text)
	m.Private = true
	return m
}
