package outbox

import (
	"crypto/rand"
	"strings"
	"time"

	"dragoman/bot"
	"dragoman/store"
)

// letter is a message as the queue keeps it, without what the job says already.
type letter struct {
	ID     string
	From   bot.Address `json:",omitempty"`
	To     bot.Address
	Room   bool         `json:",omitempty"`
	Reply  bot.Reply    `json:",omitzero"`
	Parcel *bot.Parcel  `json:",omitempty"`
	About  *bot.Message `json:",omitempty"`
	At     time.Time
	// Repeats says that it tells openly what another letter may have told.
	Repeats bool `json:",omitempty"`
}

// addressed is out as a letter with an ID.
func addressed(out bot.Outgoing) letter {
	if p := out.Parcel; p != nil {
		p := *p
		switch {
		case out.ID == "" && p.ID == "":
			out.ID = rand.Text()
		case out.ID == "":
			out.ID = bot.DerivedID("parcel", out.Transport, string(out.From), string(out.To), p.ID)
		}
		if p.ID == "" {
			p.ID = out.ID
		}
		out.Parcel = &p
	} else if out.ID == "" {
		out.ID = rand.Text()
	}
	return letter{ID: store.Text(out.ID), From: out.From, To: out.To, Room: out.Room, Reply: out.Reply, Parcel: out.Parcel, About: out.About, At: out.At}
}

// outgoing is the letter as a transport of that name takes it.
func (l *letter) outgoing(transport string) bot.Outgoing {
	return bot.Outgoing{
		Destination: bot.Destination{Transport: transport, From: l.From, To: l.To, Room: l.Room},
		ID:          l.ID, Reply: l.Reply, Parcel: l.Parcel, About: l.About, At: l.At,
	}
}

// personal says that a person gets it and nothing tells a repetition from
// another message: no echo with an ID, no receiver that counts.
func (l *letter) personal() bool { return !l.Room && l.Parcel == nil }

// secret says that sending it twice would look like two messages.
func (l *letter) secret() bool { return l.personal() && !l.Repeats }

// repetition is the letter that tells openly what this one may have told.
func (l *letter) repetition() letter {
	again := *l
	again.ID, again.Repeats = repetitionID(l.ID), true
	again.Reply.Text = "Possibly again, since the connection broke: " + again.Reply.Text
	return again
}

func repetitionID(id string) string { return bot.DerivedID("possibly again", id) }

// group is the key of the destination within its transport.
func (l *letter) group() string { return groupOf(l.To, l.Room) }

func groupOf(to bot.Address, room bool) string {
	if room {
		return "room " + store.Text(string(to))
	}
	return "to " + store.Text(string(to))
}

// masked hides most of a telephone number in an address.
func masked(to bot.Address) string {
	const shown, number = 3, 7
	digits := 0
	for _, r := range to {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if digits < number {
		return string(to)
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return r
		}
		if digits--; digits < shown {
			return r
		}
		return 'x'
	}, string(to))
}
