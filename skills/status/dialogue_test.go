package status

import (
	"fmt"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/bottest"
	"dragoman/skills/status/check"
)

func TestTheFirstConversationOfTheDesign(t *testing.T) {
	fake := &machines{}
	fake.plan("machine1:1", phase{5 * time.Hour, check.Down})
	play(t, two(), fake, `
		... 3h30m ...
		John Doe: get-status machine1
		bot: machine1 is currently running for 3 hours
		John Doe: subscribe machine1
		bot: John Doe is now subscribed to changes to machine1
		John Doe@ops: dragoman: subscribe machine1
		bot@ops: John Doe is now subscribed to changes to machine1
		mary@ops: dragoman: subscribe machine1
		bot@ops: mary is now subscribed to changes to machine1
		... 2h ...
		bot -> John Doe: machine1 has gone down.
		bot@ops: machine1 has gone down.
	`)
}

func TestHowStatesAreSaid(t *testing.T) {
	fake := &machines{}
	fake.plan("web1:1", phase{2 * time.Hour, check.Down}, phase{5 * time.Hour, check.Up},
		phase{30 * time.Hour, check.Unknown}, phase{31 * time.Hour, check.Down}, phase{32 * time.Hour, check.Unknown}, phase{33 * time.Hour, check.Up})
	play(t, two(), fake, `
		john: get-status web1
		bot: web1 is currently running for 1 second
		john: subscribe web1
		bot: john is now subscribed to changes to web1
		... 1m30s ...
		john: get-status web1
		bot: web1 is currently running for 1 minute
		... 59m ...
		john: get-status web1
		bot: web1 is currently running for 1 hour
		... 1h ...
		bot: web1 has gone down.
		john: get-status web1
		bot: web1 is down for 28 seconds: connection refused
		... 1h ...
		john: get-status web1
		bot: web1 is down for 1 hour: connection refused
		... 2h ...
		bot: web1 is up again after 3 hours.
		... 25h ...
		bot: web1 can no longer be seen; its state is unknown.
		john: get-status web1
		bot: web1 is in an unknown state for 28 seconds
		... 1h ...
		bot: web1 has gone down.
		... 1h ...
		bot: web1 can no longer be seen; its state is unknown.
		... 1h ...
		bot: web1 can be seen again; it is up.
		john: list machines
		bot: /I watch:\nmachine1  up  1 day\nweb1      up  .+/
	`)
}

func TestAMachineIsFoundHoweverItsNameIsWritten(t *testing.T) {
	cfg := two()
	for _, name := range []string{"Web Server 2", "ÉCOLE", "db 🐘", `the "big" one`, "backup's"} {
		cfg.Machines = append(cfg.Machines, Machine{Name: name, Spec: check.Spec{Kind: "tcp", Target: "x:1"}})
	}
	play(t, cfg, &machines{}, `
		john: get-status MACHINE1
		bot: machine1 is currently running ...
		john: get-status machine1?
		bot: machine1 is currently running ...
		john: get-status "machine1" ?
		bot: machine1 is currently running ...
		john: get status web server 2
		bot: Web Server 2 is currently running ...
		john: get-status  Web   Server	2!
		bot: Web Server 2 is currently running ...
		john: get-status “web server 2”
		bot: Web Server 2 is currently running ...
		john: get-status école
		bot: ÉCOLE is currently running ...
		john: get-status école
		bot: ÉCOLE is currently running ...
		john: get-status db 🐘?
		bot: db 🐘 is currently running ...
		john: get-status the "big" one
		bot: the "big" one is currently running ...
		john: get-status backup's
		bot: backup's is currently running ...
		john: what's the status of machine1?
		bot: machine1 is currently running ...
		john: is Web Server 2 up?
		bot: Web Server 2 is currently running ...
		john: how is db 🐘 doing?
		bot: db 🐘 is currently running ...
	`)
}

func TestAMachineThatIsNotKnown(t *testing.T) {
	play(t, two(), &machines{}, `
		john: get-status machin1
		bot: I know no machine "machin1". Did you mean machine1?
		john: subscribe wbe1
		bot: I know no machine "wbe1". Did you mean web1?
		john: unsubscribe "wbe1"?
		bot: I know no machine "wbe1". Did you mean web1?
		john: get-status printer
		bot: I know no machine "printer". Say list machines to see them all. Which ...
		john: get-status %s%n <b>
		bot: I know no machine "%s%n <b>". Say list machines to see them all. Which ...
		john: get-status
		bot: /Which machine\?.*machine1.*web1.*/
		john: web1
		bot: web1 is currently running ...
	`)
}

func TestSubscriptionsBelongToAPersonInAPlace(t *testing.T) {
	fake := &machines{}
	fake.plan("web1:1", phase{time.Hour, check.Down}, phase{2 * time.Hour, check.Up})
	play(t, two(), fake, `
		john: subscriptions
		bot: john is subscribed to nothing here
		john: subscribe web1
		bot: john is now subscribed to changes to web1
		john: subscribe WEB1
		bot: john is already subscribed to changes to web1
		john: subscribe machine1
		bot: john is now subscribed to changes to machine1
		john: subscriptions
		bot: john is subscribed to changes to machine1, web1

		john@ops: dragoman: subscriptions
		bot@ops: john is subscribed to nothing here
		john@ops: dragoman: unsubscribe web1
		bot@ops: john is not subscribed to changes to web1 here
		john@ops: dragoman: subscribe web1
		bot@ops: john is now subscribed to changes to web1
		mary@ops: dragoman: subscriptions
		bot@ops: mary is subscribed to nothing here
		mary@ops: dragoman: subscribe web1
		bot@ops: mary is now subscribed to changes to web1
		... 1h1m ...
		bot -> john: web1 has gone down.
		bot@ops: web1 has gone down.

		# One of two leaves the room's subscription, and the room is still told.
		mary@ops: dragoman: unsubscribe web1
		bot@ops: mary is no longer subscribed to changes to web1
		mary@ops: dragoman: unsubscribe web1
		bot@ops: mary is not subscribed to changes to web1 here
		john: unsubscribe web1
		bot: john is no longer subscribed to changes to web1
		john: subscriptions
		bot: john is subscribed to changes to machine1
		... 1h ...
		bot@ops: web1 is up again after 1 hour.
	`)
}

func TestSubscribingInsideARoomInPrivate(t *testing.T) {
	fake := &machines{}
	fake.plan("web1:1", phase{time.Hour, check.Down})
	play(t, two(), fake, `
		john@ops -> bot: subscribe web1
		bot: john is now subscribed to changes to web1
		... 1h1m ...
		bot -> john: web1 has gone down.
	`)
}

func TestMachinesAreAddedAndRemovedInChat(t *testing.T) {
	fake := &machines{}
	fake.set("127.0.0.1:9", check.Down, "connection refused")
	play(t, two(), fake, `
		john: add machine db1 tcp 127.0.0.1:9
		bot: I now watch db1
		john: get-status db1
		bot: db1 is down for 1 second: connection refused
		john: add machine DB1 tcp 127.0.0.1:10
		bot: There is already a machine db1.
		john: add machine "Web Server 2" TCP 127.0.0.1:80
		bot: I now watch Web Server 2
		john: add machine "🐘  db" http http://127.0.0.1/
		bot: I now watch 🐘 db
		john: list machines
		bot: /I watch:\ndb1 .*machine1.*Web Server 2.*🐘 db.*/
		john: subscribe web server 2
		bot: john is now subscribed to changes to Web Server 2
		john: remove machine web server 2
		bot: I no longer watch Web Server 2
		john: get-status Web Server 2
		bot: I know no machine "Web Server 2". Say list machines to see them all. Which ...
		john: subscriptions
		bot: john is subscribed to nothing here
		john: remove machine machine1
		bot: machine1 is declared in skills.yaml; take it out there.
		john: remove machine nothing
		bot: I know no machine "nothing". Say list machines to see them all. Which ...
		john: add machine machine1 tcp 127.0.0.1:22
		bot: There is already a machine machine1.
		john: add machine
		bot: What is the machine called?
		john: nas
		bot: /How shall I check it\?.*local.*tcp.*http.*/
		john: local
		bot: I now watch nas
	`)
}

func TestAMachineThatCannotBeAddedSaysWhatIsNeeded(t *testing.T) {
	play(t, Defaults(), &machines{}, `
		john: list machines
		bot: I watch no machine yet. An administrator adds one: add machine web1 tcp 127.0.0.1:22
		john: add machine db1 tpc 127.0.0.1:9
		bot: I cannot watch db1: there is no check "tpc"; did you mean "tcp"?
		john: add machine db1 smtp 127.0.0.1:25
		bot: /I cannot watch db1: there is no check "smtp"; there are local, tcp, http, .*/
		john: add machine db1 https https://127.0.0.1/
		bot: I cannot watch db1: there is no check "https"; did you mean "http"?
		john: add machine db1 tcp 127.0.0.1
		bot: /I cannot watch db1: .*host:port.*/
		john: add machine db1 tcp
		bot: /I cannot watch db1: .*host:port.*/
		john: add machine db1 http 127.0.0.1
		bot: /I cannot watch db1: .*https?:.*/
		john: add machine db1 local 127.0.0.1
		bot: I cannot watch db1: local takes no target: it is the machine that this program runs on
		john: add machine db1 xmpp-ping chat.local
		bot: I cannot watch db1: xmpp-ping needs an XMPP connection, and this program has none
		john: add machine db1 prometheus http://127.0.0.1:9090
		bot: I cannot watch db1: prometheus needs to know which target is meant: ...
		john: add machine aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa tcp 127.0.0.1:9
		bot: A machine needs a name of 1 to 64 ordinary characters.
		john: list machines
		bot: I watch no machine yet. ...
	`)
}

func TestOnlyAdministratorsChangeTheMachines(t *testing.T) {
	cfg := bot.Config{Access: access.New([]string{"John@chat.test"})}
	playAs(t, cfg, two(), &machines{}, `
		mary: add machine db1 tcp 127.0.0.1:9
		bot: add machine is for administrators, and you are not one of them.
		mary: remove machine web1
		bot: remove machine is for administrators, and you are not one of them.
		mary: add machine
		bot: add machine is for administrators, and you are not one of them.
		mary: subscribe web1
		bot: mary is now subscribed to changes to web1
		mary: get-status web1
		bot: web1 is currently running ...
		john: add machine db1 tcp 127.0.0.1:9
		bot: I now watch db1
		john@ops: dragoman: remove machine db1
		bot@ops: I no longer watch db1
	`)
}

func TestConformance(t *testing.T) {
	cfg := two()
	cfg.Machines[0].Name = "sample" // what the kit asks for
	s := made(t, cfg, Deps{DB: inMemory(t), Notify: newWire(), NewCheck: (&machines{}).new})
	bottest.Conform(t, s)
}

func TestALongListIsCut(t *testing.T) {
	cfg := Defaults()
	for i := range 60 {
		cfg.Machines = append(cfg.Machines, Machine{Name: fmt.Sprintf("m%02d", i), Spec: check.Spec{Kind: "local"}})
	}
	play(t, cfg, &machines{}, `
		... 1m ...
		john: list machines
		bot: /I watch 60 machines; these are the first 50:\nm00  up  59 seconds\n(m\d\d  .*\n){48}m49  .*/
	`)
}

// Somebody subscribes while an administrator removes the machine: that is
// committed, and not known in memory yet.
func TestNoSubscriptionToAMachineThatIsGoneStays(t *testing.T) {
	s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: (&machines{}).new})
	chat := bottest.Start(t, bot.Config{}, still{s})
	defer chat.Stop()
	if got := chat.Ask(bottest.Direct("john", "add machine db1 tcp 127.0.0.1:1")); got != "I now watch db1" {
		t.Fatal(got)
	}
	if err := s.store.removeMachine(t.Context(), "db1"); err != nil {
		t.Fatal(err)
	}
	if got := chat.Ask(bottest.Direct("john", "subscribe db1")); got != "db1 has just been removed." {
		t.Error(got)
	}
	if subs, err := s.store.subscribers(t.Context(), []string{"db1"}); err != nil || len(subs) != 0 {
		t.Errorf("subscribers %+v, %v", subs, err)
	}
}

func TestAMachineThatIsNotKnownIsAskedForAgain(t *testing.T) {
	play(t, two(), &machines{}, `
		john: get-status nonsense
		bot: I know no machine "nonsense". Say list machines to see them all. Which machine?
		     (machine1 / web1)
		john: machin1
		bot: I know no machine "machin1". Did you mean machine1?
		john: machine1
		bot: machine1 is currently running ...
		john: subscribe machin1
		bot: I know no machine "machin1". Did you mean machine1?
		john: web1
		bot: john is now subscribed to changes to web1
		john@ops: dragoman: get-status nonsense
		bot@ops: I know no machine "nonsense". Say list machines ...
		john@ops: no idea
		john@ops: web1
		bot@ops: web1 is currently running ...
	`)
}
