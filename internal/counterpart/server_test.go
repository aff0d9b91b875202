package counterpart

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kinds are the servers that every test of a server runs on.
var kinds = map[string]func(TB, Options) *Server{"prosody": Prosody, "ejabberd": Ejabberd}

func onEach(t *testing.T, o Options, test func(t *testing.T, ctx context.Context, s *Server)) {
	for kind, start := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := start(t, o)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			t.Cleanup(cancel)
			test(t, ctx, s)
		})
	}
}

func two() Options {
	return Options{
		Users:      map[string]string{"john": `p"w\john`, "mary": "pw mary"},
		Components: map[string]string{"bot.chat.local": `s3"cret\`, "sms.chat.local": "other"},
		Rooms:      []string{"ops"},

		StanzaLimit: 4 << 20,
	}
}

func TestOnARealServer(t *testing.T) {
	onEach(t, two(), func(t *testing.T, ctx context.Context, s *Server) {
		for _, test := range []struct {
			name string
			run  func(*testing.T, context.Context, *Server)
		}{
			{"two clients talk in a room and directly", twoClientsTalkInARoomAndDirectly},
			{"components reach accounts and are asked by them", componentsReachAccountsAndAreAsked},
			{"slixmpp reads the server's own answers", slixmppReadsTheServersOwnAnswers},
			{"invitations and subscriptions arrive", invitationsAndSubscriptionsArrive},
			{"hostile text reaches a component raw", hostileTextReachesAComponentRaw},
			{"a big stanza passes where the limit is raised", aBigStanzaPasses},
			{"a paused server answers afterwards", aPausedServerAnswersAfterwards},
			{"a killed server comes back with its ports, users and rooms", aKilledServerComesBackAsItWas},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(t, ctx, s) })
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func twoClientsTalkInARoomAndDirectly(t *testing.T, ctx context.Context, s *Server) {
	john := DialHuman(t, s, "john", `p"w\john`, "phone")
	mary := SlixmppUser(t, s, "mary", "pw mary", "desk")
	room := s.Room("ops")

	check(t, john.Join(ctx, room, "John Doe"))
	own, err := mary.Join(ctx, room, "Mary")
	check(t, err)
	if !slices.Contains(own.Codes, 110) || !slices.Contains(own.Codes, 100) {
		t.Errorf("status codes %v of a non-anonymous room, want 100 and 110", own.Codes)
	}
	if slices.Contains(own.Codes, 201) {
		t.Errorf("status codes %v: the room was made by this join, not by Options.Rooms", own.Codes)
	}
	seen, err := mary.Expect(ctx, func(e Event) bool { return e.Kind == "presence" && e.From == room+"/John Doe" })
	check(t, err)
	if seen.RealJID != john.JID() {
		t.Errorf("the room shows John as %q, want %q", seen.RealJID, john.JID())
	}

	check(t, john.SayRoom(room, "a <b> & 🫩"))
	_, err = mary.Expect(ctx, Says(room+"/John Doe", "a <b> & 🫩"))
	check(t, err)
	id, err := mary.Send(ctx, Outgoing{To: room, Type: "groupchat", Body: "hello room", Thread: "t1"})
	check(t, err)
	echo, err := mary.Expect(ctx, Says(room+"/Mary", "hello room"))
	check(t, err)
	if echo.ID != id || echo.Thread != "t1" {
		t.Errorf("the echo has id %q and thread %q, want %q and t1", echo.ID, echo.Thread, id)
	}
	heard, err := john.Expect(ctx, Messages(room+"/Mary", "hello room"))
	check(t, err)
	if heard.Type != "groupchat" || heard.Thread != "t1" {
		t.Errorf("John hears %+v", heard)
	}

	check(t, john.Say(mary.JID(), "hi"))
	_, err = mary.Expect(ctx, Says(john.JID(), "hi"))
	check(t, err)
	_, err = mary.Send(ctx, Outgoing{To: john.JID(), Body: "hi John", ReplyID: "x", WantReceipt: true, ChatState: "active"})
	check(t, err)
	_, err = john.Expect(ctx, Messages(mary.JID(), "hi John"))
	check(t, err)
}

func componentsReachAccountsAndAreAsked(t *testing.T, ctx context.Context, s *Server) {
	bot := SlixmppComponent(t, s, "bot.chat.local", `s3"cret\`)
	sms := SlixmppComponent(t, s, "sms.chat.local", "other")
	john := SlixmppUser(t, s, "john", `p"w\john`, "phone")

	_, err := john.Send(ctx, Outgoing{To: "555-555-5555@sms.chat.local", Body: "lunch?", ID: "id-1"})
	check(t, err)
	m, err := sms.Expect(ctx, Says("john@chat.local", "lunch?"))
	check(t, err)
	if m.ID != "id-1" || m.To != "555-555-5555@sms.chat.local" {
		t.Errorf("the component sees id %q to %q", m.ID, m.To)
	}
	_, err = bot.Send(ctx, Outgoing{To: john.JID(), Body: "from the bot", ID: "r1", WantReceipt: true})
	check(t, err)
	_, err = john.Expect(ctx, Says("bot@bot.chat.local", "from the bot"))
	check(t, err)
	_, err = bot.Expect(ctx, func(e Event) bool { return e.Receipt == "r1" && e.From == john.JID() })
	check(t, err)
	if _, err := sms.Join(ctx, s.Room("ops"), "gateway"); err != nil {
		t.Errorf("a component can't join a room: %v", err)
	}

	check(t, john.Ping(ctx, "bot@bot.chat.local"))
	info, err := john.DiscoInfo(ctx, s.RoomsDomain, "")
	check(t, err)
	if len(info.Identities) == 0 || info.Identities[0].Category != "conference" {
		t.Errorf("the rooms' identities are %+v", info.Identities)
	}
	items, err := john.DiscoItems(ctx, s.Domain, "")
	check(t, err)
	var names []string
	for _, i := range items {
		names = append(names, i.JID)
	}
	all := strings.Join(names, " ")
	if !strings.Contains(all, "bot.chat.local") || strings.Contains(all, "setup.") {
		t.Errorf("the server's items are %v, want the components and not our own", names)
	}
}

func slixmppReadsTheServersOwnAnswers(t *testing.T, ctx context.Context, s *Server) {
	x := SlixmppUser(t, s, "john", `p"w\john`, "phone")
	v, err := x.Version(ctx, s.Domain)
	if err != nil || !strings.EqualFold(v.Name, s.Kind) {
		t.Errorf("version %+v, %v", v, err)
	}
	if up, err := x.LastActivity(ctx, s.Domain); err != nil || up > time.Minute {
		t.Errorf("the server is up for %s, %v", up, err)
	}
	if now, err := x.EntityTime(ctx, s.Domain); err != nil || time.Since(now).Abs() > 10*time.Second {
		t.Errorf("the server's time is %s, %v", now, err)
	}
	_, err = x.IQ(ctx, "john@chat.local", "set",
		"<vCard xmlns='vcard-temp'><FN>John Doe</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard>")
	check(t, err)
	card, err := x.VCard(ctx, "john@chat.local")
	if err != nil || card.FullName != "John Doe" || string(card.Photo) != "hello" || card.PhotoType != "image/png" {
		t.Errorf("vCard %+v, %v", card, err)
	}
	var condition *SlixmppError
	if _, err := x.IQ(ctx, s.Domain, "get", "<query xmlns='urn:example:unknown'/>"); !asSlixmpp(err, &condition) ||
		condition.Condition != "service-unavailable" {
		t.Errorf("an unknown query is answered by %v", err)
	}
}

func asSlixmpp(err error, target **SlixmppError) bool {
	e, ok := err.(*SlixmppError)
	*target = e
	return ok
}

func invitationsAndSubscriptionsArrive(t *testing.T, ctx context.Context, s *Server) {
	john := DialHuman(t, s, "john", `p"w\john`, "phone")
	mary := SlixmppUser(t, s, "mary", "pw mary", "desk")
	bot := SlixmppComponent(t, s, "bot.chat.local", `s3"cret\`)
	room := s.Room("party")
	own, err := mary.Join(ctx, room, "Mary")
	check(t, err)
	if own.Affiliation != "owner" || own.Role != "moderator" {
		t.Errorf("who opens a room is %s, %s in it", own.Affiliation, own.Role)
	}
	for _, mediated := range []bool{false, true} {
		check(t, mary.Invite(ctx, room, "bot@bot.chat.local", mediated))
		e, err := bot.Expect(ctx, func(e Event) bool { return e.Invite == room })
		check(t, err)
		if e.Kind != "message" {
			t.Errorf("the invitation is %v", e)
		}
	}

	check(t, john.Subscribe("mary@chat.local"))
	_, err = mary.Expect(ctx, func(e Event) bool { return e.Type == "subscribe" && e.From == "john@chat.local" })
	check(t, err)
	check(t, mary.Presence(ctx, "john@chat.local", "subscribed"))
	_, err = john.Expect(ctx, func(m Msg) bool { return m.Type == "subscribed" && m.From == "mary@chat.local" })
	check(t, err)
}

func hostileTextReachesAComponentRaw(t *testing.T, ctx context.Context, s *Server) {
	bot := SlixmppComponent(t, s, "bot.chat.local", `s3"cret\`)
	john := SlixmppUser(t, s, "john", `p"w\john`, "phone")
	check(t, john.Raw(ctx, "<message to='x@bot.chat.local/a&apos;b &lt;c>' id='a&quot;b'><odd xmlns='urn:odd'><deep/></odd></message>"))
	e, err := bot.Expect(ctx, func(e Event) bool { return e.ID == `a"b` })
	check(t, err)
	if !strings.Contains(e.XML, "urn:odd") || e.To != "x@bot.chat.local/a'b <c>" {
		t.Errorf("the component gets %q", e.XML)
	}
	check(t, john.Raw(ctx, "<not xml"+"<"))
	_, err = john.Expect(ctx, func(e Event) bool { return e.Kind == "disconnected" })
	check(t, err)
}

func aKilledServerComesBackAsItWas(t *testing.T, ctx context.Context, s *Server) {
	check(t, s.AddUser(ctx, "late", "pw late"))
	before := DialHuman(t, s, "john", `p"w\john`, "phone")
	pid, addr := s.PID(), s.C2S
	check(t, s.Kill())
	if _, err := before.Expect(ctx, func(Msg) bool { return false }); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("the Human doesn't notice the crash: %v", err)
	}
	if s.PID() != 0 {
		t.Error("a killed server has a process id")
	}
	check(t, s.Restart(ctx))
	if s.PID() == pid || s.C2S != addr {
		t.Errorf("after the restart: process %d at %s, before %d at %s", s.PID(), s.C2S, pid, addr)
	}
	late := DialHuman(t, s, "late", "pw late", "phone")
	check(t, late.Join(ctx, s.Room("ops"), "Late"))
	check(t, s.Restart(ctx)) // and in good order
	x := SlixmppUser(t, s, "mary", "pw mary", "desk")
	own, err := x.Join(ctx, s.Room("ops"), "Mary")
	if err != nil || slices.Contains(own.Codes, 201) {
		t.Errorf("the room after a restart: %v, %v", own.Codes, err)
	}
}

func aPausedServerAnswersAfterwards(t *testing.T, ctx context.Context, s *Server) {
	john := DialHuman(t, s, "john", `p"w\john`, "phone")
	check(t, s.Pause())
	check(t, john.Say(john.JID(), "to myself"))
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if m, err := john.Expect(short, Messages(john.JID(), "to myself")); err == nil {
		t.Errorf("a paused server delivers %v", m)
	}
	check(t, s.Resume())
	_, err := john.Expect(ctx, Messages(john.JID(), "to myself"))
	check(t, err)
}

func TestTheBotsMechanismsCanBeChosen(t *testing.T) {
	o := two()
	o.TLS12Only, o.ChannelBinding = true, true
	o.DisableSASL = []string{"PLAIN"}
	onEach(t, o, func(t *testing.T, ctx context.Context, s *Server) {
		john := DialHuman(t, s, "john", `p"w\john`, "phone")
		if !strings.HasSuffix(john.client.Mechanism, "-PLUS") {
			t.Errorf("over TLS 1.2 go-xmpp logs in with %s, want a -PLUS mechanism", john.client.Mechanism)
		}
	})
}

func aBigStanzaPasses(t *testing.T, ctx context.Context, s *Server) {
	bot := SlixmppComponent(t, s, "bot.chat.local", `s3"cret\`)
	john := SlixmppUser(t, s, "john", `p"w\john`, "phone")
	big := strings.Repeat("x", 1<<20)
	_, err := john.Send(ctx, Outgoing{To: "bot@bot.chat.local", Body: big, ID: "big"})
	check(t, err)
	e, err := bot.Expect(ctx, func(e Event) bool { return e.ID == "big" })
	check(t, err)
	if len(e.Body) != len(big) {
		t.Errorf("the component gets %d bytes (%s)", len(e.Body), e.Error)
	}
}

func TestStopLeavesNoProcessAndNoFile(t *testing.T) {
	for kind, start := range map[string]func(context.Context, Options) (*Server, error){
		"prosody": StartProsody, "ejabberd": StartEjabberd,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			Need(t, kind)
			s, err := start(t.Context(), two())
			check(t, err)
			if os.Geteuid() == 0 && s.account == nil {
				t.Error("the server runs as root")
			}
			if len(processesIn(s.Dir)) == 0 {
				t.Fatal("the test doesn't find the server's processes")
			}
			check(t, s.Stop())
			check(t, s.Stop())
			if left := processesIn(s.Dir); len(left) > 0 {
				t.Errorf("processes are left: %v", left)
			}
			if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
				t.Errorf("the folder is left: %v", err)
			}
		})
	}
}

func TestAGivenFolderStays(t *testing.T) {
	dir := t.TempDir()
	s := Prosody(t, Options{Dir: dir, Domain: "other.test", Users: map[string]string{"john": "x"}})
	if s.Domain != "other.test" || s.Room("a") != "a@rooms.other.test" || s.Room("a@b") != "a@b" {
		t.Errorf("names of another domain: %s, %s", s.Domain, s.Room("a"))
	}
	DialHuman(t, s, "john", "x", "phone").Close()
	check(t, s.Stop())
	if _, err := os.Stat(filepath.Join(dir, "prosody.cfg.lua")); err != nil {
		t.Error(err)
	}
}

func TestABadConfigurationFailsWithTheServersOwnWords(t *testing.T) {
	Need(t, "prosody", "ejabberd")
	for kind, start := range map[string]func(context.Context, Options) (*Server, error){
		"prosody": StartProsody, "ejabberd": StartEjabberd,
	} {
		s, err := start(t.Context(), Options{Extra: "nonsense {{{"})
		if err == nil {
			t.Errorf("%s starts with nonsense in its configuration", kind)
			check(t, s.Stop())
		} else if !strings.Contains(err.Error(), "ended while starting") || strings.Count(err.Error(), "\n") < 2 {
			t.Errorf("%s: the error doesn't carry the log: %v", kind, err)
		}
	}
}

func TestATakenPortIsMendedByAnother(t *testing.T) {
	for kind, start := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{})
			check(t, s.end(syscall.SIGTERM))
			thief, err := net.Listen("tcp4", s.C2S)
			check(t, err)
			if err := s.launch(t.Context()); !errors.Is(err, errPortTaken) {
				t.Errorf("a start on a taken port: %v", err)
			}
			check(t, thief.Close())
			check(t, s.Restart(t.Context()))
		})
	}
}

// processesIn lists the processes that name dir in their command line or work
// in it, zombies left out.
func processesIn(dir string) []string {
	var found []string
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		cmd, err := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		cwd, _ := os.Readlink("/proc/" + e.Name() + "/cwd")
		if err == nil && (bytes.Contains(cmd, []byte(dir)) || strings.HasPrefix(cwd, dir)) {
			found = append(found, e.Name()+" "+strings.ReplaceAll(string(cmd), "\x00", " "))
		}
	}
	return found
}
