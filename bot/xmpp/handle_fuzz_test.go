package xmpp

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// busy is an inbox that is full for those who say so.
type busy struct{ accepted int }

func (b *busy) Deliver(m *bot.Message) error {
	switch {
	case strings.Contains(m.Text, "busy"):
		return bot.ErrBusy
	case strings.Contains(m.Text, "stopped"):
		return bot.ErrStopped
	}
	b.accepted++ // and will be answered by the core
	return nil
}

// tapped is a Transport on a stream whose far end takes everything, and what
// it wrote there.
func tapped(f *testing.F, in bot.Inbox) (t *Transport, wrote <-chan *stream.Element) {
	const header = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"
	near, far := net.Pipe()
	r := stream.NewReader(io.MultiReader(strings.NewReader(header), near), stream.DefaultLimits())
	if _, err := r.Header(); err != nil {
		f.Fatal(err)
	}
	t = New(Config{
		Main: stream.MustParse("dragoman@bot.chat.local"), WholeDomain: true, Nick: "dragoman", Prefix: "!", Version: "1",
		MayInvite: func(context.Context, bot.Address) bool { return true },
	})
	t.in = in
	out := make(chan *stream.Element, 1000)
	s := stream.NewSession(near, r, stream.Config{
		Handle: func(context.Context, *stream.Element) {}, Wrote: func(e *stream.Element) { out <- e },
	})
	t.setSession(s, &Link{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Run(ctx) }()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	f.Cleanup(func() { cancel(); _ = far.Close(); <-ended })
	return t, out
}

// FuzzHandle gives any tree to the transport. It must not panic, answer at
// most once (a request for a subscription twice), never answer an answer, and
// send only what reads back as the one stanza that it is.
func FuzzHandle(f *testing.F) {
	for _, payload := range []string{
		"", "<body>!help</body>", "<body>dragoman: busy</body><request xmlns='urn:xmpp:receipts'/>", "<body>stopped</body>",
		"<body>> a\nb</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/></fallback><reply xmlns='urn:xmpp:reply:0' to='ops@rooms.chat.local/dragoman' id='1'/>",
		"<x xmlns='http://jabber.org/protocol/muc#user'><item jid='a@b/c' affiliation='owner'/><status code='110'/></x>",
		"<x xmlns='http://jabber.org/protocol/muc#user'><item nick='other'/><status code='110'/><status code='303'/></x>",
		"<x xmlns='http://jabber.org/protocol/muc#user'><item/><status code='110'/><status code='307'/></x>",
		"<x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x>", "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x>",
		"<x xmlns='jabber:x:conference' jid='other@rooms.chat.local' password='p'/>", "<delay xmlns='urn:xmpp:delay'/><body>!help</body>",
		"<encryption xmlns='urn:xmpp:eme:0'/><body>x</body>", "<canary xmlns='urn:dragoman:canary' id='x'/>",
		"<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>", "<query xmlns='http://jabber.org/protocol/disco#items'/>",
		"<ping xmlns='urn:xmpp:ping'/>", "<query xmlns='jabber:iq:version'/>", "<vCard xmlns='vcard-temp'/>", "<time xmlns='urn:xmpp:time'/>",
		"<parcel xmlns='urn:dragoman:parcel:1' id='1' kind='k' after='0'><json xmlns='urn:xmpp:json:0'>{}</json></parcel>",
		"<received xmlns='urn:xmpp:receipts' id='x'/>", "<body>x</body><delay xmlns='urn:xmpp:delay'/><origin-id xmlns='urn:xmpp:sid:0' id='x'/>", "<subject/>",
		"<result xmlns='urn:xmpp:mam:2' queryid='q'><forwarded xmlns='urn:xmpp:forward:0'><message from='ops@rooms.chat.local/dragoman' id='x'/></forwarded></result>",
		"<query xmlns='jabber:iq:last'/>", "<query xmlns='jabber:iq:roster'/>", "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
	} {
		for _, head := range []string{
			"message type='chat' from='john@chat.local/a' to='dragoman@bot.chat.local' id='1'",
			"message type='groupchat' from='ops@rooms.chat.local/john' to='dragoman@bot.chat.local/dragoman' id='1'",
			"message from='ops@rooms.chat.local' to='dragoman@bot.chat.local'", "message type='error' from='ops@rooms.chat.local' to='a@bot.chat.local'",
			"presence from='ops@rooms.chat.local/dragoman' to='dragoman@bot.chat.local/dragoman'",
			"presence type='unavailable' from='ops@rooms.chat.local/dragoman' to='dragoman@bot.chat.local/dragoman'",
			"presence type='error' from='ops@rooms.chat.local/dragoman' to='dragoman@bot.chat.local/dragoman'",
			"presence type='subscribe' from='john@chat.local' to='555@bot.chat.local'", "presence type='probe' from='john@chat.local' to='bot.chat.local'",
			"iq type='get' from='john@chat.local/a' to='bot.chat.local' id='1'", "iq type='set' from='@' to='/' id='&lt;'", "iq type='result' id='1'",
		} {
			f.Add("<" + head + ">" + payload + "</" + strings.Fields(head)[0] + ">")
		}
	}
	in := &busy{}
	t, wrote := tapped(f, in)
	f.Fuzz(func(tt *testing.T, xml string) {
		stanza := readOne(xml)
		if stanza == nil || !stream.IsStanza(stanza) {
			return
		}
		t.rooms = newRooms(t)
		c := &recall{query: "q", over: make(chan struct{}), found: map[string]bool{"x": false}, left: 1}
		if len(xml)%2 == 0 {
			c.query = "" // its history is read
		}
		t.rooms.want(stream.MustParse("ops@rooms.chat.local"), "").setRecall(nil, c)
		in.accepted = 0
		t.handle(tt.Context(), stanza)
		mark := stream.New(stream.NSClient, "message").SetAttr("id", stream.NewID())
		if err := t.send(tt.Context(), mark); err != nil {
			tt.Fatal(err)
		}
		answers, limit := in.accepted, 1
		if stanza.Local == "presence" && stanza.Attr("type") == "subscribe" {
			limit = 2 // subscribed, and the presence itself
		}
		for e := range wrote {
			if e == mark {
				break
			}
			answers++
			checkAnswer(tt, stanza, e)
		}
		if answers > limit {
			tt.Errorf("%d answers to %s", answers, xml)
		}
	})
}

// readOne is the element in xml as a component reads it, nil if it is none.
func readOne(xml string) *stream.Element {
	const header = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"
	r := stream.NewReader(strings.NewReader(header+xml), stream.DefaultLimits())
	if _, err := r.Header(); err != nil {
		return nil
	}
	e, err := r.Next()
	if err != nil {
		return nil
	}
	return e
}

func checkAnswer(t *testing.T, stanza, answer *stream.Element) {
	t.Helper()
	if k := stanza.Attr("type"); k == "error" || k == "result" && stanza.Local == "iq" {
		t.Errorf("an answer of type %q is answered", k)
	}
	if answer.Attr("to") == "" || answer.Attr("from") == "" {
		t.Errorf("a stanza that ejabberd closes the stream for: %s", answer.AppendXML(nil, stream.NSComponent))
	}
	if back := readOne(string(answer.AppendXML(nil, stream.NSComponent))); !back.Equal(answer) {
		t.Errorf("the answer reads back as %v, not as %v", back, answer)
	}
}
