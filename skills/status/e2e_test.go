package status

import (
	"context"
	"crypto/sha1" // XEP-0114 section 3 prescribes it
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
	"dragoman/skills/status/check"
)

const (
	botDomain    = "mycomponent.chat.local"
	peopleDomain = "people.chat.local"
	secret       = "s3cret"

	manySubscribers = 10_000
	// tellBar is how soon that many subscribers are to be told.
	tellBar = 10 * time.Second
	// In rooms there are so many more subscribers than rooms.
	roomsOfCrowd, perRoom = 20, 100
)

// people are all the addresses of a component that nobody here wrote a line of
// the bot for: it shakes hands (XEP-0114), joins rooms and reads messages.
type people struct {
	conn net.Conn
	xml  *xml.Decoder
}

// message is what somebody received.
type message struct {
	To   string `xml:"to,attr"`
	From string `xml:"from,attr"`
	Type string `xml:"type,attr"`
	Body string `xml:"body"`
}

func dialPeople(t *testing.T, address string) *people {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	p := &people{conn, xml.NewDecoder(conn)}
	p.write(t, "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='"+peopleDomain+"'>")
	header := p.next(t, "stream")
	var id string
	for _, a := range header.Attr {
		if a.Name.Local == "id" {
			id = a.Value
		}
	}
	sum := sha1.Sum([]byte(id + secret))
	p.write(t, "<handshake>"+hex.EncodeToString(sum[:])+"</handshake>")
	p.next(t, "handshake")
	return p
}

func (p *people) write(t *testing.T, text string) {
	t.Helper()
	if _, err := p.conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// next is the next element of that name.
func (p *people) next(t *testing.T, name string) xml.StartElement {
	t.Helper()
	for {
		token, err := p.xml.Token()
		if err != nil {
			t.Fatalf("waiting for <%s>: %v", name, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			return start
		}
	}
}

// joins enters a room and waits until it is in.
func (p *people) joins(t *testing.T, room string) {
	t.Helper()
	seat := room + "/watcher"
	p.write(t, "<presence from='watcher@"+peopleDomain+"/x' to='"+seat+"'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
	for {
		start := p.next(t, "presence")
		for _, a := range start.Attr {
			if a.Name.Local == "from" && a.Value == seat {
				return
			}
		}
	}
}

// receives is the next message that says something.
func (p *people) receives(t *testing.T) message {
	t.Helper()
	for {
		start := p.next(t, "message")
		var m message
		if err := p.xml.DecodeElement(&m, &start); err != nil {
			t.Fatal(err)
		}
		if m.Body != "" {
			return m
		}
	}
}

// TestAWholeTownIsTold measures, on real servers, the time from the check that
// finds a machine down to the last of 10,000 people and 20 rooms that hear of
// it.
func TestAWholeTownIsTold(t *testing.T) {
	for name, serve := range map[string]func(counterpart.TB, counterpart.Options) *counterpart.Server{
		"prosody": counterpart.Prosody, "ejabberd": counterpart.Ejabberd,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, counterpart.Options{Components: map[string]string{botDomain: secret, peopleDomain: secret}})
			p := dialPeople(t, s.Component(peopleDomain))
			var rooms []stream.JID
			for i := range roomsOfCrowd {
				room := s.Room(fmt.Sprint("room", i))
				p.joins(t, room)
				rooms = append(rooms, stream.MustParse(room))
			}
			wire := xmpp.New(xmpp.Config{
				Main: stream.MustParse("bot@" + botDomain), WholeDomain: true, Nick: "dragoman", Rooms: rooms, Log: quiet(),
				Connector: component.New(component.Config{Domain: botDomain, Address: s.Component(botDomain), Secret: secret}),
			})
			tellTown(t, p, wire, rooms)
		})
	}
}

// tellTown lets a machine go down and waits until everybody has heard of it,
// once.
func tellTown(t *testing.T, p *people, wire *xmpp.Transport, rooms []stream.JID) {
	t.Helper()
	b, err := bot.New(bot.Config{Access: access.New(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Attach(wire); err != nil {
		t.Fatal(err)
	}
	fake := &machines{}
	cfg := two()
	cfg.Interval, cfg.Failures = time.Second, 1
	s := made(t, cfg, Deps{DB: openStore(t, "sqlite:"+t.TempDir()+"/bot.db"), Notify: b, NewCheck: fake.new})
	if err := b.Add(s); err != nil {
		t.Fatal(err)
	}
	storeAll(t, s.deps.DB, town(wire.Name(), rooms))
	m, _ := s.watch.get("web1")
	s.watch.look(t.Context(), m) // it is up
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for range rooms { // the bot enters
		p.enters(t)
	}

	found := make(chan time.Time, 1)
	fake.setFunc("web1:1", func(context.Context) check.Result {
		select {
		case found <- time.Now():
		default:
		}
		return check.Result{State: check.Down}
	})
	heard := make(map[string]int)
	places := manySubscribers + len(rooms)
	for range places {
		msg := p.receives(t)
		if msg.Body != down {
			t.Fatalf("%+v", msg)
		}
		who := msg.To
		if msg.Type == "groupchat" {
			who, _, _ = strings.Cut(msg.From, "/")
		}
		heard[who]++
	}
	took := time.Since(<-found)
	t.Logf("%d people and %d rooms with %d more subscribers were told in %v", manySubscribers, len(rooms), perRoom*len(rooms), took.Round(time.Millisecond))
	if len(heard) != places {
		t.Errorf("%d of %d places heard of it", len(heard), places)
	}
	if took > tellBar {
		t.Errorf("it took %v", took)
	}
}

// town are the subscriptions of everybody.
func town(transport string, rooms []stream.JID) []subscription {
	var subs []subscription
	for i := range manySubscribers {
		who := fmt.Sprintf("person%d@%s", i, peopleDomain)
		subs = append(subs, subscription{Machine: "web1", Transport: transport, Address: who, Person: who, Own: "bot@" + botDomain})
	}
	for _, r := range rooms {
		for i := range perRoom {
			subs = append(subs, subscription{Machine: "web1", Transport: transport, Address: r.String(),
				Person: fmt.Sprintf("person%d@%s", i, peopleDomain), Own: "bot@" + botDomain, Room: true})
		}
	}
	return subs
}

// enters waits until the bot has entered one more room.
func (p *people) enters(t *testing.T) {
	t.Helper()
	for {
		start := p.next(t, "presence")
		for _, a := range start.Attr {
			if a.Name.Local == "from" && strings.HasSuffix(a.Value, "/dragoman") {
				return
			}
		}
	}
}
