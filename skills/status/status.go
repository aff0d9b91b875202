// Package status is the skill that knows how machines are: it watches them by
// package check, answers get-status from memory, and tells subscribers when
// one goes down, comes back or can no longer be seen.
//
// Machines come from skills.yaml or are added in chat; where both declare one
// of the same name, the file's counts. What was added, who subscribed and of
// which states people were told survive a restart.
//
// A check never waits for the database or for a transport: what it finds goes
// to the teller, which stores the new state and adds the notices to the outbox
// in one transaction. A change that was interrupted by a stop or a crash is
// found and told again, and nobody hears it twice.
//
// It keeps no history, and does not follow a notice any further: to deliver it
// in order, to try again and to give it up is the outbox's business. With a
// bot.Notifier that has none, a notice that its transport does not take is
// lost.
package status

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dragoman/bot"
	"dragoman/internal/clock"
	"dragoman/scheduler"
	"dragoman/skills/internal/strictyaml"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// Config is the skill's part of skills.yaml.
type Config struct {
	// Interval is the time between two checks of a machine.
	Interval time.Duration `yaml:"interval"`
	// Timeout ends one check of a machine that names no own.
	Timeout time.Duration `yaml:"timeout"`
	// Failures is how many checks in a row must say so before a machine
	// counts as down or unknown. One success brings it back.
	Failures int `yaml:"failures"`
	// Machines are those that the file declares; they cannot be removed in
	// chat.
	Machines []Machine `yaml:"machines"`
}

// Defaults are the settings of a file that says nothing.
func Defaults() Config {
	return Config{Interval: 15 * time.Second, Timeout: 5 * time.Second, Failures: 2}
}

// Validate checks what the types alone don't.
func (c *Config) Validate() error {
	var errs []error
	wrong := func(path, format string, args ...any) {
		errs = append(errs, strictyaml.Key(path, fmt.Errorf(format, args...)))
	}
	if c.Interval < time.Second {
		wrong("interval", "it must be at least 1s")
	}
	if c.Timeout < minTimeout || c.Timeout > maxTimeout {
		wrong("timeout", "it must be between %v and %v", minTimeout, maxTimeout)
	}
	if c.Failures < 1 {
		wrong("failures", "it must be at least 1")
	}
	first := make(map[string]int)
	for i, m := range c.Machines {
		path := fmt.Sprintf("machines[%d]", i)
		if _, err := check.New(m.Spec, check.Deps{XMPP: noXMPP{}}); err != nil {
			wrong(path, "%w", err)
		}
		if m.Timeout != 0 && (m.Timeout < minTimeout || m.Timeout > maxTimeout) {
			wrong(path+".timeout", "it must be between %v and %v", minTimeout, maxTimeout)
		}
		name, err := tidyName(m.Name)
		if err != nil {
			wrong(path+".name", "%w", err)
			continue
		}
		if earlier, taken := first[key(name)]; taken {
			wrong(path+".name", "machines[%d] is called %q too, and case does not count", earlier, c.Machines[earlier].Name)
		} else {
			first[key(name)] = i
		}
	}
	return errors.Join(errs...)
}

// Bounds of a check's timeout.
const (
	minTimeout = time.Millisecond
	maxTimeout = time.Minute
)

// noXMPP lets a configuration be checked before there is a connection.
type noXMPP struct{ check.Prober }

// Machine is one thing to watch.
type Machine struct {
	// Name is what people call it, unique without regard to case.
	Name string `yaml:"name" required:"true"`
	// Spec says how to find out how it is.
	check.Spec
}

// maxName bounds a machine's name, in runes.
const maxName = 64

// tidyName is the name as people see it: with single spaces, and nothing in it
// that would disturb the line that it is shown in.
func tidyName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	disturbs := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	if name == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, disturbs) {
		return "", bot.Refuse("A machine needs a name of 1 to %d ordinary characters.", maxName)
	}
	return name, nil
}

// Deps are what the skill works with.
type Deps struct {
	DB     *store.DB
	Notify bot.Notifier
	Clock  clock.Clock
	Log    *slog.Logger
	// Check is handed on to the checks.
	Check check.Deps
	// NewCheck makes the checks; nil means check.New.
	NewCheck func(check.Spec, check.Deps) (check.Check, error)
	// Workers bounds how many checks run at once; zero means 2048.
	Workers int
}

// defaultWorkers is enough for 10,000 machines at an interval of 30 s when none
// of them answers within the timeout of 5 s. A check that waits costs one
// goroutine and one socket.
const defaultWorkers = 2048

// Skill implements bot.Skill and bot.Runner.
type Skill struct {
	cfg   Config
	deps  Deps
	log   *slog.Logger
	store *machineStore
	sched *scheduler.Scheduler
	watch *watch
	tell  *teller

	leftOut names // machines that are stored and cannot be checked
}

// names is a set of machines' names. The zero value is empty.
type names struct {
	mu sync.Mutex
	by map[string]bool
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.by == nil {
		n.by = make(map[string]bool)
	}
	n.by[key(name)] = true
}

func (n *names) has(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[key(name)]
}

func (n *names) remove(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.by, key(name))
}

// New prepares the tables and loads what was known before. A machine of the
// file that cannot be checked is an error; one that was added in chat and no
// longer can, or that the file declares by now, is logged and left out.
func New(ctx context.Context, cfg Config, deps Deps) (*Skill, error) {
	if deps.Workers == 0 {
		deps.Workers = defaultWorkers
	}
	if deps.NewCheck == nil {
		deps.NewCheck = check.New
	}
	s := &Skill{cfg: cfg, deps: deps, log: deps.Log.With("skill", "status"), store: &machineStore{deps.DB}}
	s.sched = scheduler.New(deps.Clock, s.log, deps.Workers)
	s.watch = newWatch(s)
	s.tell = newTeller(s)
	if err := s.store.migrate(ctx); err != nil {
		return nil, err
	}
	states, err := s.store.states(ctx)
	if err != nil {
		return nil, err
	}
	for i, m := range cfg.Machines {
		if m.Name, err = tidyName(m.Name); err == nil {
			_, err = s.watch.add(m, true, states[key(m.Name)])
		}
		if err != nil {
			return nil, fmt.Errorf("machines[%d]: %w", i, err)
		}
	}
	return s, s.addStored(ctx, states)
}

// addStored watches the machines that were added in chat.
func (s *Skill) addStored(ctx context.Context, states map[string]stateRow) error {
	added, err := s.store.machines(ctx)
	if err != nil {
		return err
	}
	for _, m := range added {
		if _, declared := s.watch.get(m.Name); declared {
			s.log.Warn("a machine that was added in chat is declared in skills.yaml too, which counts; "+
				"the other comes back when that is taken out", "machine", m.Name)
			continue
		}
		if _, err := s.watch.add(m, false, states[key(m.Name)]); err != nil {
			s.leftOut.add(m.Name)
			s.log.Error("a machine that was added in chat can no longer be checked and is left out; add it anew", "machine", m.Name, "err", err)
		}
	}
	return nil
}

// Name is the key in skills.yaml.
func (*Skill) Name() string { return "status" }

// Run checks the machines and tells subscribers until ctx ends. What was found
// by then is still told, as far as the transports take it within a second.
func (s *Skill) Run(ctx context.Context) error {
	telling, stop := context.WithCancel(context.WithoutCancel(ctx))
	told := make(chan struct{})
	go func() {
		defer close(told)
		s.tell.run(telling)
	}()
	err := s.sched.Run(ctx)
	stop() // no check is left that could find something
	<-told
	return err
}

// key is the form of a name under which it is unique.
func key(name string) string { return strings.ToLower(norm.NFC.String(name)) }
