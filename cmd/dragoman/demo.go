package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dragoman/internal/counterpart"
)

// Who is who in the demo.
const (
	demoDomain  = "mycomponent.chat.local"
	demoBot     = "bot@" + demoDomain
	demoNick    = "dragoman"
	demoPerson  = "John Doe"
	demoRoom    = "ops"
	demoMachine = "machine1"
)

// demoPatience bounds each wait for an answer. A machine counts as down after
// two checks, a second apart.
const demoPatience = 15 * time.Second

// demoConfig is the skills.yaml of the demo: folder, component address,
// secret, room, machine address.
const demoConfig = `# Written by dragoman demo, and removed at its end.
bot: {name: ` + demoNick + `, admins: [john@chat.local]}
store: {url: "sqlite:%s/bot.db"}
nlu: {learn: false} # it starts at once, and dragoman chat shows what it learns
xmpp:
  components:
    - {domain: ` + demoDomain + `, address: "%s", secret: "%s", rooms: ["%s"]}
skills:
  ping: {enabled: true}
  status:
    enabled: true
    config: {interval: 1s, failures: 2, machines: [{name: ` + demoMachine + `, check: tcp, target: "%s"}]}
`

// demoCmd is dragoman demo.
type demoCmd struct{}

// Help is shown by dragoman demo --help.
func (*demoCmd) Help() string {
	return `It starts a Prosody on free loopback ports with its data in a throwaway folder, a machine to watch (a process of its
own) and the bot as a component, and lets you write to the bot as john. Without a terminal on standard input it plays
the conversation itself, checks it word for word and exits 0 or 1. Nothing is left behind. No configuration file is
read.

Examples:
  dragoman demo
  dragoman demo </dev/null
  dragoman demo --log-level debug`
}

// Run shows the bot at work, and cleans up however that ends.
func (*demoCmd) Run(i *invocation) (err error) {
	if counterpart.Missing("prosody") != nil {
		return errors.New("the demo needs the XMPP server Prosody, which is not installed\n" +
			"  install it:      make demo does that; or sudo apt-get install prosody\n" +
			"  or do without:   dragoman chat is the same bot in this terminal")
	}
	if err := directLoopback(); err != nil {
		return err
	}
	// A terminal that is closed and a reader that went away end the demo as
	// Ctrl-C does: by cleaning up.
	signals, stop := signal.NotifyContext(i.ctx, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	ctx, fail := context.WithCancelCause(signals)
	defer fail(nil)

	d := &demo{fail: fail}
	defer func() { err = errors.Join(err, d.close()) }()
	talk := terminal(i.std.in)
	err = d.open(ctx, i.log)
	switch {
	case err != nil:
	case talk:
		err = d.talk(ctx, i.std)
	default:
		err = d.play(ctx, i.std.out)
	}
	if signals.Err() == nil {
		return err
	}
	if talk {
		return nil // Ctrl-C is a way to say goodbye
	}
	return errors.New("interrupted before the end")
}

// directLoopback keeps go-xmpp, which obeys HTTP_PROXY for every address, from
// asking a proxy for a server on this machine. The environment is that of the
// demo alone.
func directLoopback() error {
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		list := strings.Join(append(strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' }), "127.0.0.1"), ",")
		if err := os.Setenv(name, list); err != nil {
			return err
		}
	}
	return nil
}

// demo is everything that the demo has started.
type demo struct {
	fail context.CancelCauseFunc // ends the demo for a reason

	folder  string
	server  *counterpart.Server
	machine *machine
	john    *counterpart.Human
	stopBot context.CancelFunc
	botDone chan struct{}

	room         string
	maryPassword string
}

// open starts everything, in the order in which one needs the other.
func (d *demo) open(ctx context.Context, log *slog.Logger) error {
	johnPassword, secret := rand.Text(), rand.Text()
	d.maryPassword = rand.Text()[:10]
	var err error
	if d.folder, err = os.MkdirTemp("", "dragoman-demo-"); err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	d.server, err = counterpart.StartProsody(ctx, counterpart.Options{
		Components: map[string]string{demoDomain: secret},
		Users:      map[string]string{"john": johnPassword, "mary": d.maryPassword},
		Rooms:      []string{demoRoom},
	})
	if err != nil {
		return err
	}
	d.room = d.server.Room(demoRoom)
	if d.machine, err = startMachine(ctx, ""); err != nil {
		return err
	}
	file := filepath.Join(d.folder, "skills.yaml")
	config := fmt.Sprintf(demoConfig, d.folder, d.server.Component(demoDomain), secret, d.room, d.machine.address)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return fmt.Errorf("write the configuration of the demo: %w", err)
	}
	d.startBot(ctx, file, log)
	return d.enterRoom(ctx, johnPassword)
}

// startBot runs the bot as dragoman run would. When it ends by itself so does
// the demo.
func (d *demo) startBot(ctx context.Context, file string, log *slog.Logger) {
	ctx, d.stopBot = context.WithCancel(ctx)
	d.botDone = make(chan struct{})
	go func() {
		defer close(d.botDone)
		if err := serve(ctx, file, log); err != nil {
			d.fail(fmt.Errorf("the bot ended: %w", err))
		}
	}()
}

// enterRoom logs john in, and returns when he sees the bot in the room.
func (d *demo) enterRoom(ctx context.Context, password string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, demoPatience, fmt.Errorf("it took longer than %v", demoPatience))
	defer cancel()
	var err error
	if d.john, err = counterpart.Dial(ctx, d.server, "john", password, "demo"); err != nil {
		return err
	}
	// By his vCard the bot knows his name before he has been in any room.
	if err := d.john.Raw("<iq type='set' id='card'><vCard xmlns='vcard-temp'><FN>" + demoPerson + "</FN></vCard></iq>"); err != nil {
		return err
	}
	if err := d.john.Join(ctx, d.room, demoPerson); err != nil {
		return err
	}
	_, err = d.john.Expect(ctx, func(m counterpart.Msg) bool {
		return m.Kind == "presence" && m.From == d.room+"/"+demoNick && m.Type == ""
	})
	if err != nil {
		return fmt.Errorf("the bot did not come into the room: %w", err)
	}
	return nil
}

// close ends everything that open started, the last first.
func (d *demo) close() error {
	var errs []error
	if d.stopBot != nil {
		d.stopBot()
		<-d.botDone
	}
	if d.john != nil {
		d.john.Close()
	}
	if d.machine != nil {
		d.machine.stop()
	}
	if d.server != nil {
		errs = append(errs, d.server.Stop())
	}
	if d.folder != "" {
		errs = append(errs, os.RemoveAll(d.folder))
	}
	return errors.Join(errs...)
}
